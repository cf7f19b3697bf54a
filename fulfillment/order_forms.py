"""What agents type to change or cancel an order on which work may have begun."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django import forms

from fulfillment.amendments import Kind, kits
from inventory.models import Location
from orders.forms import AddressForm
from orders.models import Order, OrderChange, OrderKit, OrderLine
from orders.statuses import Method

NEW_LINES = 3
METHODS = [(Method.SHIP.value, Method.SHIP.label), (Method.PICKUP.value, Method.PICKUP.label)]
Wish = tuple[str, dict[str, Any], OrderLine | None]


def money_field(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, min_value=Decimal(0), max_digits=14, decimal_places=3, widget=forms.TextInput
    )


class AmendForm(forms.Form):
    """The order as the customer wants it; `wishes` are what differs from how it is."""

    shipping = money_field("Shipping charge")
    method = forms.ChoiceField(choices=METHODS, required=False)
    pickup_location = forms.ModelChoiceField(
        Location.objects.none(), required=False, label="Store", to_field_name="code"
    )
    customer_name = forms.CharField(max_length=160, required=False, label="Name")
    email = forms.EmailField(required=False, label="E-mail")
    phone = forms.CharField(max_length=40, required=False)

    def __init__(self, data: Any = None, *, order: Order, lines: list[OrderLine]) -> None:
        super().__init__(data)
        self.order, self.lines = order, lines
        self.kits = {kit.pk: (kit, list(kit.lines.all())) for kit in order.kits.prefetch_related("lines")}
        for kit, _ in self.kits.values():
            self.fields[f"kit-{kit.position}"] = forms.IntegerField(
                label=f"Kits of {kit.sku_code}", min_value=0, max_value=1_000_000, required=False
            )
        self.address = AddressForm(data, prefix="address", initial=_address(order))
        self.fields["pickup_location"].queryset = Location.objects.filter(collects=True, active=True).order_by("name")
        for line in lines:
            self.fields[f"quantity-{line.pk}"] = forms.IntegerField(
                label=f"Units of {line.sku_code}", min_value=0, max_value=1_000_000
            )
            self.fields[f"price-{line.pk}"] = money_field(f"Price of {line.sku_code}")
        for number in range(NEW_LINES):
            self.fields[f"sku-{number}"] = forms.CharField(label="New SKU", max_length=80, required=False)
            self.fields[f"units-{number}"] = forms.IntegerField(label="Units", min_value=1, required=False)
            self.fields[f"new_price-{number}"] = money_field("Price, if not ours")
        self.initial = self._as_it_is()

    def rows(self) -> Iterator[tuple[OrderKit | None, Any, OrderLine, Any, Any]]:
        """Each line with its fields; the first of a kit's lines with the kit and its field."""
        told = set()
        for line in self.lines:
            kit = self.kits[line.kit_id][0] if line.kit_id and line.kit_id not in told else None
            told.add(line.kit_id)
            whole = self[f"kit-{kit.position}"] if kit else None
            yield kit, whole, line, self[f"quantity-{line.pk}"], self[f"price-{line.pk}"]

    def new_rows(self) -> Iterator[tuple[Any, Any, Any]]:
        for number in range(NEW_LINES):
            yield self[f"sku-{number}"], self[f"units-{number}"], self[f"new_price-{number}"]

    def is_valid(self) -> bool:
        return super().is_valid() and (not self.address.has_changed() or self.address.is_valid())

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        for number in range(NEW_LINES):
            if said.get(f"sku-{number}") and not said.get(f"units-{number}") and f"units-{number}" not in self.errors:
                self.add_error(f"units-{number}", "How many?")
        return said

    def show(self, change: OrderChange) -> None:
        """Fill in what an open change wishes already."""
        number = 0
        for action in change.actions.order_by("pk"):
            wish = action.payload
            match action.kind:
                case Kind.SET_QUANTITY:
                    self.initial[f"quantity-{action.line_id}"] = wish["quantity"]
                case Kind.SET_PRICE:
                    self.initial[f"price-{action.line_id}"] = wish["unit_price"]
                case Kind.SET_KIT:
                    self.initial[f"kit-{wish['kit']}"] = wish["quantity"]
                case Kind.SET_SHIPPING:
                    self.initial["shipping"] = wish["amount"]
                case Kind.SET_METHOD:
                    self.initial |= {"method": wish["method"], "pickup_location": wish.get("pickup_location")}
                case Kind.SET_CONTACT:
                    self.initial |= {"customer_name": wish["name"], "email": wish["email"], "phone": wish["phone"]}
                case Kind.SET_ADDRESS:
                    self.address.initial |= wish
                case Kind.ADD_LINE if number < NEW_LINES:
                    self.initial |= {f"sku-{number}": wish["sku"], f"units-{number}": wish["quantity"]}
                    self.initial[f"new_price-{number}"] = wish.get("unit_price")
                    number += 1

    def wishes(self) -> list[Wish]:
        return [*self._line_wishes(), *self._new_lines(), *self._order_wishes()]

    def _line_wishes(self) -> Iterator[Wish]:
        said = self.cleaned_data
        whole = {}
        for pk, (kit, lines) in self.kits.items():
            wanted = said[f"kit-{kit.position}"]
            if wanted is not None and wanted != kits.kept(lines):
                whole[pk] = wanted
                yield Kind.SET_KIT, {"kit": kit.position, "quantity": wanted}, None
        for line in self.lines:
            price = said[f"price-{line.pk}"]
            if price is not None and price != self._price(line):
                yield Kind.SET_PRICE, {"unit_price": str(price)}, line
            if line.kit_id not in whole and said[f"quantity-{line.pk}"] != line.ordered - line.cancelled:
                yield Kind.SET_QUANTITY, {"quantity": said[f"quantity-{line.pk}"]}, line

    def _new_lines(self) -> Iterator[Wish]:
        said = self.cleaned_data
        for number in range(NEW_LINES):
            if said[f"sku-{number}"]:
                payload = {"sku": said[f"sku-{number}"], "quantity": said[f"units-{number}"]}
                if said[f"new_price-{number}"] is not None:
                    payload["unit_price"] = str(said[f"new_price-{number}"])
                yield Kind.ADD_LINE, payload, None

    def _order_wishes(self) -> Iterator[Wish]:
        said, order = self.cleaned_data, self.order
        if self.address.has_changed():
            yield Kind.SET_ADDRESS, vars(self.address.postal), None
        store = said["pickup_location"] if said["method"] == Method.PICKUP else None
        if said["method"] and (said["method"], store) != (order.method, order.pickup_location):
            yield Kind.SET_METHOD, {"method": said["method"], "pickup_location": store.code if store else ""}, None
        contact = {"name": said["customer_name"], "email": said["email"], "phone": said["phone"]}
        if contact != {"name": order.customer_name, "email": order.email, "phone": order.phone}:
            yield Kind.SET_CONTACT, contact, None
        if said["shipping"] is not None and said["shipping"] != order.shipping_total:
            yield Kind.SET_SHIPPING, {"amount": str(said["shipping"])}, None

    def _as_it_is(self) -> dict[str, Any]:
        order = self.order
        store = order.pickup_location.code if order.pickup_location else ""
        known = {"method": order.method, "pickup_location": store, "customer_name": order.customer_name}
        known |= {
            "email": order.email,
            "phone": order.phone,
            "shipping": order.money(order.shipping_total).quantize().amount,
        }
        for line in self.lines:
            known[f"quantity-{line.pk}"] = line.ordered - line.cancelled
            known[f"price-{line.pk}"] = self._price(line)
        return known | {f"kit-{kit.position}": kits.kept(lines) for kit, lines in self.kits.values()}

    def _price(self, line: OrderLine) -> Decimal:
        """As it is shown; a part of a kit has a price to the thousandth, which nobody typed."""
        return self.order.money(line.unit_price).quantize().amount


class CancelForm(forms.Form):
    """How many of each line; all that is left, unless somebody says otherwise."""

    reason = forms.CharField(max_length=40, label="Why", help_text="The customer and the timeline are told.")

    def __init__(self, data: Any = None, *, lines: list[OrderLine], can: Mapping[int, int]) -> None:
        super().__init__(data)
        self.lines = lines
        for line in lines:
            self.fields[f"units-{line.pk}"] = forms.IntegerField(
                label=f"Units of {line.sku_code} to cancel", min_value=0, max_value=can[line.pk], initial=can[line.pk]
            )

    def rows(self) -> Iterator[tuple[OrderLine, Any]]:
        for line in self.lines:
            yield line, self[f"units-{line.pk}"]

    @property
    def quantities(self) -> dict[int, int]:
        return {line.pk: self.cleaned_data[f"units-{line.pk}"] for line in self.lines}


class RerouteForm(forms.Form):
    location = forms.ModelChoiceField(
        Location.objects.none(), required=False, label="To", empty_label="The best other place"
    )

    def __init__(self, data: Any = None, *, away_from: int) -> None:
        super().__init__(data)
        places = Location.objects.filter(active=True).exclude(pk=away_from).order_by("name")
        self.fields["location"].queryset = places


def _address(order: Order) -> dict[str, Any]:
    return vars(order.shipping_address.as_dataclass()).copy() if order.shipping_address else {}
