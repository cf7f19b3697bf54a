from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "oms.common"
    label = "common"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from oms.common import checks, mail  # noqa: F401  the checks and the mail handler register themselves
