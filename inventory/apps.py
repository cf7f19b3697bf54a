from importlib.util import find_spec

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "inventory"
    label = "inventory"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from importlib import import_module

        for room in ("receivers", "outbox"):
            name = f"{self.name}.{room}"
            if find_spec(name):
                import_module(name)
