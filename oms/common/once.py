"""One effect a form: `@once` on a view and `{% once %}` in its form make a double click or a retry harmless."""

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from oms.common import idempotency

KEPT_HEADERS = ("Location", "HX-Redirect", "HX-Reswap", "HX-Trigger", "HX-Push-Url", "Content-Type", "Vary")
LARGEST_KEPT = 300_000
NOT_FINGERPRINTED = ("csrfmiddlewaretoken", "idempotency_key")
View = Callable[..., HttpResponse]


def once(view: View | None = None, *, atomic: bool = True) -> Any:
    """A POST with an idempotency key (form field or header) runs the view once; a repeat gets the first answer again.

    The view and the key commit together; a view that talks to the network says `@once(atomic=False)`. An answer of 400
    or above is not kept, so a corrected form may be sent with the same key. A POST without a key just runs.
    """
    if view is None:
        return functools.partial(once, atomic=atomic)

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.headers.get("Idempotency-Key") or request.POST.get("idempotency_key", "")
        if request.method != "POST" or not 0 < len(key) <= 255:
            return view(request, *args, **kwargs)
        return _first_or_again(request, key, functools.partial(view, request, *args, **kwargs), atomic)

    return guarded


def _first_or_again(request: HttpRequest, key: str, answer: Callable[[], HttpResponse], atomic: bool) -> HttpResponse:
    first: list[HttpResponse] = []

    def produce() -> dict[str, Any] | None:
        first.append(answer())
        return _packed(first[0]) if first[0].status_code < 400 else None

    who = request.user.pk or request.META.get("REMOTE_ADDR", "")
    scope = f"form:{who}:{request.path}"[:120]
    try:
        result, _ = idempotency.remember(scope, key, _fingerprint(request), produce, atomic=atomic, wait=True)
    except (idempotency.Conflict, idempotency.InProgress) as e:
        return render(request, "common/refused.html", {"refusal": e}, status=409)
    return first[0] if first else _again(result)


def _fingerprint(request: HttpRequest) -> str:
    fields = sorted((name, values) for name, values in request.POST.lists() if name not in NOT_FINGERPRINTED)
    files = sorted((name, upload.name, upload.size) for name, upload in request.FILES.items())
    return idempotency.body_hash(request.method, fields, files)


def _packed(response: HttpResponse) -> dict[str, Any]:
    """What a repeat is told. An answer too large to keep is told as a reload, which shows what has become of it."""
    if response.streaming or len(response.content) > LARGEST_KEPT:
        return {"status": 200, "headers": {"HX-Refresh": "true"}, "body": "This has been done already."}
    headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    return {"status": response.status_code, "headers": headers, "body": response.content.decode(response.charset)}


def _again(result: dict[str, Any]) -> HttpResponse:
    headers = {**result["headers"], "Idempotent-Replayed": "true"}
    return HttpResponse(result["body"], status=result["status"], headers=headers)
