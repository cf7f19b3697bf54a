"""python -m tests.bench [kernel …] [--quick]: a JSON line each, on a Postgres that syncs every commit."""

import argparse
import os
import sys

from tests.bench import servers
from tests.bench.kernels import NAMES


def main() -> int:
    options = _options()
    with servers.running():
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
        import django

        django.setup()
        from tests.bench import running

        return running.measure(options.kernels or NAMES, quick=options.quick)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("kernels", nargs="*", metavar="kernel", help=", ".join(NAMES))
    parser.add_argument("--quick", action="store_true", help="smaller runs: to see that it works, not to quote")
    options = parser.parse_args()
    if unknown := set(options.kernels) - set(NAMES):
        parser.error(f"no such kernel: {', '.join(sorted(unknown))}. There are: {', '.join(NAMES)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
