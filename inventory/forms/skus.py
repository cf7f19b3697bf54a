"""A SKU with its barcodes, tags and download."""

from typing import Any

from django import forms

from inventory.forms import CODE, MOST_UNITS
from inventory.models import Barcode, Sku
from inventory.statuses import Tracks
from oms.common.numbers import whole

LARGEST_DOWNLOAD = 50 * 1024 * 1024


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
