"""The floor's side of picking: get a list, then bin, item and tote by scan; or find too little and say why.

Everything is on the server: a list goes on at the same stop on any device. A claim is a lease by the database's clock
that every scan renews; who lost it is told so. No verb waits for another picker.
"""

from fulfillment.picking.claiming import LeaseLost, claim, free, next_task, step, unclaim
from fulfillment.picking.scanning import (
    WrongScan,
    finish,
    scan_bin,
    scan_item,
    scan_tote,
    skip,
    undo,
)
from fulfillment.picking.shorts import short

__all__ = [
    "LeaseLost",
    "WrongScan",
    "claim",
    "finish",
    "free",
    "next_task",
    "scan_bin",
    "scan_item",
    "scan_tote",
    "short",
    "skip",
    "step",
    "unclaim",
    "undo",
]
