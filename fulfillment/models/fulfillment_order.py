"""Work for one location. A FulfillmentOrderLine is the hard allocation of units at that location to an order line."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from fulfillment.statuses import LIVE_STATES, ON_THE_FLOOR, BackorderState, FulfillmentOrderState, InterceptState
from oms.common.numbered import NumberField
from orders.statuses import Method


class FulfillmentOrderQuerySet(models.QuerySet):
    def live(self) -> "FulfillmentOrderQuerySet":
        return self.filter(state__in=LIVE_STATES)

    def visible_to(self, user) -> "FulfillmentOrderQuerySet":
        """Work of the user's locations, or all of it for people without a location limit."""
        if not user.can("fulfillment.view"):
            return self.none()
        return self if user.all_locations else self.filter(location__staff=user)


class FulfillmentOrder(models.Model):
    number = NumberField(max_length=20)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="fulfillment_orders")
    location = models.ForeignKey(
        "inventory.Location",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="fulfillment_orders",
        db_index=False,
    )  # empty for digital work
    method = models.CharField(max_length=10, choices=Method)
    state = models.CharField(max_length=18, choices=FulfillmentOrderState, default=FulfillmentOrderState.OPEN)
    priority = models.PositiveSmallIntegerField(default=0)
    ship_by = models.DateTimeField(null=True, blank=True)
    decision = models.ForeignKey(
        "fulfillment.SourcingDecision",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="fulfillment_orders",
        db_index=False,
    )
    wave = models.ForeignKey(
        "fulfillment.Wave",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="fulfillment_orders",
        db_index=False,
    )
    pinned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    collect_code = models.CharField(max_length=8, blank=True)
    collect_until = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    released_at = models.DateTimeField(null=True, blank=True)
    picked_at = models.DateTimeField(null=True, blank=True)
    packed_at = models.DateTimeField(null=True, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = FulfillmentOrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="fulfillment_number_once"),
            models.CheckConstraint(
                condition=Q(method="digital") | Q(location__isnull=False), name="fulfillment_has_location"
            ),
            models.UniqueConstraint(
                fields=["location", "collect_code"],
                condition=Q(state="ready_for_pickup") & ~Q(collect_code=""),
                name="collect_code_once_while_ready",
            ),
        ]
        indexes = [
            models.Index(
                fields=["location", "state", "ship_by", "id"],
                condition=~Q(state="completed"),
                name="fulfillment_live_queue",
            ),
            models.Index(
                fields=["state", "ship_by", "id"], condition=~Q(state="completed"), name="fulfillment_live_by_state"
            ),
            models.Index(F("ship_by").asc(), F("id").desc(), name="fulfillment_by_ship_by"),
            models.Index(fields=["wave"], condition=Q(wave__isnull=False), name="fulfillment_by_wave"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_STATES

    @property
    def is_on_the_floor(self) -> bool:
        return self.state in ON_THE_FLOOR


class FulfillmentOrderLine(models.Model):
    """`quantity` units of the order line are promised here; `quantity - shipped` of them count in StockLevel.allocated.

    Releasing units lowers `quantity`; nothing is ever deleted.
    """

    fulfillment_order = models.ForeignKey(
        FulfillmentOrder, on_delete=models.CASCADE, related_name="lines", db_index=False
    )
    order_line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, related_name="fulfillment_lines")
    sku = models.ForeignKey("inventory.Sku", on_delete=models.PROTECT, related_name="+", db_index=False)
    quantity = models.PositiveIntegerField()
    picked = models.PositiveIntegerField(default=0)
    packed = models.PositiveIntegerField(default=0)
    shipped = models.PositiveIntegerField(default=0)
    delivered = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fulfillment_order", "order_line"], name="fulfillment_line_once"),
            models.CheckConstraint(
                condition=Q(delivered__lte=F("shipped"), shipped__lte=F("packed"), packed__lte=F("picked"))
                & Q(picked__lte=F("quantity")),
                name="fulfillment_line_steps_in_order",
            ),
        ]
        indexes = [
            models.Index(fields=["sku", "id"], condition=Q(quantity__gt=F("shipped")), name="fulfillment_line_open")
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku_id}"

    @property
    def allocated(self) -> int:
        return self.quantity - self.shipped


class Backorder(models.Model):
    """Units that wait for stock. `supply` names what they wait for ("PO-1007"), `expected_at` when it is due."""

    order_line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, related_name="backorders")
    sku = models.ForeignKey("inventory.Sku", on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey(
        "inventory.Location", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    quantity = models.PositiveIntegerField()  # still waiting
    filled = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=BackorderState, default=BackorderState.WAITING)
    cause = models.CharField(max_length=40)
    supply = models.CharField(max_length=40, blank=True)
    expected_at = models.DateTimeField(null=True, blank=True)
    excluded_locations = models.JSONField(default=list, blank=True)  # ids that were short and not yet counted
    created_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField()  # place in the queue: the order's placed_at

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order_line"], condition=Q(state="waiting"), name="one_waiting_backorder_a_line"
            ),
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(quantity__gt=0), name="backorder_waits_for_something"
            ),
        ]
        indexes = [
            models.Index(fields=["sku", "queued_at", "id"], condition=Q(state="waiting"), name="backorder_queue")
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku_id} waiting"


class SourcingDecision(models.Model):
    """Why here: the candidates, what each would have cost, why some were out, and what was chosen. Never edited."""

    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="sourcing_decisions")
    trigger = models.CharField(max_length=40)  # confirmed, backorder filled, short pick, moved by hand …
    summary = models.CharField(max_length=240)
    candidates = models.JSONField(default=list)
    chosen = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    took_ms = models.DecimalField(max_digits=9, decimal_places=3, default=0)
    actor_label = models.CharField(max_length=120)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.summary


class Intercept(models.Model):
    """Units already picked or packed that should stay: someone on the floor puts them back, or says it was too late."""

    fulfillment_line = models.ForeignKey(FulfillmentOrderLine, on_delete=models.CASCADE, related_name="intercepts")
    quantity = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=InterceptState, default=InterceptState.ASKED)
    reason = models.CharField(max_length=60)
    asked_by = models.CharField(max_length=120)
    asked_at = models.DateTimeField(auto_now_add=True)
    answered_by = models.CharField(max_length=120, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["asked_at"], condition=Q(state="asked"), name="intercept_open")]

    def __str__(self) -> str:
        return f"{self.quantity} to put back ({self.state})"
