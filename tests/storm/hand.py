"""One process of the storm: it does one thing after the other until the end, and writes down what it was told."""

import json
import os
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oms.accounts.models import User
from oms.common.errors import Refused
from tests.storm.world import World

Act = Callable[["Hand"], str]


class Nothing(Exception):
    """There is nothing to do of this kind now."""


@dataclass
class Hand:
    """`name` is never used again, not by the one that comes after a kill either."""

    name: str
    world: World
    me: User
    dice: random.Random
    numbers: int = field(default=0)

    def number(self) -> str:
        self.numbers += 1
        return f"{self.name}-{self.numbers}"

    def choose(self, found: Iterable[Any]) -> Any:
        found = list(found)
        if not found:
            raise Nothing
        return self.dice.choice(found)


def work(hand: Hand, acts: Sequence[Act], *, until: float, diary: Path) -> None:
    """At least one act. Each has a line, written after it returned: what a kill cut off was told to nobody."""
    page = os.open(diary, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    while True:
        act = hand.dice.choice(acts)
        began = time.monotonic()
        try:
            fact, what = act(hand), "done"
        except Nothing:
            fact, what = "", "nothing"
        except Refused:
            fact, what = "", "refused"
        except Exception as e:
            fact, what = "", f"{type(e).__name__}: {e}"
        seconds = round(time.monotonic() - began, 4)
        entry = {"act": act.__name__, "what": what, "fact": fact, "seconds": seconds}
        os.write(page, (json.dumps(entry) + "\n").encode())
        if time.monotonic() >= until:
            return
