"""How often somebody may try: counters in the cache that forget by themselves.

When the cache is away nobody is counted and everybody may pass: a lost cache must not lock the house.
"""

import hashlib
import logging
import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def wait_seconds(scope: str, who: str, *, limit: int, window: int) -> int:
    """Seconds until another try is allowed; 0 when it is now. Does not count."""
    try:
        return _left(window) if cache.get(_key(scope, who, window), 0) >= limit else 0
    except (RedisError, OSError) as e:
        log.warning("throttle %s: the cache is away (%s)", scope, type(e).__name__)
        return 0


def count(scope: str, who: str, *, window: int) -> int:
    """One more try in this window; gives how many there are."""
    key = _key(scope, who, window)
    try:
        try:
            return cache.incr(key)
        except ValueError:  # the first of its window; of two at once the second is counted all the same
            return 1 if cache.add(key, 1, timeout=window) else cache.incr(key)
    except (RedisError, OSError, ValueError) as e:
        log.warning("throttle %s: not counted (%s)", scope, type(e).__name__)
        return 0


def too_often(scope: str, who: str, *, limit: int, window: int) -> int:
    """Count one try, and give the seconds to wait when it was one too many: for public pages and exports."""
    return _left(window) if count(scope, who, window=window) > limit else 0


def client_address(request: HttpRequest) -> str:
    """The browser's address; behind our own proxy the last one that it wrote down, which no client can forge."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")


def _key(scope: str, who: str, window: int) -> str:
    name = hashlib.sha256(who.encode()).hexdigest()[:32]
    return f"throttle:{scope}:{name}:{int(time.time()) // window}"


def _left(window: int) -> int:
    return window - int(time.time()) % window
