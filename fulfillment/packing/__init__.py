"""The pack station: find the work by any code on it, scan every unit into the open parcel, close it with its weight.

Only what was scanned can be sealed, and a shipment is complete only when all that was picked is in its parcels.
"""

from fulfillment.packing.contents import Row, expected_weight_g, open_parcel, propose_box, rows
from fulfillment.packing.filling import WrongScan, scan, unscan
from fulfillment.packing.opening import start
from fulfillment.packing.sealing import WeightOff, reopen, seal

__all__ = [
    "Row",
    "WeightOff",
    "WrongScan",
    "expected_weight_g",
    "open_parcel",
    "propose_box",
    "reopen",
    "rows",
    "scan",
    "seal",
    "start",
    "unscan",
]
