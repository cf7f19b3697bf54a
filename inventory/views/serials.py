"""Units with a number of their own: which are here, and which left with what."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from inventory.models import Serial
from inventory.statuses import SerialState
from inventory.templatetags.stock import reference_link
from oms.common import lists
from oms.common.permissions import requires


def rows(user: Any) -> QuerySet:
    return Serial.objects.visible_to(user).select_related("sku")


SERIALS = lists.List(
    name="serials",
    noun="serial numbers",
    rows=rows,
    columns=[
        lists.Column("code", "Serial number", kind="mono", sort="code"),
        lists.Column("sku", "SKU", value="sku.code", kind="mono"),
        lists.Column("name", "Name", value="sku.name"),
        lists.Column("state", "Where it is", value=lambda row: row.get_state_display()),
        lists.Column("reference", "With", html=lambda row: reference_link(row.reference)),
        lists.Column("changed", "Since", value="changed_at", kind="time", sort="changed_at"),
    ],
    operators=[
        lists.Choice("state", "where it is", "here", lookup="state", choices=SerialState.choices),
        lists.Text("sku", "of a SKU", "CAM", lookups=["sku__code__iexact"]),
    ],
    free=lambda text, user: Q(code__iexact=text) | Q(sku__code__iexact=text) | Q(reference__iexact=text),
    views=[lists.View("All"), lists.View("Here", "state:here"), lists.View("Gone", "state:gone")],
    sort="-changed_at",
    row_url=lambda row: row.sku.get_absolute_url(),
    empty=lists.Empty(
        "No serial numbers yet",
        "Of SKUs that are kept by them: taken in with a purchase, or first seen at the pack station.",
    ),
)


@requires("inventory.view")
def index(request: HttpRequest) -> HttpResponse:
    return SERIALS.respond(request, "inventory/serials.html")
