"""Every view says who may use it; a view that says nothing is closed (middleware) and fails `manage.py check`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.urls import URLPattern, URLResolver

V = TypeVar("V", bound=Callable)


@dataclass(frozen=True)
class Access:
    """`kind` is user (signed in, with the permissions), public (anybody) or api (the API asks for its token itself)."""

    kind: str
    all_of: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()

    def allows(self, user: Any) -> bool:
        if self.kind != "user":
            return True
        if not user.is_authenticated:
            return False
        return all(user.can(p) for p in self.all_of) and (not self.any_of or any(user.can(p) for p in self.any_of))

    def __str__(self) -> str:
        if self.kind != "user":
            return self.kind
        return " + ".join(self.all_of) or " | ".join(self.any_of) or "signed in"


PUBLIC = Access("public")
API = Access("api")


def requires(*permissions: str) -> Callable[[V], V]:
    """Signed in, and every one of the permissions. Without any: signed in."""
    return lambda view: _declare(view, Access("user", all_of=permissions))


def requires_any(*permissions: str) -> Callable[[V], V]:
    """Signed in, and at least one of the permissions."""
    return lambda view: _declare(view, Access("user", any_of=permissions))


def public(view: V) -> V:
    """Anybody: login, health, public pages behind an unguessable token, signed webhooks."""
    return _declare(view, PUBLIC)


def api(view: V) -> V:
    """The view checks a bearer token itself."""
    return _declare(view, API)


def everywhere(patterns: Any, declare: Callable[[V], V]) -> Any:
    """Declare all views of a list of patterns that we did not write: `everywhere(ninja.urls, api)`."""
    for pattern in _flat(patterns[0] if isinstance(patterns, tuple) else patterns):
        declare(pattern.callback)
    return patterns


def access_of(view: Any) -> Access | None:
    return getattr(view, "oms_access", None)


def _declare(view: V, access: Access) -> V:
    view.oms_access = access
    return view


def _flat(patterns: Iterable[URLPattern | URLResolver]) -> Iterable[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _flat(pattern.url_patterns)
        else:
            yield pattern
