"""How far it is, and about what a parcel costs over it: coarse figures that rank places. Real prices come later."""

from decimal import Decimal

from oms.common.postal import PostalAddress

CURRENCY = "EUR"  # of the estimates; they rank places and are never charged
NEIGHBOURHOOD, COUNTRY, CONTINENT, WORLD = range(4)
PARCEL = (Decimal("3.90"), Decimal("4.90"), Decimal("9.90"), Decimal("24.90"))
KILO = (Decimal("0.30"), Decimal("0.45"), Decimal("1.20"), Decimal("6.00"))
EUROPE_CODES = "AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MC MT NL NO PL PT RO SE SI SK SM"
EUROPE = frozenset(EUROPE_CODES.split())
NORTH_AMERICA = frozenset(("CA", "MX", "US"))


def zone(origin: PostalAddress, destination: PostalAddress) -> int:
    """0 near by (same start of the postcode), 1 same country, 2 same continent, 3 anywhere."""
    if origin.country == destination.country:
        near = bool(origin.postal_code) and origin.postal_code[:1] == destination.postal_code[:1]
        return NEIGHBOURHOOD if near else COUNTRY
    for continent in (EUROPE, NORTH_AMERICA):
        if origin.country in continent and destination.country in continent:
            return CONTINENT
    return WORLD
