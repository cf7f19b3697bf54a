"""`Idempotency-Key` on calls that change something: the same call again gets the first answer, and is done once."""

import functools
import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from ninja.responses import NinjaJSONEncoder

from oms.common import idempotency
from oms.common.errors import Invalid

LONGEST = 255


def key_of(request: HttpRequest) -> str:
    """The caller's key; empty when none was sent. Raises Invalid for one that can't be kept."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > LONGEST or not key.isprintable():
        raise Invalid(f"At most {LONGEST} printable characters.", field="Idempotency-Key")
    return key


def once(view: Callable) -> Callable:
    """With a key: done and answered once, 409 for the same key with another body or while the first is at work."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not (key := key_of(request)):
            return view(request, *args, **kwargs)
        scope = f"api:{request.path}:{request.token.user_id}"[:120]
        asked = idempotency.body_hash(request.method, request.path, request.body)
        result, _ = idempotency.remember(
            scope, key, asked, lambda: {"answer": _plain(view(request, *args, **kwargs))}, wait=True
        )
        return result["answer"]

    return guarded


def _plain(answer: Any) -> Any:
    """As JSON keeps it."""
    return json.loads(json.dumps(answer, cls=NinjaJSONEncoder))
