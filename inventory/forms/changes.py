"""What is done by hand to the stock of one SKU: adjusted, moved, set aside, kept back."""

from typing import Any

from django import forms

from inventory.forms import MOST_UNITS, AnywayField
from inventory.models import Bin, BinStock, Location, Sku
from inventory.statuses import PICKABLE, AdjustmentReason, BinKind
from inventory.stock import room


def bins_holding(sku: Sku, user: Any, *kinds: str) -> list[tuple[str, str]]:
    """("12", "Berlin · A-01 holds 5") of every bin of the user's locations that holds the SKU; of a lot "12:7"."""
    rows = BinStock.objects.filter(
        sku=sku, quantity__gt=0, bin__kind__in=kinds, bin__location__in=Location.objects.visible_to(user)
    )
    rows = rows.select_related("bin__location", "lot")
    return [_held(row) for row in rows.order_by("bin__location__name", "bin__pick_sequence", "bin__code", "lot")]


def all_bins(sku: Sku, user: Any, *kinds: str, lots: bool = False) -> list[tuple[str, str]]:
    """Every bin of the user's active locations, those that hold the SKU first; with `lots` each lot there as well."""
    holding = [row for row in bins_holding(sku, user, *kinds) if lots or ":" not in row[0]]
    known = {value for value, _ in holding}
    rows = Bin.objects.filter(kind__in=kinds, location__in=Location.objects.visible_to(user).active())
    rows = rows.select_related("location").order_by("location__name", "pick_sequence", "code")
    return holding + [(str(row.pk), f"{row.location.name} · {row.code}") for row in rows if str(row.pk) not in known]


def place_of(value: str) -> tuple[int, int | None]:
    """(bin, lot) of a choice."""
    bin_id, _, lot = value.partition(":")
    return int(bin_id), int(lot) if lot else None


def _held(row: BinStock) -> tuple[str, str]:
    told = f"{row.bin.location.name} · {row.bin.code} holds {row.quantity}"
    return (f"{row.bin_id}:{row.lot_id}", f"{told} of lot {row.lot}") if row.lot else (str(row.bin_id), told)


class _AboutSku(forms.Form):
    def __init__(self, *args: Any, sku: Sku, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sku, self.user = sku, user
        self.prepare()

    def prepare(self) -> None:
        """Fill the choices."""

    def only_leads_overrule(self) -> None:
        if not self.user.can(room.OVERRIDE):
            del self.fields["anyway"]


class AdjustForm(_AboutSku):
    bin = forms.TypedChoiceField(coerce=place_of)
    delta = forms.IntegerField(
        label="Units more or less",
        min_value=-MOST_UNITS,
        max_value=MOST_UNITS,
        help_text="-2 when two are gone, 3 when three were found.",
    )
    reason = forms.ChoiceField(choices=AdjustmentReason)

    def prepare(self) -> None:
        self.fields["bin"].choices = all_bins(self.sku, self.user, *PICKABLE, BinKind.QUARANTINE, lots=True)


class MoveForm(_AboutSku):
    source = forms.TypedChoiceField(coerce=place_of, label="From")
    target = forms.TypedChoiceField(coerce=int, label="To")
    quantity = forms.IntegerField(min_value=1)
    anyway = AnywayField()

    def prepare(self) -> None:
        self.only_leads_overrule()
        self.fields["source"].choices = bins_holding(self.sku, self.user, *PICKABLE)
        self.fields["target"].choices = all_bins(self.sku, self.user, *PICKABLE)


class DamageForm(_AboutSku):
    bin = forms.TypedChoiceField(coerce=place_of, label="From")
    quantity = forms.IntegerField(min_value=1)
    reason = forms.CharField(max_length=60, help_text="What is wrong with them.")

    def prepare(self) -> None:
        self.fields["bin"].choices = bins_holding(self.sku, self.user, *PICKABLE)


class UndamageForm(_AboutSku):
    bin = forms.TypedChoiceField(coerce=int, label="Back to")
    quantity = forms.IntegerField(min_value=1)
    reason = forms.CharField(max_length=60, required=False)
    anyway = AnywayField()

    def prepare(self) -> None:
        self.only_leads_overrule()
        self.fields["bin"].choices = all_bins(self.sku, self.user, *PICKABLE)


class SafetyForm(_AboutSku):
    location = forms.ModelChoiceField(Location.objects.none())
    units = forms.IntegerField(min_value=0, max_value=1_000_000, help_text="Kept out of sale there.")

    def prepare(self) -> None:
        self.fields["location"].queryset = Location.objects.active().order_by("name")


class ReserveForm(_AboutSku):
    holder = forms.CharField(max_length=60, label="For whom", help_text="A name that says who asked.")
    location = forms.ModelChoiceField(Location.objects.none())
    quantity = forms.IntegerField(min_value=1)
    hours = forms.IntegerField(min_value=1, max_value=24 * 14, initial=24, label="For so many hours")

    def prepare(self) -> None:
        self.fields["location"].queryset = Location.objects.visible_to(self.user).active().order_by("name")
