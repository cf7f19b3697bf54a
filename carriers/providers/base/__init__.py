"""What a carrier must be able to do, and the plain data that goes in and comes out. No table, no URL.

A provider is built for one account with everything it needs from the database already read, because it is called from
threads. It speaks our words only: `mapping.py` of its folder translates, `client.py` speaks HTTP.
"""

from carriers.providers.base.errors import CarrierError
from carriers.providers.base.labels import LabelRequest, LabelResult, ManifestRequest, ManifestResult
from carriers.providers.base.news import TrackingNews, WebhookNews
from carriers.providers.base.provider import AccountFacts, Field, Provider, ServiceFact
from carriers.providers.base.rates import Charge, ParcelSpec, RateOffer, RateRequest

__all__ = [
    "AccountFacts",
    "CarrierError",
    "Charge",
    "Field",
    "LabelRequest",
    "LabelResult",
    "ManifestRequest",
    "ManifestResult",
    "ParcelSpec",
    "Provider",
    "RateOffer",
    "RateRequest",
    "ServiceFact",
    "TrackingNews",
    "WebhookNews",
]
