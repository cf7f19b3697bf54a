"""Doors that every request passes: its id, the headers that tie the browser's hands, and "may you be here at all?"."""

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url

from oms.common import htmx, request_id
from oms.common.errors import Refused
from oms.common.permissions import Access, access_of

log = logging.getLogger(__name__)
Answer = Callable[[HttpRequest], HttpResponse]
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


class RequestIdMiddleware:
    """The caller's X-Request-Id, or a new one: on every log line, on rows written meanwhile, and in the answer."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = request_id.begin(request.headers.get("X-Request-Id", ""))
        try:
            request.id = request_id.current()
            response = self.get_response(request)
            response["X-Request-Id"] = request.id
            return response
        finally:
            request_id.end(token)


class NoNulMiddleware:
    """An address with a NUL in it means nothing here, and no text column takes one."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponse(
                "This address has a character that can't be used.", status=400, content_type="text/plain"
            )
        return self.get_response(request)


class UnstorableMiddleware:
    """What no column can hold (a NUL, a number beyond all bounds) and no form has caught: the sender puts it right."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DataError):
            return None
        log.warning("%s %s: %s", request.method, request.path, error)
        refusal = Refused("Something in what you sent is too long, too large or no text at all. Nothing was saved.")
        return render(request, "common/refused.html", {"refusal": refusal}, status=422)


class SecurityHeadersMiddleware:
    """No inline script or style anywhere, no framing, no guessing of types, nothing kept by shared caches."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "geolocation=(), microphone=(), payment=()")
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class DenyByDefaultMiddleware:
    """Asks the view's declaration before the view runs; a view without one is closed to everybody."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: Any, kwargs: Any) -> HttpResponse | None:
        access = access_of(view)
        if access and access.allows(request.user):
            return None
        if access and not request.user.is_authenticated:
            return htmx.sign_in(request, resolve_url(settings.LOGIN_URL))
        return denied(request, access)


def denied(request: HttpRequest, access: Access | None) -> HttpResponse:
    """403 that says which roles may, so that people know whom to ask."""
    context: dict[str, Any] = {"access": access}
    if access and request.user.is_authenticated:
        context["roles"] = request.user.roles_with(*access.all_of, any_of=access.any_of)
        context["admins"] = request.user.admin_addresses()
    return render(request, "403.html", context, status=403)
