"""When parcels leave and arrive."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from carriers.transit import Leg

BERLIN = ZoneInfo("Europe/Berlin")


def at(day, hour=12, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN)  # the 23rd is a Monday


@pytest.mark.parametrize(
    ("leg", "ready", "arrives"),
    [
        (Leg(1), at(23), 24),
        (Leg(3), at(25), 30),  # Wednesday + Thu, Fri, Mon
        (Leg(1), at(27), 30),  # Friday → Monday
        (Leg(1, saturday=True), at(27), 28),
        (Leg(1, time(15)), at(23, 15, 0), 24),
        (Leg(1, time(15)), at(23, 15, 1), 25),
        (Leg(1, time(15)), at(27, 16), 1),  # Friday after the cut-off leaves on Monday, arrives on Tuesday 1 December
        (Leg(2), at(28), 2),  # Saturday leaves on Monday
        (Leg(0), at(23), 23),
    ],
)
def test_arrival_counts_working_days_from_the_day_it_leaves(leg, ready, arrives):
    assert leg.arrives(ready).day == arrives


def test_arrival_is_read_on_the_clock_of_the_place_it_leaves():
    assert Leg(1).arrives(at(23)).isoformat() == "2026-11-24T20:00:00+01:00"
