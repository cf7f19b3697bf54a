from collections.abc import Callable, Iterator

import pytest

from carriers.models import CarrierAccount
from carriers.providers.fake.server import FakeCarrier
from tests.factories.carriers import AccountFactory, ServiceFactory, tariff


@pytest.fixture
def van(db) -> CarrierAccount:
    """Own rate tables: 4.90 to 2 kg, 7.50 to 10 kg, inside Germany."""
    account = AccountFactory(name="Own van", config={"prefix": "VAN"})
    tariff(account, {"Germany": {2000: "4.90", 10000: "7.50"}})
    return account


@pytest.fixture
def carrier(settings) -> Iterator[FakeCarrier]:
    with FakeCarrier() as carrier:
        settings.OMS_ALLOW_PRIVATE_HOSTS = [carrier.address]
        settings.FAKE_CARRIER_URL = carrier.url
        yield carrier


@pytest.fixture
def fake(db, carrier) -> CarrierAccount:
    account = AccountFactory(name="Fake", provider="fake", credentials={"api_key": "fake-key"})
    ServiceFactory(account=account, code="standard", name="Fake Standard", transit_min_days=2, transit_max_days=3)
    ServiceFactory(account=account, code="express", name="Fake Express", transit_min_days=1, transit_max_days=1)
    return account


@pytest.fixture
def faulty(carrier) -> Callable[..., None]:
    """faulty("buy", "cut_after") makes the next purchase lose its answer."""

    def set_fault(on: str, kind: str, **how) -> None:
        carrier.faults.set({"faults": [{"on": on, "kind": kind, **how}]})

    return set_fault
