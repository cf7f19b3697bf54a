"""The only writer of stock counters. Every verb is one transaction: levels locked in id order, one ledger row a change.

A key is (sku id, location id). Callers that lock orders or work do so before they come here.
"""

from inventory.stock.correcting import correct
from inventory.stock.ledger import Short, Shortfall, StockRefused
from inventory.stock.moving import damage, move, pick, put_back, undamage
from inventory.stock.promising import allocate, release, ship
from inventory.stock.quantities import adjust, receive, restock, set_safety, undo

__all__ = [
    "Short",
    "Shortfall",
    "StockRefused",
    "adjust",
    "allocate",
    "correct",
    "damage",
    "move",
    "pick",
    "put_back",
    "receive",
    "release",
    "restock",
    "set_safety",
    "ship",
    "undamage",
    "undo",
]
