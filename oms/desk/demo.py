"""The demo world: two warehouses and a store, things to sell, ways in, carriers, and a first morning of orders."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

import carriers.demo
from fulfillment.models import BoxType, Tote
from inventory import locations, purchasing, skus, stock
from inventory.models import Location, ReorderRule, Sku, Supplier, SupplierItem
from oms.accounts import tokens
from oms.accounts.demo import DOMAIN
from oms.accounts.models import ApiToken, User
from oms.accounts.roles import ALL, Role
from oms.common import pdf
from oms.common.actors import SYSTEM
from oms.common.addresses import PostalAddress
from orders import intake
from orders.channels.base import ExternalLine, ExternalOrder, ExternalPayment
from orders.models import Channel, PromoCode, RiskRule
from returns.models import ReturnPolicy

PLACES = {
    "BER": ("Berlin warehouse", "warehouse", ("Invalidenstraße 43", "10115", "Berlin"), False, 9),
    "LEJ": ("Leipzig warehouse", "warehouse", ("Industriestraße 95", "04229", "Leipzig"), False, 5),
    "HAM": ("Hamburg store", "store", ("Mönckebergstraße 7", "20095", "Hamburg"), True, 1),
}
GOODS = {
    "MUG-BLUE": ("Mug, blue", "12.50", 380, (110, 90, 100)),
    "MUG-SAND": ("Mug, sand", "12.50", 380, (110, 90, 100)),
    "PLATE-L": ("Dinner plate", "18.00", 720, (270, 270, 30)),
    "BOWL-S": ("Cereal bowl", "14.00", 430, (160, 160, 70)),
    "JUG-1L": ("Water jug, 1 l", "34.00", 1150, (160, 130, 230)),
    "CANDLE": ("Beeswax candle", "9.80", 210, (60, 60, 220)),
    "TOWEL": ("Linen tea towel", "16.50", 140, (250, 180, 20)),
    "APRON": ("Linen apron", "42.00", 380, (300, 250, 30)),
    "BOARD": ("Oak cutting board", "55.00", 1900, (400, 280, 40)),
    "KNIFE": ("Paring knife", "38.00", 160, (240, 60, 30)),
    "TEAPOT": ("Teapot", "64.00", 1300, (240, 160, 170)),
    "TRAY": ("Ash tray for tea", "48.00", 1200, (450, 300, 40)),
}
BOXES = {
    "S": ("Small box", (250, 175, 100), 120, 5000, "0.35"),
    "M": ("Medium box", (300, 220, 160), 190, 10000, "0.48"),
    "L": ("Large box", (460, 320, 260), 380, 20000, "0.90"),
    "XL": ("Extra large box", (600, 400, 400), 700, 30000, "1.60"),
}
STREETS = (
    ("Jungfernstieg 7", "20354", "Hamburg"),
    ("Marienplatz 1", "80331", "München"),
    ("Domkloster 4", "50667", "Köln"),
    ("Zeil 106", "60313", "Frankfurt am Main"),
    ("Königstraße 28", "70173", "Stuttgart"),
    ("Prager Straße 3", "01069", "Dresden"),
    ("Bahnhofstraße 12", "30159", "Hannover"),
)
NAMES = ("Ada Winter", "Jonas Berg", "Mira Sommer", "Til Brandt", "Lena Vogt", "Emil Krüger", "Nora Lang", "Kai Roth")
MESSAGE_SECRET = "demo-webhook-secret"  # noqa: S105  a demo world on one's own machine


@transaction.atomic
def lay_out(*, password: str = "", token: str = "") -> dict[str, Any]:
    """Accounts, places, goods, channels, carriers and a morning of orders; what a person needs to know to begin."""
    password = password or get_random_string(14)
    people = list(_people(password))
    places = {code: _place(code, *facts) for code, facts in PLACES.items()}
    goods = [_sku(n, code, *facts) for n, (code, facts) in enumerate(GOODS.items())]
    book = Sku(code="EBOOK", name="The kitchen book, download", price=Decimal("9.90"), digital=True)
    skus.set_download(skus.save(book, {}, by=SYSTEM), "the-kitchen-book.pdf", _book(), by=SYSTEM)
    _fill(places, goods)
    _buy(places["BER"], goods)
    _boxes_and_totes(places)
    channels = {channel.code: channel for channel in _channels()}
    _rules()
    carriers.demo.lay_out(by=SYSTEM)
    for external in _morning(Random(7)):
        intake.take(external, channel=channels["web"], by=SYSTEM)
    admin = next(user for user in people if user.role == Role.ADMIN)
    _, secret = tokens.issue(admin, "Demo", scopes=ALL, secret=token)
    return {
        "password": password,
        "token": secret,
        "webhook_secret": MESSAGE_SECRET,
        "accounts": [{"email": user.email, "role": user.role} for user in people],
    }


def _people(password: str) -> Iterator[User]:
    for role in [*Role.values, ""]:
        name = f"Demo {Role(role).label if role else 'nobody'}"
        yield User.objects.create_user(
            f"{role or 'nobody'}{DOMAIN}", password, name=name, role=role, all_locations=True
        )


def _place(code: str, name: str, kind: str, at: tuple[str, str, str], collects: bool, priority: int) -> Location:
    street, postal_code, city = at
    postal = PostalAddress(
        name=name,
        company="",
        line1=street,
        line2="",
        city=city,
        region="",
        postal_code=postal_code,
        country="DE",
        phone="",
    )
    location = locations.create(
        code, name, postal, kind=kind, time_zone="Europe/Berlin", collects=collects, priority=priority, by=SYSTEM
    )
    aisles = ("A", "B") if kind == "warehouse" else ("A",)
    shelves = [f"{aisle}-{bay:02d}-{level}" for aisle in aisles for bay in range(1, 7) for level in (1, 2)]
    locations.add_shelves(location, shelves, by=SYSTEM)
    return location


def _sku(n: int, code: str, name: str, price: str, weight: int, size: tuple[int, int, int]) -> Sku:
    length, width, height = size
    sku = Sku(code=code, name=name, price=Decimal(price), weight_g=weight)
    sku.length_mm, sku.width_mm, sku.height_mm = length, width, height
    return skus.save(sku, {f"40123450{n:05d}": 1}, by=SYSTEM)


def _book() -> bytes:
    paper = pdf.Document("The kitchen book").heading("The kitchen book")
    return paper.text("Boil water. Add tea. Wait four minutes.").bytes()


def _fill(places: dict[str, Location], goods: list[Sku]) -> None:
    units = {"BER": 60, "LEJ": 30, "HAM": 6}
    for code, location in places.items():
        shelves = list(location.bins.filter(kind="shelf").order_by("pick_sequence"))
        for n, sku in enumerate(goods):
            if sku.code == "TEAPOT" and code != "LEJ":
                continue  # one thing that only one place has
            many = 2 if sku.code == "TRAY" else units[code]
            shelf = shelves[(2 * n) % len(shelves)]
            stock.receive({(sku.pk, location.pk): many}, bin=shelf, reference="opening", by=SYSTEM)


def _buy(location: Location, goods: list[Sku]) -> None:
    potter = Supplier.objects.create(name="Havel Pottery", email="orders@havel.test", lead_days=9)
    for sku in goods:
        SupplierItem.objects.create(supplier=potter, sku=sku, code=f"HP-{sku.code}", cost=sku.price / 3, pack=6)
        ReorderRule.objects.create(sku=sku, location=location, supplier=potter, point=20, target=90)
    wanted = {sku: 40 for sku in goods if sku.code in ("TRAY", "TEAPOT")}
    due = timezone.now() + timedelta(days=6)
    purchasing.place(purchasing.create(potter, location, wanted, expected_at=due, by=SYSTEM), by=SYSTEM)


def _boxes_and_totes(places: dict[str, Location]) -> None:
    for code, (name, (length, width, height), tare, limit, cost) in BOXES.items():
        BoxType.objects.create(
            code=code,
            name=name,
            length_mm=length,
            width_mm=width,
            height_mm=height,
            tare_g=tare,
            max_weight_g=limit,
            cost=Decimal(cost),
        )
    for location in places.values():
        Tote.objects.bulk_create([Tote(location=location, code=f"T-{n:02d}") for n in range(1, 21)])


def _channels() -> Iterator[Channel]:
    kinds = {
        "web": ("Web shop", "api"),
        "phone": ("Phone", "phone"),
        "store": ("Store", "store"),
        "csv": ("File", "csv"),
    }
    for code, (name, kind) in kinds.items():
        on_account = {"payment": "on_account"} if code in ("phone", "store") else {}
        yield Channel.objects.create(code=code, name=name, kind=kind, token=get_random_string(40), config=on_account)
    yield Channel.objects.create(
        code="shop",
        name="Partner shop",
        kind="generic",
        token=get_random_string(40),
        credentials={"secret": MESSAGE_SECRET},
        config={"callback_url": f"{settings.FAKE_SHOP_URL}/told"} if settings.FAKE_SHOP_URL else {},
    )


def _rules() -> None:
    ReturnPolicy.objects.create(name="30 days, free label", valid_from=timezone.now() - timedelta(days=365))
    PromoCode.objects.create(code="WELCOME10", kind="percent", value=Decimal(10), minimum=Decimal(20))
    PromoCode.objects.create(code="SHIPFREE", kind="free_shipping", usage_limit=100)
    RiskRule.objects.create(name="Large order", fact="total", operator="gt", value="800", points=30)
    RiskRule.objects.create(name="First order", fact="first_order", operator="eq", value="yes", points=20, position=1)
    RiskRule.objects.create(
        name="Billed elsewhere", fact="countries_differ", operator="eq", value="yes", points=30, position=2
    )


def _morning(chance: Random) -> Iterator[ExternalOrder]:
    """Twenty-four orders as a shop sends them: most are fine, some need a person."""
    for n in range(24):
        codes = chance.sample([code for code in GOODS if code not in ("TRAY", "TEAPOT")], chance.choice((1, 1, 2, 3)))
        if n in (5, 17):
            codes = ["TRAY"]
        lines = tuple(
            ExternalLine(code, 4 if code == "TRAY" else chance.choice((1, 1, 2)), Decimal(GOODS[code][1]))
            for code in codes
        )
        if n == 9:
            lines = (ExternalLine("EBOOK", 1, Decimal("9.90")),)
        shipping = Decimal(0) if n == 9 else Decimal("4.90")
        total = sum((line.unit_price * line.quantity for line in lines), Decimal(0)) + shipping
        name = NAMES[n % len(NAMES)]
        yield ExternalOrder(
            external_id=f"W-{2001 + n}",
            placed_at=timezone.now() - timedelta(minutes=7 * (24 - n)),
            currency="EUR",
            lines=lines,
            customer_name=name,
            email=f"{name.split()[0].lower()}@example.com",
            shipping_address=_address(name, n),
            method="digital" if n == 9 else "pickup" if n in (3, 12) else "ship",
            pickup_location="HAM" if n in (3, 12) else "",
            service_level="express" if n % 8 == 4 else "standard",
            shipping=shipping,
            payment=ExternalPayment() if n == 14 else ExternalPayment("paid", total, f"pay-{n}", "card"),
        )


def _address(name: str, n: int) -> PostalAddress:
    street, postal_code, city = STREETS[n % len(STREETS)]
    if n == 7:
        postal_code = "123"  # somebody has to put it right
    return PostalAddress(
        name=name,
        company="",
        line1=street,
        line2="",
        city=city,
        region="",
        postal_code=postal_code,
        country="DE",
        phone="",
    )


def wanted() -> dict[str, str]:
    """Password and token as the environment fixes them."""
    return {"password": settings.OMS_DEMO_PASSWORD, "token": settings.OMS_DEMO_TOKEN}


@transaction.atomic
def follow(told: dict[str, Any], *, password: str, token: str) -> dict[str, Any]:
    """An existing demo world takes on the password and the token that the environment fixes now."""
    people = list(User.objects.filter(email__in=[account["email"] for account in told["accounts"]]))
    if password and password != told["password"]:
        for user in people:
            user.set_password(password)
            user.save(update_fields=["password"])
    admin = next((user for user in people if user.role == Role.ADMIN), None)
    if token and admin and not ApiToken.objects.filter(digest=tokens.digest(token)).exists():
        tokens.issue(admin, "Demo", scopes=ALL, secret=token)
    return told | {"password": password or told["password"], "token": token or told["token"]}
