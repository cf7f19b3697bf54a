"""Who may use the API, and how it says no: bearer tokens, one permission an operation, problems as JSON."""

import functools
import json
from collections.abc import Callable
from typing import Any

from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer

from oms.accounts import tokens
from oms.common import throttle
from oms.common.actors import Actor
from oms.common.errors import Refused
from orders.channels.base import BadPayload

LIMIT, WINDOW = 60_000, 60  # calls of a token, seconds
LARGEST = 2 * 1024 * 1024


class Token(HttpBearer):
    """`Authorization: Bearer oms_…`. Tokens are made under Settings, shown once, and act for their user."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        found = tokens.authenticate(token)
        if found is None:
            return None
        request.token = found
        request.actor = Actor.api(f"{found.user} by {found.name}", found.user_id)
        return found


def problem(status: int, code: str, detail: str, **more: Any) -> JsonResponse:
    return JsonResponse({"error": code, "detail": detail, **more}, status=status)


def needs(*permissions: str) -> Callable:
    """The token must hold all of these, and its user too; then the rate is counted."""

    def guard(view: Callable) -> Callable:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            missing = [name for name in permissions if not request.token.may(name)]
            if missing:
                return problem(403, "forbidden", f"This token lacks {', '.join(missing)}.", needs=list(permissions))
            if wait := throttle.too_often("api", str(request.token.pk), limit=LIMIT, window=WINDOW):
                response = problem(429, "too_many_requests", f"Try again in {wait} s.")
                response["Retry-After"] = str(wait)
                return response
            return view(request, *args, **kwargs)

        return guarded

    return guard


def body_of(request: HttpRequest) -> Any:
    """The JSON of the request; raises BadPayload when it is none or too large."""
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        raise BadPayload({"body": "Is larger than 2 MB."})
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError) as e:
        raise BadPayload({"body": f"Is not JSON: {e}."}) from e


def install(api: NinjaAPI) -> None:
    """Every refusal becomes a problem that says what to do next."""
    api.add_exception_handler(BadPayload, _bad_payload)
    api.add_exception_handler(Refused, _refused)
    api.add_exception_handler(AuthenticationError, _unknown)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(Http404, _missing)
    api.add_exception_handler(DataError, lambda request, e: problem(422, "invalid", "A value can't be stored."))
    api.add_exception_handler(HttpError, lambda request, e: problem(e.status_code, "refused", str(e)))


def _bad_payload(request: HttpRequest, e: BadPayload) -> HttpResponse:
    return problem(422, e.code, "Some fields can't be used.", fields=e.problems)


def _refused(request: HttpRequest, e: Refused) -> HttpResponse:
    field = getattr(e, "field", "")
    return problem(e.status, e.code, str(e), **({"fields": {field: str(e)}} if field else {}))


def _unknown(request: HttpRequest, e: AuthenticationError) -> HttpResponse:
    response = problem(401, "unauthorised", "Send a valid token: Authorization: Bearer oms_…")
    response["WWW-Authenticate"] = "Bearer"
    return response


def _invalid(request: HttpRequest, e: ValidationError) -> HttpResponse:
    fields = {".".join(str(part) for part in error["loc"][1:]): error["msg"] for error in e.errors}
    return problem(422, "invalid", "Some values can't be used.", fields=fields)


def _missing(request: HttpRequest, e: Http404) -> HttpResponse:
    return problem(404, "not_found", "There is nothing under this address.")
