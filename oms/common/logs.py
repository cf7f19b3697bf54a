"""Log lines as JSON, one a line, each with the request it belongs to and without what identifies a customer."""

import json
import logging
import re
from datetime import UTC, datetime

from oms.common import request_id

MASKS = [
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), "[email]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), r"\1 [token]"),
    (re.compile(r"(/(?:t|d|webhooks|carrier-webhooks)/)[^/\s\"?]+"), r"\1[token]"),
    (re.compile(r"(://[^:/@\s]*:)[^@\s/]+@"), r"\1[password]@"),
    (re.compile(r"\+\d[\d ()/-]{6,}\d"), "[phone]"),
]


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": mask(record.getMessage()),
        }
        if current := request_id.current():
            line["request_id"] = current
        if record.exc_info:
            line["trace"] = mask(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def mask(text: str) -> str:
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return text
