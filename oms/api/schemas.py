"""What may be sent, for the OpenAPI document and for small bodies. Orders are read by the generic mapping."""

from typing import Any, Literal

from ninja import Schema
from pydantic import Field


class AddressIn(Schema):
    name: str = ""
    company: str = ""
    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = Field(description="ISO 3166-1, two letters")
    phone: str = ""


class CustomerIn(Schema):
    name: str = ""
    email: str = ""
    phone: str = ""


class LineIn(Schema):
    sku: str
    quantity: int = Field(ge=1, le=100_000)
    unit_price: str = Field(description='Without tax, as text: "12.50"')
    discount: str = Field("0", description="Of the whole line")
    tax: str = Field("0", description="Of the whole line, on top of net")
    name: str = ""
    id: str = Field("", description="Your own name of the line")


class PaymentIn(Schema):
    state: Literal["unpaid", "authorised", "paid"] = "unpaid"
    amount: str = "0"
    reference: str = ""
    tender: str = ""


class OrderIn(Schema):
    channel: str = Field(description="Code of the channel it was placed in")
    external_id: str = Field(description="Your number of the order; the order is taken once for it")
    placed_at: str = Field(description="ISO 8601 with zone")
    currency: str = Field(description="ISO 4217")
    customer: CustomerIn = CustomerIn()
    shipping_address: AddressIn | None = None
    billing_address: AddressIn | None = None
    method: Literal["ship", "pickup", "digital"] = "ship"
    pickup_location: str = ""
    service_level: str = ""
    lines: list[LineIn]
    shipping: str = "0"
    promo_codes: list[str] = []
    payment: PaymentIn = PaymentIn()
    total: str | None = Field(None, description="When sent it must be our sum too, else the order is held")
    note: str = ""


class LineUnits(Schema):
    sku: str
    quantity: int = Field(ge=1)


class CancelIn(Schema):
    reason: str = Field("customer", max_length=40)
    lines: list[LineUnits] = Field([], description="Empty cancels all that can be")


class AdjustmentIn(Schema):
    sku: str
    location: str
    bin: str = Field("", description="Empty means the receiving bin")
    delta: int = Field(description="Units found (+) or gone (-)")
    reason: str = "correction"


class WishIn(Schema):
    sku: str
    quantity: int = Field(1, ge=1, le=10_000)
    channel: str
    external_id: str = Field(min_length=1, max_length=100, description="Of the order that will take the units")
    minutes: int = Field(15, ge=1, le=24 * 60, description="That the units are kept once they are granted")


def body_schema(schema: type[Schema], example: dict[str, Any]) -> dict[str, Any]:
    """For operations that read their body themselves."""
    content = {"schema": schema.model_json_schema(ref_template="#/components/schemas/{model}"), "example": example}
    inlined = _inline(content["schema"], content["schema"].pop("$defs", {}))
    return {"requestBody": {"required": True, "content": {"application/json": {**content, "schema": inlined}}}}


def _inline(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, dict):
        if ref := node.get("$ref"):
            return _inline(definitions[ref.rpartition("/")[2]], definitions)
        return {key: _inline(value, definitions) for key, value in node.items()}
    return [_inline(value, definitions) for value in node] if isinstance(node, list) else node
