"""All returns: one box to search them, and a view for each desk's work."""

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from oms.common import lists
from oms.common.permissions import requires
from returns.models import Return, ReturnLine
from returns.statuses import OPEN_STATES, Reason, ReturnOrderState


def shown(user: object) -> QuerySet:
    return Return.objects.visible_to(user).select_related("order", "location").prefetch_related("lines")


def _among(rows: QuerySet) -> Q:
    return Q(pk__in=rows.values("pk"))


def _jump(text: str, user: object) -> str | None:
    found = Return.objects.visible_to(user).filter(number__iexact=text.strip().lstrip("#")).first()
    return found.get_absolute_url() if found else None


def _free(text: str, user: object) -> Q:
    papers = Q(number__icontains=text) | Q(order__number__icontains=text) | Q(label__tracking_number__iexact=text)
    return papers | Q(order__search__text__contains=text.lower())


def _units(rma: Return) -> str:
    lines = rma.lines.all()
    return f"{sum(line.received for line in lines)} of {sum(line.authorised for line in lines)}"


RETURNS = lists.List(
    name="returns",
    noun="returns",
    rows=shown,
    columns=[
        lists.Column("number", "Return", kind="mono", sort="number"),
        lists.Column("asked", "Asked", value="requested_at", kind="time", sort="requested_at"),
        lists.Column("order", "Order", value="order.number", kind="mono"),
        lists.Column("customer", "Customer", value=lambda rma: rma.order.customer_name or rma.order.email),
        lists.Column("state", "State", kind="badge"),
        lists.Column("units", "Received", value=_units),
        lists.Column("location", "To", value="location.name"),
        lists.Column("expires", "Runs out", value="expires_at", kind="time", sort="expires_at"),
        lists.Column("by", "Asked by", value="requested_by", extra=True),
    ],
    operators=[
        lists.Is(
            conditions={
                "open": Q(state__in=OPEN_STATES),
                "to-approve": Q(state=ReturnOrderState.REQUESTED),
                "to-inspect": lambda user: _among(Return.objects.to_inspect()),
                "to-refund": lambda user: _among(Return.objects.to_refund()),
                "no-label": Q(state=ReturnOrderState.AUTHORISED) & ~Q(label__state="bought"),
            }
        ),
        lists.Choice("state", "where it stands", "in_transit", lookup="state", choices=ReturnOrderState.choices),
        lists.Text("order", "order number", "O-1001", lookups=["order__number__iexact"]),
        lists.Text("location", "where it goes to", "BER", lookups=["location__code__iexact"]),
        lists.Text(
            "sku",
            "contains a SKU",
            "MUG",
            lookups=lambda value, user: Q(
                pk__in=ReturnLine.objects.filter(order_line__sku_code__iexact=value).values("rma")
            ),
        ),
        lists.Text(
            "reason",
            f"why: {', '.join(Reason.values)}",
            "damaged",
            lookups=lambda value, user: Q(pk__in=ReturnLine.objects.filter(reason__iexact=value).values("rma")),
        ),
        lists.Date("asked", "day it was asked for", "today", lookup="requested_at"),
    ],
    free=_free,
    views=[
        lists.View("All"),
        lists.View("To approve", "is:to-approve", counted=True),
        lists.View("On the way", "state:authorised,in_transit"),
        lists.View("To inspect", "is:to-inspect", counted=True),
        lists.View("To refund", "is:to-refund", counted=True),
    ],
    sort="-asked",
    row_url=lambda rma: rma.get_absolute_url(),
    jump=_jump,
    empty=lists.Empty("No returns yet", "A return begins on the page of the order that comes back."),
)


@requires("returns.view")
def index(request: HttpRequest) -> HttpResponse:
    return RETURNS.respond(request, "returns/index.html")
