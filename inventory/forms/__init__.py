"""What people type about stock. Each form reads and checks; the verbs decide."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils import timezone

from inventory.models import Barcode, Bin, BinStock, Location, Sku, Supplier
from inventory.statuses import PICKABLE, AdjustmentReason, BinKind, LocationKind, Tracks
from oms.common import addresses
from oms.common.addresses import PostalAddress
from oms.common.numbers import whole

MOST_UNITS = 10_000_000
LARGEST_DOWNLOAD = 50 * 1024 * 1024
CODE = RegexValidator(r"^[^\s/\\?#%]+$", "Without spaces and without / \\ ? # %%.")


class SkuForm(forms.ModelForm):
    barcodes = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One a line. A carton's code with its units after a space: 40123450 12",
    )

    tags = forms.CharField(required=False, max_length=400, help_text="Words for rules and filters: summer, bulky")
    download = forms.FileField(
        required=False,
        label="File that buyers fetch",
        help_text="Of a digital SKU, at most 50 MB. Replaces the one there is.",
    )

    class Meta:
        model = Sku
        fields = ["code", "name", "price", "currency", "weight_g", "length_mm", "width_mm", "height_mm"]
        fields += ["digital", "returnable", "active", "tracks", "shelf_life_days", "expiry_margin_days"]
        fields += ["hazmat_class", "un_number", "ships_alone", "fragile", "this_side_up", "hs_code", "origin_country"]
        fields += ["tags"]
        labels = {
            "tracks": "Written down for each unit",
            "shelf_life_days": "Shelf life, days",
            "expiry_margin_days": "Days before expiry",
            "hazmat_class": "Dangerous goods class",
            "un_number": "UN number",
            "ships_alone": "Ships alone in its parcel",
            "hs_code": "Customs code (HS)",
            "origin_country": "Country of origin",
            "price": "Price without tax",
            "weight_g": "Weight, g",
            "length_mm": "Length, mm",
            "width_mm": "Width, mm",
            "height_mm": "Height, mm",
            "digital": "Digital: delivered by mail, has no stock",
            "returnable": "May be sent back",
            "active": "For sale",
        }
        help_texts = {
            "shelf_life_days": "From arrival, when the goods carry no date themselves.",
            "expiry_margin_days": "So many days before it expires a lot is set aside and no longer sold.",
            "hazmat_class": "Like 3, 2.1 or 1.4S. Empty means harmless.",
            "un_number": "Like UN1950.",
            "hs_code": "6 to 12 digits.",
            "origin_country": "Two letters, DE or US.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].validators.append(CODE)
        self.fields["tracks"].required = self.fields["expiry_margin_days"].required = False
        self.initial["tags"] = ", ".join(self.instance.tags)
        if self.instance.pk:
            self.fields["code"].disabled = True
            known = self.instance.barcodes.order_by("quantity", "code")
            self.initial["barcodes"] = "\n".join(f"{b.code} {b.quantity}" if b.quantity > 1 else b.code for b in known)

    def clean_code(self) -> str:
        code = self.cleaned_data["code"].upper()
        if code == "NEW":
            raise forms.ValidationError("This word is the address of the page for new ones.")
        return code

    def clean_tags(self) -> list[str]:
        words = list(
            dict.fromkeys(word.strip().lower() for word in self.cleaned_data["tags"].split(",") if word.strip())
        )
        if any(len(word) > 40 for word in words):
            raise forms.ValidationError("A tag has at most 40 characters.")
        return words

    def clean_tracks(self) -> str:
        wanted = self.cleaned_data["tracks"] or Tracks.NONE
        if self.instance.pk and wanted != self.instance.tracks and self.instance.levels.filter(on_hand__gt=0).exists():
            raise forms.ValidationError("There are units on hand already. Change this while there are none.")
        return wanted

    def clean_expiry_margin_days(self) -> int:
        return self.cleaned_data["expiry_margin_days"] or 0

    def clean_un_number(self) -> str:
        return self.cleaned_data["un_number"].upper()

    def clean_origin_country(self) -> str:
        return self.cleaned_data["origin_country"].upper()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("digital") and cleaned.get("tracks", Tracks.NONE) != Tracks.NONE:
            self.add_error("tracks", "Digital goods have no lots and no serial numbers.")
        return cleaned

    def clean_download(self) -> Any:
        file = self.cleaned_data["download"]
        if file and file.size > LARGEST_DOWNLOAD:
            raise forms.ValidationError("At most 50 MB.")
        return file

    def clean_currency(self) -> str:
        return self.cleaned_data["currency"].upper()

    def clean_barcodes(self) -> dict[str, int]:
        """code → units."""
        found: dict[str, int] = {}
        for line in self.cleaned_data["barcodes"].splitlines():
            code, _, units = line.strip().partition(" ")
            many = whole(units.strip() or "1", digits=8) or 0
            if code and not 0 < many <= MOST_UNITS:
                raise forms.ValidationError(f"“{line.strip()[:60]}”: write the code, a space and the units.")
            if len(code) > 80:
                raise forms.ValidationError(f"{code[:20]}… is longer than a code can be (80).")
            if code:
                found[code] = many
        taken = Barcode.objects.filter(code__in=found).exclude(sku=self.instance.pk).select_related("sku").first()
        if taken:
            raise forms.ValidationError(f"{taken.code} belongs to {taken.sku.code} already.")
        return found


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

    def prepare(self) -> None:
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

    def prepare(self) -> None:
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


class LocationForm(forms.ModelForm):
    company = forms.CharField(max_length=120, required=False)
    line1 = forms.CharField(max_length=120, label="Street and number")
    line2 = forms.CharField(max_length=120, required=False, label="Further line")
    postal_code = forms.CharField(max_length=20, required=False)
    city = forms.CharField(max_length=80)
    region = forms.CharField(max_length=80, required=False)
    country = forms.CharField(max_length=2, help_text="Two letters, DE or US.")
    phone = forms.CharField(max_length=40, required=False)

    class Meta:
        model = Location
        fields = ["code", "name", "kind", "time_zone", "cut_off", "capacity", "priority", "ships", "collects", "active"]
        labels = {
            "time_zone": "Time zone",
            "cut_off": "Cut-off",
            "capacity": "Units a day",
            "ships": "Ships parcels",
            "collects": "Customers collect here",
            "active": "Open",
        }
        help_texts = {
            "cut_off": "Local time by which work must be ready to leave the same day.",
            "capacity": "Empty means no limit.",
            "priority": "Among equal places the higher number is asked first.",
        }
        widgets = {"cut_off": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].validators.append(CODE)
        if self.instance.pk:
            self.fields["code"].disabled = True
            postal = self.instance.address.as_dataclass()
            self.initial |= {name: getattr(postal, name) for name in self.fields if hasattr(postal, name)} | {
                "name": self.instance.name
            }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("kind") == LocationKind.TRANSIT and (cleaned.get("ships") or cleaned.get("collects")):
            self.add_error("kind", "What is in transit can't be shipped or collected. Untick both.")
        if not self.errors:
            self._check(self.postal)
        return cleaned

    @property
    def postal(self) -> PostalAddress:
        names = ("company", "line1", "line2", "postal_code", "city", "region", "country", "phone")
        facts = {name: self.cleaned_data.get(name, "") for name in names}
        facts["country"] = facts["country"].upper()
        return addresses.normalise(PostalAddress(name=self.cleaned_data.get("name", ""), **facts))

    def _check(self, postal: PostalAddress) -> None:
        for problem in addresses.check(postal):
            if not problem.is_warning:
                self.add_error(problem.field if problem.field in self.fields else None, problem.message)


class BinForm(forms.ModelForm):
    class Meta:
        model = Bin
        fields = ["zone", "pick_sequence", "capacity"]
        labels = {"pick_sequence": "Place in the walk", "capacity": "Room for units"}
        help_texts = {"pick_sequence": "Shelves are walked in rising order.", "capacity": "Empty means no limit."}


class ShelvesForm(forms.Form):
    zone = forms.CharField(max_length=40, required=False, help_text="Where they stand: cold, ground floor, A.")
    capacity = forms.IntegerField(min_value=1, max_value=MOST_UNITS, required=False, label="Room for units, each")
    codes = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="One a line, in the order they are walked. A range makes many: A-01..A-12",
    )

    def clean_codes(self) -> list[str]:
        codes = [code for line in self.cleaned_data["codes"].split() for code in expand(line)]
        if len(codes) > 2000:
            raise forms.ValidationError("At most 2,000 at a time.")
        for code in codes:
            CODE(code)
            if len(code) > 40:
                raise forms.ValidationError(f"{code[:20]}… is longer than a shelf's name can be (40).")
        return codes


def expand(text: str) -> list[str]:
    """A-01..A-03 → A-01, A-02, A-03; anything else is one code."""
    first, dots, last = text.partition("..")
    head = first.rstrip("0123456789")
    numbers = first[len(head) :], last[len(head) :]
    if not dots or not last.startswith(head) or any(whole(n, digits=8) is None for n in numbers):
        return [text]
    start, end = int(numbers[0]), min(int(numbers[1]), int(numbers[0]) + 2001)
    return [f"{head}{n:0{len(numbers[0])}d}" for n in range(start, end + 1)]


class StaffForm(forms.Form):
    staff = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple, label="Who works here")


class LinesField(forms.CharField):
    """ "MUG 5", one a line: gives {Sku: units}."""

    widget = forms.Textarea(attrs={"rows": 6, "placeholder": "MUG-RED 24"})
    digital = False  # may be digital as well

    def clean(self, value: Any) -> dict[Sku, int]:
        wanted: dict[str, int] = {}
        for line in super().clean(value).splitlines():
            if line.strip():
                code, units = self._read(line)
                wanted[code] = wanted.get(code, 0) + units
        found = Sku.objects.filter(code__in=wanted, is_kit=False)
        skus = {sku.code.upper(): sku for sku in found if self.digital or not sku.digital}
        missing = [code for code in wanted if code not in skus]
        if missing:
            raise forms.ValidationError(f"Not a SKU with stock: {', '.join(missing)}.")
        return {skus[code]: units for code, units in wanted.items()}

    def _read(self, line: str) -> tuple[str, int]:
        code, _, units = line.replace("\t", " ").replace(";", " ").strip().rpartition(" ")
        many = whole(units, digits=8) or 0
        if not code.strip() or not 0 < many < MOST_UNITS:
            raise forms.ValidationError(f"“{line.strip()}”: write the SKU, a space and the units.")
        return code.strip().upper(), many


class PurchaseForm(forms.Form):
    supplier = forms.ModelChoiceField(Supplier.objects.filter(active=True).order_by("name"), required=False)
    new_supplier = forms.CharField(max_length=120, required=False, help_text="Instead, when it is a new one.")
    location = forms.ModelChoiceField(Location.objects.none(), label="Deliver to")
    expected_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), label="Expected on")
    lines = LinesField(label="What to buy", help_text="One SKU a line with its units.")
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["location"].queryset = Location.objects.visible_to(user).active().order_by("name")
        self.fields["expected_on"].initial = timezone.localdate() + timedelta(days=7)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("supplier") and not (cleaned.get("new_supplier") or "").strip():
            self.add_error("supplier", "Choose a supplier, or write the name of a new one.")
        return cleaned


class TransferForm(forms.Form):
    origin = forms.ModelChoiceField(Location.objects.none(), label="From")
    destination = forms.ModelChoiceField(Location.objects.none(), label="To")
    expected_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), label="Arrives on")
    lines = LinesField(label="What to send", help_text="One SKU a line with its units.")
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["origin"].queryset = Location.objects.visible_to(user).active().order_by("name")
        self.fields["destination"].queryset = Location.objects.active().order_by("name")
        self.fields["expected_on"].initial = timezone.localdate() + timedelta(days=2)


class ReceiveForm(forms.Form):
    quantity = forms.IntegerField(min_value=1, max_value=MOST_UNITS, label="Came")
    damaged = forms.IntegerField(min_value=0, required=False, label="Of these damaged")
    lot = forms.CharField(max_length=40, label="Lot")
    expires_on = forms.DateField(
        required=False, label="Expires on", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    serials = forms.CharField(
        required=False, max_length=20_000, label="Serial numbers", widget=forms.Textarea(attrs={"rows": 2})
    )
    bin = forms.TypedChoiceField(coerce=int, required=False, empty_value=None, label="Into")

    def __init__(self, *args: Any, location: Location, sku: Sku, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not sku.has_lots:
            del self.fields["lot"], self.fields["expires_on"]
        if not sku.has_serials:
            del self.fields["serials"]
        bins = location.bins.filter(kind__in=PICKABLE).order_by("kind", "pick_sequence", "code")
        arrivals = [b for b in bins if b.kind == BinKind.RECEIVING]
        shelves = [b for b in bins if b.kind == BinKind.SHELF]
        self.fields["bin"].choices = [("", f"{arrivals[0].code} (put away later)")] + [(b.pk, b.code) for b in shelves]


class PostponeForm(forms.Form):
    expected_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), label="Expected on")
