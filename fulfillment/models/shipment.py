"""What physically leaves: a shipment of one fulfilment order, its parcels, and what is in each."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from carriers.statuses import TrackingStatus
from fulfillment.statuses import ShipmentState
from oms.common.numbered import NumberField
from orders.models.order import money_column


class BoxType(models.Model):
    """A box to pack into: inner size in mm, what it weighs empty and may carry, what it costs."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    length_mm = models.PositiveIntegerField()
    width_mm = models.PositiveIntegerField()
    height_mm = models.PositiveIntegerField()
    tare_g = models.PositiveIntegerField(default=0)
    max_weight_g = models.PositiveIntegerField(default=30000)
    cost = money_column()
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name

    @property
    def volume_mm3(self) -> int:
        return self.length_mm * self.width_mm * self.height_mm


class ShipmentQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ShipmentQuerySet":
        if not user.can("fulfillment.view"):
            return self.none()
        return self if user.all_locations else self.filter(location__staff=user)


class Shipment(models.Model):
    number = NumberField(max_length=20)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="shipments")
    fulfillment_order = models.ForeignKey(
        "fulfillment.FulfillmentOrder", on_delete=models.PROTECT, related_name="shipments"
    )
    location = models.ForeignKey(
        "inventory.Location", on_delete=models.PROTECT, related_name="shipments", db_index=False
    )
    state = models.CharField(max_length=12, choices=ShipmentState, default=ShipmentState.DRAFT)
    account = models.ForeignKey(
        "carriers.CarrierAccount", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    service_code = models.CharField(max_length=60, blank=True)
    service_name = models.CharField(max_length=120, blank=True)
    manifest = models.ForeignKey(
        "carriers.Manifest", null=True, blank=True, on_delete=models.PROTECT, related_name="shipments"
    )
    cost = money_column()
    deliver_by = models.DateTimeField(null=True, blank=True)  # what the chosen service says
    chosen_because = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sealed_at = models.DateTimeField(null=True, blank=True)
    labelled_at = models.DateTimeField(null=True, blank=True)
    handed_over_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    objects = ShipmentQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["number"], name="shipment_number_once")]
        indexes = [models.Index(fields=["location", "state", "id"], name="shipment_queue")]

    def __str__(self) -> str:
        return self.number


class Parcel(models.Model):
    """A box with one label. Tracking status is a second axis that never moves stock, but for delivered counters."""

    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="parcels", db_index=False)
    position = models.PositiveSmallIntegerField()
    box = models.ForeignKey(BoxType, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    weight_g = models.PositiveIntegerField(default=0)
    length_mm = models.PositiveIntegerField(default=0)
    width_mm = models.PositiveIntegerField(default=0)
    height_mm = models.PositiveIntegerField(default=0)
    sealed_at = models.DateTimeField(null=True, blank=True)
    label = models.OneToOneField(
        "carriers.Label", null=True, blank=True, on_delete=models.PROTECT, related_name="parcel"
    )
    tracker = models.ForeignKey(
        "carriers.Tracker", null=True, blank=True, on_delete=models.PROTECT, related_name="parcels"
    )
    tracking_number = models.CharField(max_length=60, blank=True)
    tracking_status = models.CharField(max_length=20, choices=TrackingStatus, default=TrackingStatus.PENDING)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shipment", "position"], name="parcel_position_once")]
        indexes = [models.Index(Upper("tracking_number"), name="parcel_tracking_any_case")]

    def __str__(self) -> str:
        return f"{self.shipment_id}/{self.position}"


class ParcelSerial(models.Model):
    """A unit with a number of its own in a parcel."""

    parcel_line = models.ForeignKey("fulfillment.ParcelLine", on_delete=models.CASCADE, related_name="serials")
    serial = models.ForeignKey("inventory.Serial", on_delete=models.PROTECT, related_name="parcels")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["parcel_line", "serial"], name="parcel_serial_once")]

    def __str__(self) -> str:
        return str(self.serial)


class ParcelLine(models.Model):
    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="lines", db_index=False)
    fulfillment_line = models.ForeignKey(
        "fulfillment.FulfillmentOrderLine", on_delete=models.PROTECT, related_name="parcel_lines"
    )
    quantity = models.PositiveIntegerField()
    delivered = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parcel", "fulfillment_line"], name="parcel_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="parcel_line_holds_something"),
        ]
