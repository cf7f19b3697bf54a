"""Files of SKUs, bins and stock: judged row by row before anything is changed, then taken in by a worker, in sets.

Exports have the same shape, so what was exported can be changed in a spreadsheet and brought back.
"""

from inventory.importing.running import (
    LARGEST,
    columns_of,
    counts,
    export,
    failed,
    kinds_for,
    needed_of,
    stalled,
    start,
    take_in,
    upload,
)

__all__ = [
    "LARGEST",
    "columns_of",
    "counts",
    "export",
    "failed",
    "kinds_for",
    "needed_of",
    "stalled",
    "start",
    "take_in",
    "upload",
]
