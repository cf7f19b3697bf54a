"""What people type, `is:late channel:web,shop -tag:vip "ada lovelace"`, taken apart and put together."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_TOKEN = re.compile(r'(-?)([a-z_]+):(?:"([^"]*)"|(\S+))|"([^"]*)"|(\S+)', re.IGNORECASE)


@dataclass(frozen=True)
class Term:
    """`name` is the operator, empty for free text."""

    name: str
    value: str
    negated: bool = False

    def __str__(self) -> str:
        value = f'"{self.value}"' if re.search(r"\s", self.value) else self.value
        return f"{'-' if self.negated else ''}{self.name}:{value}" if self.name else value


def parse(text: str) -> list[Term]:
    """Never fails; what looks like nothing is free text."""
    return [_term(*match.groups(default="")) for match in _TOKEN.finditer(text.replace("\0", ""))]


def join(terms: Iterable[Term]) -> str:
    return " ".join(str(term) for term in terms)


def _term(minus: str, name: str, quoted: str, plain: str, phrase: str, word: str) -> Term:
    if name:
        return Term(name.lower(), quoted or plain, bool(minus))
    return Term("", phrase or word)
