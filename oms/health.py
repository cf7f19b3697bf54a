"""`/healthz` (is the whole product up?) and `/livez` (can this web process answer?), open to anybody.

They are answered before every other middleware: a load balancer calls by address, without TLS, and has no session.
"""

import logging
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse

from oms.common import heartbeat

logger = logging.getLogger(__name__)


class HealthMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == "/healthz":
            return _answer(_database() | _broker())
        if request.path_info == "/livez":
            return _answer({"web": "ok"})
        return self.get_response(request)


def _answer(parts: dict[str, str]) -> JsonResponse:
    well = all(state == "ok" for state in parts.values())
    answer = JsonResponse({"status": "ok" if well else "down", **parts}, status=200 if well else 503)
    answer["Cache-Control"] = "no-store"
    return answer


def _database() -> dict[str, str]:
    """The workers and beat tell the database that they live, so one question answers for three."""
    try:
        alive = heartbeat.fresh()
    except DatabaseError as e:
        logger.warning("health: database: %s", e)
        return {"database": "down", "worker": "unknown", "beat": "unknown"}
    return {"database": "ok"} | {kind: "ok" if kind in alive else "down" for kind in ("worker", "beat")}


def _broker() -> dict[str, str]:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1) as client:
            client.ping()
    except redis.RedisError as e:
        logger.warning("health: broker: %s", e)
        return {"broker": "down"}
    return {"broker": "ok"}
