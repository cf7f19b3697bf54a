"""python -m tests.storm [--seconds 60] [--processes 16] [--seed 1]: one JSON line; 1 when anything went wrong."""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from tests.bench import servers


def main() -> int:
    options = _options()
    with servers.running(), tempfile.TemporaryDirectory(prefix="oms-storm-") as folder:
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.storm.settings"
        import django

        django.setup()
        from django.core.management import call_command

        from orders.models import Order
        from tests.storm import judging, running

        call_command("migrate", verbosity=0)
        if Order.objects.exists():
            raise SystemExit("This database has orders. Give the storm an empty one.")
        told = running.run(**vars(options), folder=Path(folder))
    print(json.dumps(told), flush=True)
    return 0 if judging.is_sound(told) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.storm", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--processes", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
