"""Numbers of ours are found in any case, by the index that keeps them unique."""

import pytest

from fulfillment.models import FulfillmentOrder, Shipment
from orders.models import Order
from tests.factories.fulfillment import packed, person, routed
from tests.factories.inventory import LocationFactory, SkuFactory, put

pytestmark = pytest.mark.django_db


def test_a_number_is_found_in_any_case():
    sku, lead = SkuFactory(), person()
    put(sku, LocationFactory(), 2)
    order, [work] = routed({sku: 1})
    shipment = packed(work, by=lead)

    assert Order.objects.get(fulfillment_orders__number__iexact=work.number.lower()) == order
    assert Shipment.objects.get(number__iexact=shipment.number.lower()) == shipment
    assert FulfillmentOrder.objects.filter(number__iexact="fo").count() == 0


@pytest.mark.parametrize("model", [Order, FulfillmentOrder, Shipment])
def test_it_is_compared_as_it_stands(model):
    asked = str(model.objects.filter(number__iexact="fo-1").query)

    assert "UPPER" not in asked
    assert asked.endswith('"number" = FO-1')
