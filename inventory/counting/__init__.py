"""Counts: bins are counted blind, twice when they differ much, and corrected when a lead agrees. Picking goes on.

A line keeps what the books held at the moment it was counted; the difference is posted, never the sum, so whatever
moved in between stays right.
"""

from inventory.counting.approving import differences, leave_out, post, send_back, shortages
from inventory.counting.planning import ask, cancel, plan, under_way
from inventory.counting.scanning import (
    Said,
    WhichLot,
    WrongScan,
    begin,
    finish,
    give_back,
    in_hand,
    next_bin,
    say,
    scan,
)

__all__ = [
    "Said",
    "WhichLot",
    "WrongScan",
    "ask",
    "begin",
    "cancel",
    "differences",
    "finish",
    "give_back",
    "in_hand",
    "leave_out",
    "next_bin",
    "plan",
    "post",
    "say",
    "scan",
    "send_back",
    "shortages",
    "under_way",
]
