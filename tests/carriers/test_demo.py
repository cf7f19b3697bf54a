"""The carriers of the demo world answer from the first minute."""

import pytest

from carriers import demo, rating
from carriers.models import CarrierAccount
from oms.common.actors import SYSTEM
from tests.factories.carriers import rate_request


@pytest.mark.django_db
def test_the_demo_world_is_laid_out_once_and_its_carriers_make_offers(carrier):
    demo.lay_out(by=SYSTEM)
    demo.lay_out(by=SYSTEM)

    offers = rating.offers(rate_request()).offers
    assert CarrierAccount.objects.count() == 2
    assert [offer.service_name for offer in offers] == [
        "Fake Economy",
        "Parcel Post Standard",
        "Fake Standard",
        "Parcel Post Express",
        "Fake Express",
    ]
