"""What was sold, a currency at a time: goods with discount and tax, without shipping and what was cancelled."""

from django.db.models import DecimalField, ExpressionWrapper, F, QuerySet, Sum
from django.db.models.functions import TruncDate

from fulfillment.models import FulfillmentOrderLine
from oms.common.money import ZERO, quantize
from oms.desk.figures.scope import CHANNEL, DAY, LOCATION, Rows, Scope
from orders.models import OrderLine

AMOUNT = DecimalField(max_digits=24, decimal_places=9)


def revenue(scope: Scope, by: str) -> Rows:
    """(group, currency, amount). By location each place has the part of a line that it works on."""
    rows = _parts(scope) if by == LOCATION else _lines(scope, by)
    told = rows.values("group", "currency").annotate(amount=Sum("part")).order_by("group", "currency")
    found = [(row["group"], row["currency"], quantize(row["amount"], row["currency"])) for row in told]
    return _every_day(scope, found) if by == DAY else found


def _lines(scope: Scope, by: str) -> QuerySet:
    key = F("order__channel__name") if by == CHANNEL else TruncDate("order__placed_at")
    part = F("total") * (F("ordered") - F("cancelled")) / F("ordered")
    rows = OrderLine.objects.filter(order__in=scope.orders())
    return rows.annotate(group=key, currency=F("order__currency"), part=ExpressionWrapper(part, AMOUNT))


def _parts(scope: Scope) -> QuerySet:
    part = F("order_line__total") * F("quantity") / F("order_line__ordered")
    works = scope.works(order__in=scope.orders(), location__isnull=False)
    return FulfillmentOrderLine.objects.filter(fulfillment_order__in=works).annotate(
        group=F("fulfillment_order__location__name"),
        currency=F("order_line__order__currency"),
        part=ExpressionWrapper(part, AMOUNT),
    )


def _every_day(scope: Scope, found: Rows) -> Rows:
    known = {(day, currency): amount for day, currency, amount in found}
    currencies = sorted({currency for _, currency, _ in found})
    nothing = {currency: quantize(ZERO, currency) for currency in currencies}
    return [(day, code, known.get((day, code), nothing[code])) for day in scope.days for code in currencies]
