from importlib.util import find_spec

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "orders"
    label = "orders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from importlib import import_module

        for room in ("receivers", "outbox"):
            name = f"{self.name}.{room}"
            if find_spec(name):
                import_module(name)
