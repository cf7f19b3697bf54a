"""`manage.py check` refuses a URL whose view does not say who may use it."""

from collections.abc import Iterator

from django.apps import AppConfig
from django.contrib.auth import get_user_model
from django.core.checks import Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from oms.common.permissions import Access, access_of


@register("urls")
def every_view_is_declared(app_configs: list[AppConfig] | None, **kwargs: object) -> list[Error]:
    known = get_user_model().ALL_PERMISSIONS
    found = []
    for route, pattern in every_url():
        access = access_of(pattern.callback)
        if access is None:
            hint = "Put @requires(…), @public or @api on the view."
            found.append(Error(f"Nothing says who may use /{route}", hint=hint, id="oms.E001"))
        elif unknown := set(_named(access)) - known:
            found.append(Error(f"/{route} requires {sorted(unknown)}, which no role can have", id="oms.E002"))
    return found


def every_url() -> Iterator[tuple[str, URLPattern]]:
    """(route, pattern) of every address of the product."""
    yield from _walk("", get_resolver().url_patterns)


def _walk(prefix: str, patterns: list[URLPattern | URLResolver]) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(route, pattern.url_patterns)
        else:
            yield route, pattern


def _named(access: Access) -> tuple[str, ...]:
    return access.all_of + access.any_of
