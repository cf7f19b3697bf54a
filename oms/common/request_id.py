"""The id of the request (or task) being worked on, for logs, timeline rows and error pages."""

import contextvars
import logging
import re
import uuid

_current: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{8,40}")


def current() -> str:
    return _current.get()


def begin(proposed: str = "") -> contextvars.Token:
    """Take the caller's id when it is a plain word; otherwise make one."""
    return _current.set(proposed if _ACCEPTABLE.fullmatch(proposed or "") else uuid.uuid4().hex)


def end(token: contextvars.Token) -> None:
    _current.reset(token)


class Filter(logging.Filter):
    """Puts `request_id` on every log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current() or "-"
        return True
