"""What a kernel says: one JSON line, ours beside the raw limit."""

import json
from dataclasses import dataclass, field
from typing import Any

LOWER_IS_BETTER = ("ms", "cost")


@dataclass(frozen=True)
class Result:
    """`ours` and `raw` in `unit`. Where lower is better (`ms`, `cost`), the ratio is raw / ours, so more is better."""

    kernel: str
    ours: float
    raw: float
    unit: str
    goal: float  # the ratio at least asked for
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        over, under = (self.raw, self.ours) if self.unit in LOWER_IS_BETTER else (self.ours, self.raw)
        return over / under if under else 0.0

    def line(self) -> str:
        told = {
            "kernel": self.kernel,
            "ours": round(self.ours, 3),
            "raw": round(self.raw, 3),
            "ratio": round(self.ratio, 3),
            "unit": self.unit,
            "goal": self.goal,
            **self.facts,
        }
        return json.dumps(told)
