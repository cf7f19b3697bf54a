from inventory.models.buffer import ChannelBuffer
from inventory.models.count import CountedBin, CountLine, CycleCount
from inventory.models.day import StockDay
from inventory.models.importing import StockImport, StockImportRow
from inventory.models.kit import KitComponent, KitVersion
from inventory.models.location import Bin, Location
from inventory.models.lot import Lot
from inventory.models.purchase import PurchaseLine, PurchaseOrder, Supplier
from inventory.models.replenishment import ReorderRule, SupplierItem
from inventory.models.serial import Serial
from inventory.models.sku import Barcode, Download, Sku
from inventory.models.stock import BinStock, Reservation, StockLevel, StockMovement
from inventory.models.transfer import Transfer, TransferLine
from inventory.models.wish import Wish

__all__ = [
    "Barcode",
    "Bin",
    "BinStock",
    "ChannelBuffer",
    "CountLine",
    "CountedBin",
    "CycleCount",
    "Download",
    "KitComponent",
    "KitVersion",
    "Location",
    "Lot",
    "PurchaseLine",
    "PurchaseOrder",
    "ReorderRule",
    "Reservation",
    "Serial",
    "Sku",
    "StockDay",
    "StockImport",
    "StockImportRow",
    "StockLevel",
    "StockMovement",
    "Supplier",
    "SupplierItem",
    "Transfer",
    "TransferLine",
    "Wish",
]
