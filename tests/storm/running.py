"""The storm itself: start the hands, kill one after the other, and judge what is left."""

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from django.db import connection, connections

from tests.storm import desk, floor, judging, stockroom, sweeps, world
from tests.storm.hand import Hand, work
from tests.storm.world import World

ACTS = (*desk.ACTS, *floor.ACTS, *stockroom.ACTS, *sweeps.ACTS)
CALM = (0.2, 0.9)  # seconds between two kills


def run(*, seconds: float, processes: int, seed: int, folder: Path) -> dict:
    """Everything that is to be known of it. Call on an empty, migrated database."""
    house = world.build(processes)
    before = judging.deadlocks()
    kills = _blow(house, seconds, seed, folder)
    sweeps.all_sweeps()
    entries = list(_read(folder))
    counts = Counter(entry["what"] if entry["what"] in ("done", "refused", "nothing") else "error" for entry in entries)
    waits = sorted(entry["seconds"] for entry in entries if entry["what"] == "done") or [0.0]
    told = {
        "seconds": seconds,
        "processes": processes,
        "kills": kills,
        "acts": dict(counts),
        "p95_s": waits[len(waits) * 95 // 100],
        "errors": sorted({f"{e['act']}: {e['what']}" for e in entries if e["what"] not in counts}),
        "deadlocks_retried": judging.deadlocks() - before,
    }
    return told | judging.judge([entry["fact"] for entry in entries if entry["fact"]])


def _blow(house: World, seconds: float, seed: int, folder: Path) -> int:
    """Give the number of kills."""
    _warm_up(house, folder)
    connection.close()
    dice, kills, until = random.Random(seed), 0, time.monotonic() + seconds
    slots = {slot: _start(house, slot, 0, seed, until, folder) for slot in range(len(house.people))}
    while (pause := min(dice.uniform(*CALM), until - time.monotonic())) > 0:
        time.sleep(pause)
        slot = dice.choice(sorted(slots))
        os.kill(slots[slot], signal.SIGKILL)
        os.waitpid(slots[slot], 0)
        kills += 1
        slots[slot] = _start(house, slot, kills, seed, until, folder)
    for pid in slots.values():
        os.waitpid(pid, 0)
    judging.wait_for_the_killed()
    return kills


def _warm_up(house: World, folder: Path) -> None:
    """Each act once, so that a process which lives for a second does not spend it on imports."""
    hand = Hand("0", house, house.people[0], random.Random(0))
    for act in dict.fromkeys(ACTS):
        work(hand, [act], until=0, diary=folder / "0.jsonl")


def _start(house: World, slot: int, life: int, seed: int, until: float, folder: Path) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        del connections["default"]
        name = f"{slot}.{life}"
        hand = Hand(name, house, house.people[slot], random.Random(f"{seed}.{name}"))
        work(hand, ACTS, until=until, diary=folder / f"{name}.jsonl")
    finally:
        os._exit(0)


def _read(folder: Path) -> Iterator[dict]:
    for diary in sorted(folder.glob("*.jsonl")):
        yield from map(json.loads, diary.read_text().splitlines())
