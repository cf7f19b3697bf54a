"""An order and its lines. Line counters are facts that the verbs move; every other state is derived from them."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.crypto import get_random_string

from oms.common.models import Address
from oms.common.money import Money
from oms.common.numbered import NumberField
from orders.statuses import (
    OPEN_STATES,
    FulfillmentState,
    HoldState,
    Method,
    OrderState,
    PaymentState,
    ReturnState,
)

ZERO = Decimal("0")

LEFT = (FulfillmentState.SHIPPED, FulfillmentState.PARTIALLY_DELIVERED, FulfillmentState.DELIVERED)
TO_LEAVE = Q(state__in=OPEN_STATES) & ~Q(fulfillment_state__in=LEFT)


def money_column(**kwargs) -> models.DecimalField:
    """NUMERIC with room for three decimals; the currency stands once on the order."""
    return models.DecimalField(max_digits=14, decimal_places=3, default=ZERO, **kwargs)


def tracking_token() -> str:
    """131 bits: the public tracking page has no other lock."""
    return get_random_string(22)


class OrderQuerySet(models.QuerySet):
    def open(self) -> "OrderQuerySet":
        return self.filter(state__in=OPEN_STATES)

    def held(self) -> "OrderQuerySet":
        return self.filter(hold_state=HoldState.HELD)

    def late(self, now) -> "OrderQuerySet":
        """Promised to have left by now, and has not: nothing placed long ago with a promise still ahead."""
        return self.filter(TO_LEAVE, promised_ship_by__lt=now)

    def visible_to(self, user) -> "OrderQuerySet":
        """Orders are not bound to a location: who may view orders sees all of them."""
        return self if user.can("orders.view") else self.none()


class Order(models.Model):
    number = NumberField(max_length=20)
    channel = models.ForeignKey("orders.Channel", on_delete=models.PROTECT, related_name="orders", db_index=False)
    external_id = models.CharField(max_length=120)
    external_version = models.CharField(max_length=60, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)  # of the order as it came, to tell a repeat from another
    customer = models.ForeignKey(
        "orders.Customer", null=True, on_delete=models.PROTECT, related_name="orders", db_index=False
    )
    customer_name = models.CharField(max_length=160, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    shipping_address = models.ForeignKey(Address, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    billing_address = models.ForeignKey(
        Address, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    method = models.CharField(max_length=10, choices=Method, default=Method.SHIP)
    pickup_location = models.ForeignKey(
        "inventory.Location", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    service_level = models.CharField(max_length=20, blank=True)  # what was sold: standard, express

    state = models.CharField(max_length=12, choices=OrderState, default=OrderState.RECEIVED)
    hold_state = models.CharField(max_length=8, choices=HoldState, default=HoldState.NONE)
    payment_state = models.CharField(max_length=20, choices=PaymentState, default=PaymentState.UNPAID)
    fulfillment_state = models.CharField(max_length=22, choices=FulfillmentState, default=FulfillmentState.UNALLOCATED)
    return_state = models.CharField(max_length=20, choices=ReturnState, default=ReturnState.NONE)

    currency = models.CharField(max_length=3)
    goods_total = money_column()  # Σ unit price × quantity
    discount_total = money_column()  # Σ line discounts, order-wide shares included
    tax_total = money_column()  # Σ line tax, added on top of net prices
    shipping_total = money_column()  # as charged, tax included
    total = money_column()
    paid_total = money_column()
    authorised_total = money_column()
    refunded_total = money_column()

    priority = models.PositiveSmallIntegerField(default=0)
    promised_ship_by = models.DateTimeField(null=True, blank=True)
    promised_deliver_by = models.DateTimeField(null=True, blank=True)
    placed_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=40, blank=True)

    note = models.TextField(blank=True)
    tags = models.JSONField(default=list, blank=True)
    tracking_token = models.CharField(max_length=32, default=tracking_token)
    event_count = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="order_number_once"),
            models.UniqueConstraint(fields=["tracking_token"], name="order_token_once"),
            models.UniqueConstraint(fields=["channel", "external_id"], name="order_once_per_channel"),
            models.CheckConstraint(
                condition=Q(total=F("goods_total") - F("discount_total") + F("tax_total") + F("shipping_total")),
                name="order_total_adds_up",
            ),
            models.CheckConstraint(condition=Q(refunded_total__lte=F("paid_total")), name="order_refunded_within_paid"),
            models.CheckConstraint(
                condition=Q(refunded_total__gte=0, paid_total__gte=0, total__gte=0), name="order_money_not_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["-placed_at", "-id"], name="order_newest"),
            models.Index(
                fields=["state", "-placed_at", "-id"], condition=~Q(state="closed"), name="order_live_by_state"
            ),
            models.Index(fields=["customer", "-placed_at"], name="order_by_customer"),
            models.Index(fields=["promised_ship_by"], condition=TO_LEAVE, name="order_to_leave"),
            models.Index(
                fields=["fulfillment_state", "-placed_at", "-id"],
                condition=~Q(fulfillment_state__in=["delivered", "cancelled"]),
                name="order_under_way",
            ),
            models.Index(Upper("external_id"), name="order_external_any_case"),
            models.Index(Upper("email"), name="order_email_any_case"),
            models.Index(
                fields=["placed_at", "id"],
                condition=Q(state="confirmed", fulfillment_state__in=["unallocated", "backordered"]),
                name="order_waiting_for_stock",
            ),
            models.Index(
                fields=["placed_at", "id"], condition=Q(state="received", hold_state="none"), name="order_to_accept"
            ),
            models.Index(fields=["-placed_at", "-id"], condition=Q(hold_state="held"), name="order_held"),
            models.Index(
                fields=["-placed_at", "-id"],
                condition=Q(payment_state__in=["unpaid", "partially_paid"]),
                name="order_owing",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("desk:order", args=[self.number])

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def is_held(self) -> bool:
        return self.hold_state == HoldState.HELD

    @property
    def balance_due(self) -> Money:
        """What the customer still owes; negative when we owe."""
        return Money(self.total - self.paid_total + self.refunded_total, self.currency)

    @property
    def refundable(self) -> Money:
        return Money(self.paid_total - self.refunded_total, self.currency)

    def money(self, amount: Decimal) -> Money:
        return Money(amount, self.currency)


class OrderLine(models.Model):
    """One SKU of an order. `sku` is empty while the code is unknown to us, and the order is then held.

    Lines of a kit name it, with so many units of one kit.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField()
    external_line_id = models.CharField(max_length=120, blank=True)
    sku = models.ForeignKey(
        "inventory.Sku", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    sku_code = models.CharField(max_length=80)
    name = models.CharField(max_length=200, blank=True)
    digital = models.BooleanField(default=False)
    kit = models.ForeignKey(
        "orders.OrderKit", null=True, blank=True, on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    per_kit = models.PositiveIntegerField(null=True, blank=True)

    unit_price = money_column()
    discount = money_column()  # for the whole line, order-wide share included
    tax = money_column()  # for the whole line
    total = money_column()  # unit price × ordered − discount + tax

    ordered = models.PositiveIntegerField()
    cancelled = models.PositiveIntegerField(default=0)
    allocated = models.PositiveIntegerField(default=0)  # promised at a location and not yet shipped
    backordered = models.PositiveIntegerField(default=0)
    picked = models.PositiveIntegerField(default=0)  # of allocated
    packed = models.PositiveIntegerField(default=0)  # of picked
    shipped = models.PositiveIntegerField(default=0)
    delivered = models.PositiveIntegerField(default=0)
    return_authorised = models.PositiveIntegerField(default=0)
    returned = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position_once"),
            models.CheckConstraint(condition=Q(ordered__gt=0), name="order_line_orders_something"),
            models.CheckConstraint(
                condition=Q(ordered__gte=F("cancelled") + F("allocated") + F("backordered") + F("shipped")),
                name="order_line_units_add_up",
            ),
            models.CheckConstraint(
                condition=Q(packed__lte=F("picked"), picked__lte=F("allocated")),
                name="order_line_work_within_allocated",
            ),
            models.CheckConstraint(
                condition=Q(delivered__lte=F("shipped")), name="order_line_delivered_within_shipped"
            ),
            models.CheckConstraint(
                condition=Q(returned__lte=F("return_authorised"), return_authorised__lte=F("shipped")),
                name="order_line_returns_within_shipped",
            ),
            models.CheckConstraint(
                condition=Q(total=F("unit_price") * F("ordered") - F("discount") + F("tax")),
                name="order_line_total_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0, discount__gte=0, tax__gte=0, total__gte=0),
                name="order_line_money_not_negative",
            ),
        ]
        indexes = [
            models.Index(fields=["sku", "order"], name="order_line_of_sku"),
            models.Index(fields=["kit"], condition=Q(kit__isnull=False), name="order_line_of_kit"),
            models.Index(fields=["order"], condition=Q(backordered__gt=0), name="order_line_waiting"),
            models.Index(Upper("sku_code"), condition=Q(sku=None), name="order_line_unknown"),
        ]

    def __str__(self) -> str:
        return f"{self.ordered} × {self.sku_code}"

    @property
    def open(self) -> int:
        """Units that still have to leave."""
        return self.ordered - self.cancelled - self.shipped

    @property
    def unallocated(self) -> int:
        return self.open - self.allocated - self.backordered
