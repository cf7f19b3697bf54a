"""Accounts of the demo world, for its sign-in page."""

import json
from pathlib import Path

from django.conf import settings
from django.db.models import Case, IntegerField, Value, When

from oms.accounts.models import User
from oms.accounts.roles import Role

DOMAIN = "@demo.test"
ORDER = [Role.ADMIN, Role.LEAD, Role.AGENT, Role.PICKER, Role.PACKER, Role.RETURNS, Role.AUDITOR]


def accounts() -> list[User]:
    """The widest role first; none outside the demo world."""
    if not settings.OMS_DEMO:
        return []
    steps = [When(role=role, then=Value(step)) for step, role in enumerate(ORDER)]
    by_role = Case(*steps, default=Value(len(ORDER)), output_field=IntegerField())
    return list(User.objects.filter(email__endswith=DOMAIN, is_active=True).order_by(by_role, "email"))


def password() -> str:
    """What all of them share: given in the environment, or made up and kept beside the demo world's data."""
    if settings.OMS_DEMO_PASSWORD or not settings.OMS_DEMO:
        return settings.OMS_DEMO_PASSWORD if settings.OMS_DEMO else ""
    try:
        return json.loads((Path(settings.OMS_HOME) / "demo.json").read_text()).get("password", "")
    except (OSError, ValueError):
        return ""
