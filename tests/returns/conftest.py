import pytest

from tests.factories.fulfillment import person
from tests.factories.inventory import LocationFactory, SkuFactory


@pytest.fixture
def berlin(db):
    return LocationFactory(code="BER", name="Berlin")


@pytest.fixture
def mug(db):
    return SkuFactory(code="MUG", name="Mug")


@pytest.fixture
def lamp(db):
    return SkuFactory(code="LAMP", name="Lamp")


@pytest.fixture
def lead(db):
    return person("lead")
