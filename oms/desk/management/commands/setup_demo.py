"""Lay out the demo world, once."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from oms.accounts.models import User
from oms.desk import demo


class Command(BaseCommand):
    help = "Lay out the demo world: accounts, places, stock, channels, carriers and a morning of orders."

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.OMS_HOME) / "demo.json"
        if User.objects.exists():
            self.stdout.write("There are accounts already; nothing was changed.")
            if not path.exists():
                path.write_text(json.dumps({"accounts": [], "password": "as you set it", "token": "as you made it"}))
            return
        told = demo.lay_out(**demo.wanted())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(told, indent=1))
        path.chmod(0o600)
        self.stdout.write(json.dumps(told, indent=1))
