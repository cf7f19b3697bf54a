"""Who did it. Every verb takes `by=`; people, tokens, customers, channels, carriers, suppliers, rules are actors."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Actor:
    kind: str  # user | api | customer | channel | carrier | supplier | rule | system
    label: str
    user_id: int | None = None

    def __str__(self) -> str:
        return self.label

    @classmethod
    def of(cls, who: Any) -> "Actor":
        """An Actor as it is; a User as the person they are."""
        if isinstance(who, Actor):
            return who
        if getattr(who, "is_authenticated", False) and who.pk:
            return cls("user", str(who), who.pk)
        raise TypeError(f"by= wants an Actor or a signed-in user, not {who!r}")

    @classmethod
    def api(cls, label: str, user_id: int | None = None) -> "Actor":
        return cls("api", label, user_id)

    @classmethod
    def customer(cls, name: str) -> "Actor":
        return cls("customer", name or "Customer")

    @classmethod
    def channel(cls, code: str) -> "Actor":
        return cls("channel", code)

    @classmethod
    def carrier(cls, name: str) -> "Actor":
        return cls("carrier", name)

    @classmethod
    def supplier(cls, name: str) -> "Actor":
        return cls("supplier", name)

    @classmethod
    def rule(cls, name: str) -> "Actor":
        return cls("rule", name)


SYSTEM = Actor("system", "System")
