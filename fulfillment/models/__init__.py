from fulfillment.models.fulfillment_order import (
    Backorder,
    FulfillmentOrder,
    FulfillmentOrderLine,
    Intercept,
    SourcingDecision,
)
from fulfillment.models.part import Part
from fulfillment.models.picking import PickList, PickTask, Tote, Wave
from fulfillment.models.rules import SourcingRule, SourcingRuleSet
from fulfillment.models.shipment import BoxType, Parcel, ParcelLine, ParcelSerial, Shipment

__all__ = [
    "Backorder",
    "BoxType",
    "FulfillmentOrder",
    "FulfillmentOrderLine",
    "Intercept",
    "Parcel",
    "ParcelLine",
    "ParcelSerial",
    "Part",
    "PickList",
    "PickTask",
    "Shipment",
    "SourcingDecision",
    "SourcingRule",
    "SourcingRuleSet",
    "Tote",
    "Wave",
]
