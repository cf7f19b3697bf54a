"""Work on the floor: waves, pick lists in walking order, tasks and totes."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from fulfillment.statuses import PickListState, PickTaskState, ShortReason, WaveState


class WaveQuerySet(models.QuerySet):
    def visible_to(self, user) -> "WaveQuerySet":
        if not user.can("fulfillment.release"):
            return self.none()
        return self if user.all_locations else self.filter(location__staff=user)


class Wave(models.Model):
    """Fulfilment orders released together to leave by one cut-off."""

    number = models.CharField(max_length=20, unique=True)
    location = models.ForeignKey("inventory.Location", on_delete=models.PROTECT, related_name="waves")
    cutoff_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=WaveState, default=WaveState.OPEN)
    released_by = models.CharField(max_length=120)
    released_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True)

    objects = WaveQuerySet.as_manager()

    def __str__(self) -> str:
        return self.number


class Tote(models.Model):
    """A container with a barcode; holds one fulfilment order at a time."""

    code = models.CharField(max_length=40)
    location = models.ForeignKey("inventory.Location", on_delete=models.PROTECT, related_name="totes")
    fulfillment_order = models.OneToOneField(
        "fulfillment.FulfillmentOrder", null=True, blank=True, on_delete=models.SET_NULL, related_name="tote"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["location", "code"], name="tote_code_once")]

    def __str__(self) -> str:
        return self.code


class PickListQuerySet(models.QuerySet):
    def visible_to(self, user) -> "PickListQuerySet":
        if not user.can("fulfillment.view"):
            return self.none()
        return self if user.all_locations else self.filter(location__staff=user)


class PickList(models.Model):
    """One walk for one picker. The claim is a lease by database time, renewed by each scan."""

    number = models.CharField(max_length=20, unique=True)
    wave = models.ForeignKey(Wave, on_delete=models.PROTECT, related_name="pick_lists")
    location = models.ForeignKey("inventory.Location", on_delete=models.PROTECT, related_name="pick_lists")
    state = models.CharField(max_length=10, choices=PickListState, default=PickListState.OPEN)
    priority = models.PositiveSmallIntegerField(default=0)
    ship_by = models.DateTimeField(null=True, blank=True)
    picker = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="pick_lists"
    )
    claimed_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    objects = PickListQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["location", "-priority", "ship_by", "id"], condition=Q(state="open"), name="pick_list_pool"
            )
        ]

    def __str__(self) -> str:
        return self.number


class PickTask(models.Model):
    """One bin, one SKU, one fulfilment line. `bin_confirmed` remembers that the bin was scanned."""

    pick_list = models.ForeignKey(PickList, on_delete=models.CASCADE, related_name="tasks")
    fulfillment_line = models.ForeignKey(
        "fulfillment.FulfillmentOrderLine", on_delete=models.PROTECT, related_name="pick_tasks"
    )
    sku = models.ForeignKey("inventory.Sku", on_delete=models.PROTECT, related_name="+")
    bin = models.ForeignKey("inventory.Bin", on_delete=models.PROTECT, related_name="+")
    lot = models.ForeignKey("inventory.Lot", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveIntegerField()
    quantity = models.PositiveIntegerField()
    picked = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=PickTaskState, default=PickTaskState.PENDING)
    bin_confirmed = models.BooleanField(default=False)
    tote = models.ForeignKey(Tote, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    short_reason = models.CharField(max_length=12, choices=ShortReason, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(picked__lte=F("quantity")), name="pick_task_within_quantity")]
        indexes = [models.Index(fields=["pick_list", "sequence", "id"], name="pick_task_walk")]

    @property
    def remaining(self) -> int:
        return self.quantity - self.picked
