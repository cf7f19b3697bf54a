"""Labels, one a parcel, and the lists that go with the driver."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from carriers.models.account import CarrierAccount
from carriers.statuses import LIVE_LABELS, Direction, LabelFormat, LabelState, ManifestState
from oms.common.money import Money


class ManifestQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ManifestQuerySet":
        """Those of the user's locations, which the floor above names by their codes."""
        if not (user.can("fulfillment.ship") or user.can("carriers.view")):
            return self.none()
        return self if user.all_locations else self.filter(location_code__in=user.locations.values("code"))


class Manifest(models.Model):
    """All parcels of one account that leave one location together. At most one is open for each pair."""

    number = models.CharField(max_length=20, unique=True)
    account = models.ForeignKey(CarrierAccount, on_delete=models.PROTECT, related_name="manifests")
    location_code = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=ManifestState, default=ManifestState.OPEN)
    carrier_reference = models.CharField(max_length=80, blank=True)
    pdf = models.BinaryField(default=b"", blank=True)
    problem = models.CharField(max_length=300, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = ManifestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "location_code"], condition=Q(state="open"), name="one_open_manifest_a_place"
            )
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], name="manifest_newest")]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("carriers:manifest", args=[self.number])

    @property
    def is_open(self) -> bool:
        return self.state == ManifestState.OPEN

    @property
    def is_closed(self) -> bool:
        return self.state == ManifestState.CLOSED


class LabelQuerySet(models.QuerySet):
    def visible_to(self, user) -> "LabelQuerySet":
        return self if user.can("carriers.view") else self.none()

    def live(self) -> "LabelQuerySet":
        return self.filter(state__in=LIVE_LABELS, void_asked_at=None)


class Label(models.Model):
    """`parcel_reference` is the caller's name of the box and has one live label; `reference` is never used twice.

    A label that we want voided is not live any more, so that the box can get another while the carrier is being told.

    `request` is what was asked, word for word: what is printed stays what it was, and the purchase can be looked up.
    """

    account = models.ForeignKey(CarrierAccount, on_delete=models.PROTECT, related_name="labels")
    parcel_reference = models.CharField(max_length=50)
    reference = models.CharField(max_length=60, unique=True)
    direction = models.CharField(max_length=10, choices=Direction, default=Direction.OUTBOUND)
    service_code = models.CharField(max_length=60)
    service_name = models.CharField(max_length=120, blank=True)
    format = models.CharField(max_length=10, choices=LabelFormat, default=LabelFormat.PDF_4X6)
    state = models.CharField(max_length=10, choices=LabelState, default=LabelState.REQUESTED)
    request = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64)
    quoted = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    cost = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    currency = models.CharField(max_length=3)
    deliver_by = models.DateTimeField(null=True, blank=True)
    tracking_number = models.CharField(max_length=60, blank=True, db_index=True)
    tracking_url = models.CharField(max_length=300, blank=True)
    carrier_label_id = models.CharField(max_length=120, blank=True)
    pdf = models.BinaryField(default=b"", blank=True)
    zpl = models.TextField(blank=True)
    problem = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(null=True, blank=True)  # when the carrier was last asked to sell it
    retry_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)  # somebody is talking to the carrier about it
    tracker = models.ForeignKey(
        "carriers.Tracker", null=True, blank=True, on_delete=models.PROTECT, related_name="labels"
    )
    manifest = models.ForeignKey(Manifest, null=True, blank=True, on_delete=models.PROTECT, related_name="labels")
    requested_by_label = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
    bought_at = models.DateTimeField(null=True, blank=True)
    void_asked_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    printed = models.PositiveIntegerField(default=0)  # times it was opened to print; printing again costs nothing

    objects = LabelQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["parcel_reference"],
                condition=Q(state__in=["requested", "unknown", "bought"], void_asked_at=None),
                name="one_live_label_a_parcel",
            ),
            models.UniqueConstraint(
                fields=["account", "tracking_number"],
                condition=~Q(tracking_number=""),
                name="tracking_number_once_an_account",
            ),
            models.CheckConstraint(
                condition=~Q(state="bought") | ~Q(tracking_number=""),
                name="bought_label_has_a_number",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "created_at"], condition=Q(state__in=["requested", "unknown"]), name="label_open"
            ),
            models.Index(
                fields=["void_asked_at"],
                condition=Q(state__in=["unknown", "bought"], void_asked_at__isnull=False),
                name="label_void_asked",
            ),
            models.Index(fields=["account", "bought_at"], name="label_spend"),
            models.Index(fields=["-created_at", "-id"], name="label_newest"),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("carriers:label", args=[self.pk])

    @property
    def is_bought(self) -> bool:
        return self.state == LabelState.BOUGHT

    @property
    def is_unsettled(self) -> bool:
        return self.state in (LabelState.REQUESTED, LabelState.UNKNOWN)

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_LABELS and self.void_asked_at is None

    @property
    def cost_money(self) -> Money | None:
        return None if self.cost is None else Money(self.cost, self.currency)
