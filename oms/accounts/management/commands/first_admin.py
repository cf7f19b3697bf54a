"""`manage.py first_admin you@example.com`: the person who sets everything else up, and the link to a password."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import ValidationError, validate_email

from oms.accounts import people
from oms.accounts.models import User
from oms.accounts.roles import Role
from oms.common.actors import SYSTEM
from oms.common.errors import Refused


class Command(BaseCommand):
    help = "Make an admin, or give an existing one a new link. The link sets a password, once, within two days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="Admin")

    def handle(self, *, email: str, name: str, **_: Any) -> None:
        try:
            validate_email(email)
            admin = User.objects.filter(email=email.strip().lower()).first() or people.invite(
                email, name=name, role=Role.ADMIN, all_locations=True, by=SYSTEM
            )
        except ValidationError:
            raise CommandError(f"“{email}” is no e-mail address.") from None
        except Refused as e:
            raise CommandError(str(e)) from None
        if admin.role != Role.ADMIN or not admin.is_active:
            raise CommandError(f"{admin.email} is no active admin. An admin can change that under Settings, Users.")
        self.stdout.write(f"{settings.BASE_URL}{people.password_link(admin, by=SYSTEM)}")
