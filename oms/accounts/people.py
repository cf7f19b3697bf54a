"""Colleagues come, change and go. There is always an admin, and nobody takes the keys from themselves."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from oms.accounts.models import User
from oms.accounts.roles import Role
from oms.common import audit, locking
from oms.common.errors import Invalid, Refused

FACTS = ("email", "name", "role", "is_active", "all_locations")


class LastAdmin(Refused):
    """Somebody must stay admin. Make another person admin first."""

    code = "last_admin"


class OwnKeys(Refused):
    """You can't take your own admin rights or switch yourself off. Another admin can."""

    code = "own_keys"


def locations() -> QuerySet:
    """The places people work at lie a floor above; they are reached by the relation that they declare to us."""
    return User._meta.get_field("locations").related_model._default_manager.order_by("name")


@transaction.atomic
def invite(email: str, *, by: Any, name: str, role: str, all_locations: bool, places: Iterable[Any] = ()) -> User:
    """Without a password: it is chosen by the person, through `password_link`."""
    if User.objects.filter(email=email.strip().lower()).exists():
        raise Invalid("Somebody has this e-mail already.", field="email")
    user = User.objects.create_user(email.strip(), name=name, role=role, all_locations=all_locations)
    user.locations.set(places)
    audit.record_change(_subject(user), {}, _facts(user), by=by)
    return user


@transaction.atomic
def change(user: User, *, by: Any, name: str, role: str, all_locations: bool, places: Iterable[Any] = ()) -> User:
    user, before = _locked(user)
    user.name, user.role, user.all_locations = name, role, all_locations
    _keep_an_admin(user, by)
    user.save(update_fields=["name", "role", "all_locations"])
    user.locations.set(places)
    audit.record_change(_subject(user), before, _facts(user), by=by)
    return user


@transaction.atomic
def set_active(user: User, active: bool, *, by: Any) -> User:
    """Off: the session and the tokens end with the next request. What they did keeps their name."""
    user, before = _locked(user)
    user.is_active = active
    _keep_an_admin(user, by)
    user.save(update_fields=["is_active"])
    audit.record_change(_subject(user), before, _facts(user), by=by)
    return user


def password_link(user: User, *, by: Any) -> str:
    """Path of a page on which this person sets a password, once, within two days."""
    audit.record_change(_subject(user), {}, {"link": "for a new password"}, verb="password link", by=by)
    key = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("accounts:welcome", args=[key, default_token_generator.make_token(user)])


def behind_link(key: str, token: str) -> User | None:
    try:
        pk = int(urlsafe_base64_decode(key).decode())
    except (ValueError, UnicodeDecodeError):
        return None
    user = User.objects.filter(pk=pk, is_active=True).first() if pk < 2**63 else None
    return user if user and default_token_generator.check_token(user, token) else None


def _locked(user: User) -> tuple[User, dict[str, Any]]:
    """Together with all admins, so that two of them can't take each other's keys at once."""
    admins = User.objects.filter(role=Role.ADMIN) | User.objects.filter(pk=user.pk)
    fresh = next(person for person in locking.lock(admins) if person.pk == user.pk)
    return fresh, _facts(fresh)


def _keep_an_admin(user: User, by: Any) -> None:
    if user.role == Role.ADMIN and user.is_active:
        return
    was_admin = User.objects.filter(pk=user.pk, role=Role.ADMIN, is_active=True).exists()
    if getattr(by, "pk", None) == user.pk and (was_admin or not user.is_active):
        raise OwnKeys
    if was_admin and not User.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=user.pk).exists():
        raise LastAdmin


def _facts(user: User) -> dict[str, Any]:
    return audit.facts(user, *FACTS) | {"locations": sorted(str(place) for place in user.locations.all())}


def _subject(user: User) -> str:
    return f"user:{user.email}"
