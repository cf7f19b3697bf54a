from carriers.models.account import CarrierAccount, Service
from carriers.models.label import Label, Manifest
from carriers.models.message import CarrierMessage
from carriers.models.quote import RateQuote
from carriers.models.tariff import Rate, RateTable, Surcharge, Zone
from carriers.models.tracker import Tracker, TrackingEvent

__all__ = [
    "CarrierAccount",
    "CarrierMessage",
    "Label",
    "Manifest",
    "Rate",
    "RateQuote",
    "RateTable",
    "Service",
    "Surcharge",
    "Tracker",
    "TrackingEvent",
    "Zone",
]
