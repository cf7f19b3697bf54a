"""The numbers beside the places of the rail, asked for by every open page: few, capped, and remembered for a while."""

from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, JsonResponse
from redis.exceptions import RedisError

from oms.common.counting import counts
from oms.common.permissions import requires
from oms.desk.home import GROUPS, Queue

KEEP = 10
CAP = 1000
PLACES = {
    "orders": ("To ship",),
    "pick": ("Lists to pick",),
    "pack": ("To pack",),
    "ship": ("To label", "To hand over"),
    "returns": ("To receive", "To inspect"),
    "exceptions": ("Need attention",),
}
QUEUES: dict[str, Queue] = {queue.word: queue for group in GROUPS.values() for queue in group}


@requires()
def show(request: HttpRequest) -> JsonResponse:
    return JsonResponse(_counts(request.user))


def of(user: Any) -> dict[str, int]:
    """place → how much waits there; places of other roles are left out."""
    mine = {word: queue.rows(user) for word, queue in QUEUES.items() if user.can(queue.permission)}
    waiting = counts({word: mine[word] for words in PLACES.values() for word in words if word in mine}, cap=CAP)
    found = {place: [waiting[word] for word in words if word in mine] for place, words in PLACES.items()}
    return {place: min(CAP, sum(numbers)) for place, numbers in found.items() if numbers}


def _counts(user: Any) -> dict[str, int]:
    key = f"counts:{user.pk}"
    try:
        return cache.get_or_set(key, lambda: of(user), KEEP)
    except (RedisError, OSError):
        return of(user)
