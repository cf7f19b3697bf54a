"""A return authorisation, its lines, and what each unit turned out to be."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from returns.statuses import OPEN_STATES, RECEIVABLE, RETURN_MOVES, Disposition, Reason, ReturnOrderState


class ReturnPolicy(models.Model):
    """Policy as data; a change makes a new version, and an order keeps the one in force when it was placed."""

    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField(default=1)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)  # empty: all
    window_days = models.PositiveSmallIntegerField(default=30)  # from delivery
    final_sale_skus = ArrayField(models.CharField(max_length=80), default=list, blank=True)  # codes; SALE-* for many
    fee = models.DecimalField(max_digits=14, decimal_places=3, default=0)
    free_reasons = ArrayField(models.CharField(max_length=20), default=list, blank=True)  # no fee for these
    refund_shipping = models.BooleanField(default=False)  # when the whole order comes back
    auto_approve = models.BooleanField(default=True)
    rma_valid_days = models.PositiveSmallIntegerField(default=21)
    label_included = models.BooleanField(default=True)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="return_policy_version_once"),
            models.CheckConstraint(condition=Q(fee__gte=0), name="return_policy_fee_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    def get_absolute_url(self) -> str:
        return reverse("returns:policy", args=[self.pk])


class ReturnQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ReturnQuerySet":
        if not user.can("returns.view"):
            return self.none()
        return self if user.all_locations else self.filter(location__staff=user)

    def open(self) -> "ReturnQuerySet":
        return self.filter(state__in=OPEN_STATES)

    def to_inspect(self) -> "ReturnQuerySet":
        undecided = ReturnLine.objects.filter(received__gt=F("accepted") + F("rejected"))
        return self.filter(
            state__in=(ReturnOrderState.RECEIVING, ReturnOrderState.RECEIVED), pk__in=undecided.values("rma")
        )

    def to_refund(self) -> "ReturnQuerySet":
        return self.filter(pk__in=ReturnLine.objects.filter(accepted__gt=F("refunded")).values("rma"))


class Return(models.Model):
    number = models.CharField(max_length=20, unique=True)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="returns")
    state = models.CharField(max_length=12, choices=ReturnOrderState, default=ReturnOrderState.REQUESTED)
    policy = models.ForeignKey(ReturnPolicy, null=True, on_delete=models.PROTECT, related_name="+")
    verdict = models.JSONField(default=list, blank=True)  # policy rules passed and failed, as shown
    override_reason = models.CharField(max_length=200, blank=True)
    location = models.ForeignKey("inventory.Location", on_delete=models.PROTECT, related_name="returns")
    label = models.ForeignKey("carriers.Label", null=True, blank=True, on_delete=models.PROTECT, related_name="returns")
    tracker = models.ForeignKey(
        "carriers.Tracker", null=True, blank=True, on_delete=models.PROTECT, related_name="returns"
    )
    note = models.TextField(blank=True)
    decline_reason = models.CharField(max_length=200, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    requested_by = models.CharField(max_length=120)
    requested_at = models.DateTimeField(auto_now_add=True)
    authorised_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = ReturnQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "-id"], name="return_by_state")]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("returns:show", args=[self.number])

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def is_receivable(self) -> bool:
        return self.state in RECEIVABLE

    @property
    def is_cancellable(self) -> bool:
        return ReturnOrderState.CANCELLED in RETURN_MOVES[self.state]


class ReturnLine(models.Model):
    rma = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="lines")
    order_line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, related_name="return_lines")
    reason = models.CharField(max_length=20, choices=Reason)
    comment = models.CharField(max_length=300, blank=True)
    authorised = models.PositiveIntegerField()
    received = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    refunded = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rma", "order_line"], name="return_line_once"),
            models.CheckConstraint(condition=Q(authorised__gt=0), name="return_line_authorises_something"),
            models.CheckConstraint(
                condition=Q(received__lte=F("authorised"), received__gte=F("accepted") + F("rejected"))
                & Q(refunded__lte=F("accepted")),
                name="return_line_steps_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authorised} × {self.order_line.sku_code}"

    @property
    def expected(self) -> int:
        return self.authorised - self.received

    @property
    def undecided(self) -> int:
        return self.received - self.accepted - self.rejected

    @property
    def waiting(self) -> list[Any]:
        """Lots and numbered units that arrived and are not decided."""
        return [piece for piece in self.pieces.all() if piece.undecided]

    @property
    def unrefunded(self) -> int:
        return self.accepted - self.refunded


class Inspection(models.Model):
    """`quantity` units of a line looked at together: where they go and what the customer gets. Never edited."""

    line = models.ForeignKey(ReturnLine, on_delete=models.CASCADE, related_name="inspections")
    quantity = models.PositiveIntegerField()
    disposition = models.CharField(max_length=20, choices=Disposition)
    piece = models.ForeignKey(
        "returns.ReturnPiece", null=True, blank=True, on_delete=models.PROTECT, related_name="inspections"
    )
    accepted = models.BooleanField()
    bin = models.ForeignKey("inventory.Bin", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    actor_label = models.CharField(max_length=120)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(quantity__gt=0), name="inspection_of_something")]
