"""Places and goods, made the way the product makes them: counters move through the verbs alone."""

from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from inventory import locations, stock
from inventory.models import Barcode, Bin, Location, Sku, Supplier
from oms.common import recent
from oms.common.actors import SYSTEM
from oms.common.addresses import PostalAddress

BERLIN = PostalAddress(
    name="Depot",
    company="",
    line1="Invalidenstraße 1",
    line2="",
    city="Berlin",
    region="",
    postal_code="10115",
    country="DE",
    phone="",
)


class SkuFactory(DjangoModelFactory):
    class Meta:
        model = Sku

    code = factory.Sequence(lambda n: f"SKU-{n:04d}")
    name = factory.LazyAttribute(lambda sku: f"Item {sku.code}")
    price = Decimal("10")
    weight_g = 500
    length_mm, width_mm, height_mm = 200, 150, 50


class BarcodeFactory(DjangoModelFactory):
    class Meta:
        model = Barcode

    sku = factory.SubFactory(SkuFactory)
    code = factory.Sequence(lambda n: f"40123450{n:05d}")


class SupplierFactory(DjangoModelFactory):
    class Meta:
        model = Supplier

    name = factory.Sequence(lambda n: f"Supplier {n}")


class LocationFactory(DjangoModelFactory):
    """A warehouse with its service bins and four shelves, A-01 to A-04."""

    class Meta:
        model = Location

    code = factory.Sequence(lambda n: f"W{n:02d}")
    name = factory.LazyAttribute(lambda location: f"Warehouse {location.code}")
    shelves = ("A-01", "A-02", "A-03", "A-04")

    @classmethod
    def _create(cls, model_class, *args, shelves, address=BERLIN, **facts) -> Location:
        location = locations.create(facts.pop("code"), facts.pop("name"), address, by=SYSTEM, **facts)
        locations.add_shelves(location, shelves, by=SYSTEM)
        recent.forget()  # tests do not wait until routing looks at the places again
        return location


def put(sku: Sku, location: Location, units: int, *, shelf: str = "A-01", reference: str = "") -> Bin:
    """So many units on a shelf, received through the verb."""
    shelf = location.bins.get(code=shelf)
    stock.receive({(sku.pk, location.pk): units}, bin=shelf, reference=reference, by=SYSTEM)
    return shelf
