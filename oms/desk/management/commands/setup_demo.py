"""Lay out the demo world once; afterwards only give it the token and the password that the environment fixes."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from oms.accounts.models import User
from oms.desk import demo
from oms.stack.home import write_private

NOBODYS = {"accounts": [], "password": "as you set it", "token": "as you made it"}


class Command(BaseCommand):
    help = "Lay out the demo world: accounts, places, stock, channels, carriers and a morning of orders."

    def handle(self, *args: Any, **options: Any) -> None:
        settings.OMS_HOME.mkdir(parents=True, exist_ok=True)
        path = settings.OMS_HOME / "demo.json"
        draft = path.with_suffix(".draft")
        if path.exists():
            self._draft(draft, demo.follow(json.loads(path.read_text()), **demo.wanted()))
        elif not User.objects.exists():
            self._lay_out(draft)
        elif not draft.exists():
            self.stdout.write("There are accounts already; nothing was changed.")
            self._draft(draft, NOBODYS)
        draft.replace(path)

    @transaction.atomic
    def _lay_out(self, draft: Path) -> None:
        """What was told is on the disk before the world is there: a kill in between must not lose the password."""
        self._draft(draft, demo.lay_out(**demo.wanted()))
        self.stdout.write(draft.read_text())

    def _draft(self, draft: Path, told: dict[str, Any]) -> None:
        write_private(draft, json.dumps(told, indent=1))
