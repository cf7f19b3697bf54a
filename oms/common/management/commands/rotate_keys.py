"""Encrypt every secret with the first key of OMS_FIELD_KEYS, so that the older keys can be taken away.

`--new` only prints a fresh key: put it in front of the others, restart, then run this command.
"""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import models, transaction

from oms.common.fields import EncryptedJSONField


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--new", action="store_true", help="print a new key and do nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["new"]:
            self.stdout.write(secrets.token_urlsafe(32))
            return
        for model in apps.get_models():
            names = [f.name for f in model._meta.concrete_fields if isinstance(f, EncryptedJSONField)]
            if names:
                self.stdout.write(f"{model._meta.label}: {self._rewrite(model, names)} rows")

    @staticmethod
    def _rewrite(model: type[models.Model], names: list[str]) -> int:
        """Row by row under its own lock: reading opens with any key, writing seals with the first."""
        count = 0
        for pk in model._base_manager.order_by("pk").values_list("pk", flat=True).iterator():
            with transaction.atomic():
                row = model._base_manager.select_for_update(no_key=True).filter(pk=pk).first()
                if row:
                    model._base_manager.filter(pk=pk).update(**{name: getattr(row, name) for name in names})
                    count += 1
        return count
