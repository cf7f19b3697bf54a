"""Who delivers what: a handler a topic, and the two ways in which it says that it could not."""

from collections.abc import Callable

from oms.common.models import OutboxMessage

Handler = Callable[[OutboxMessage], None]
HANDLERS: dict[str, Handler] = {}


class Permanent(Exception):
    """Raised by a handler: trying again can't help."""


class Later(Exception):
    """Raised by a handler: the other side asked for a pause of so many seconds."""

    def __init__(self, seconds: float, message: str = "") -> None:
        super().__init__(message or f"asked to wait {seconds:.0f} s")
        self.seconds = seconds


def handler(topic: str) -> Callable[[Handler], Handler]:
    def register(function: Handler) -> Handler:
        HANDLERS[topic] = function
        return function

    return register
