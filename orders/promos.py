"""Promo codes: may it be used, used once an order, given back."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F
from django.utils import timezone

from oms.common.locking import lock
from oms.common.money import quantize
from orders.models import Order, PromoCode, PromoUse

Kind = PromoCode.Kind


@dataclass(frozen=True)
class Verdict:
    """`problem` is a sentence, empty when the code may be used."""

    code: str
    promo: PromoCode | None
    problem: str = ""


def check(code: str, *, goods: Decimal, currency: str, customer_id: int | None) -> Verdict:
    """`goods` is the value of the lines after their own discounts."""
    promo = PromoCode.objects.filter(code__iexact=code.strip()).first()
    if not promo:
        return Verdict(code, None, f"There is no promo code {code}.")
    return Verdict(promo.code, promo, _problem(promo, goods, currency, customer_id))


def _problem(promo: PromoCode, goods: Decimal, currency: str, customer_id: int | None) -> str:
    now = timezone.now()
    if not promo.active:
        return f"{promo.code} is switched off."
    if promo.starts_at and now < promo.starts_at:
        return f"{promo.code} begins on {promo.starts_at:%d %b %Y}."
    if promo.ends_at and now >= promo.ends_at:
        return f"{promo.code} ended on {promo.ends_at:%d %b %Y}."
    if promo.currency and promo.currency != currency:
        return f"{promo.code} is for orders in {promo.currency}."
    if goods < promo.minimum:
        return f"{promo.code} needs goods of at least {quantize(promo.minimum, currency)} {currency}."
    if promo.usage_limit is not None and promo.used >= promo.usage_limit:
        return f"{promo.code} was used {promo.used} times, which is all it allows."
    if promo.per_customer_limit is not None and customer_id:
        used = PromoUse.objects.filter(promo=promo, order__customer=customer_id, released_at=None).count()
        if used >= promo.per_customer_limit:
            return f"This customer has used {promo.code} already."
    return ""


def worth(promo: PromoCode, *, goods: Decimal, currency: str) -> Decimal:
    """What it takes off the goods."""
    if promo.kind == Kind.PERCENT:
        return quantize(goods * promo.value / 100, currency)
    if promo.kind == Kind.AMOUNT:
        return min(quantize(promo.value, currency), goods)
    return Decimal(0)


def redeem(order: Order, code: str, amount: Decimal) -> str:
    """Count one use for the order, in its transaction; the problem as a sentence when it can't be. Twice is once."""
    found = PromoCode.objects.filter(code__iexact=code.strip()).values_list("pk", flat=True).first()
    if found is None:
        return f"There is no promo code {code}."
    promo = lock(PromoCode.objects.filter(pk=found))[0]
    if PromoUse.objects.filter(promo=promo, order=order, released_at=None).exists():
        return ""
    goods = order.goods_total - order.discount_total + amount
    if problem := _problem(promo, goods, order.currency, order.customer_id):
        return problem
    PromoUse.objects.update_or_create(promo=promo, order=order, defaults={"amount": amount, "released_at": None})
    PromoCode.objects.filter(pk=promo.pk).update(used=F("used") + 1)
    return ""


def give_back(order: Order) -> None:
    """The order is cancelled whole: its uses count no longer."""
    for use in PromoUse.objects.filter(order=order, released_at=None).order_by("promo"):
        lock(PromoCode.objects.filter(pk=use.promo_id))
        if PromoUse.objects.filter(pk=use.pk, released_at=None).update(released_at=timezone.now()):
            PromoCode.objects.filter(pk=use.promo_id).update(used=F("used") - 1)
