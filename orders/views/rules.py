"""Promo codes and risk rules: lists and forms."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.views.decorators.http import require_POST

from oms.common import htmx, lists
from oms.common.errors import Invalid
from oms.common.money import Money
from oms.common.once import once
from oms.common.permissions import requires
from orders import risk, setup
from orders.forms.setup import PromoForm, RuleForm
from orders.models import PromoCode, RiskRule


def _worth(promo: PromoCode) -> str:
    if promo.kind == PromoCode.Kind.FREE_SHIPPING:
        return "Free shipping"
    return f"{promo.value.normalize():f} %" if promo.kind == PromoCode.Kind.PERCENT else str(_money(promo))


def _money(promo: PromoCode) -> Money:
    return Money(promo.value, promo.currency or "EUR")


def _standing(promo: PromoCode) -> str:
    now = timezone.now()
    if not promo.active:
        return "inactive"
    if promo.usage_limit is not None and promo.used >= promo.usage_limit:
        return "exhausted"
    if promo.ends_at and promo.ends_at <= now:
        return "expired"
    return "new" if promo.starts_at and promo.starts_at > now else "active"


PROMOS = lists.List(
    name="promo-codes",
    noun="promo codes",
    rows=lambda user: PromoCode.objects.all() if user.can("orders.manage_rules") else PromoCode.objects.none(),
    columns=[
        lists.Column("code", "Code", kind="mono", sort="code"),
        lists.Column("worth", "Gives", value=_worth),
        lists.Column("used", "Used", kind="number", sort="used"),
        lists.Column("limit", "Of", value="usage_limit", kind="number"),
        lists.Column("ends", "Ends", value="ends_at", kind="time", sort="ends_at"),
        lists.Column("standing", "State", value=_standing, kind="badge"),
    ],
    operators=[lists.Choice("kind", "what it gives", "percent", lookup="kind", choices=PromoCode.Kind.choices)],
    free=lambda text, user: Q(code__icontains=text),
    sort="code",
    row_url=lambda promo: reverse("orders:promo-code", args=[promo.pk]),
    empty=lists.Empty(
        "No promo codes yet",
        "A code takes a share or an amount off, or the shipping.",
        "New promo code",
        reverse_lazy("orders:promo-code-new"),
        "orders.manage_rules",
    ),
)


@requires("orders.manage_rules")
def promos(request: HttpRequest) -> HttpResponse:
    return PROMOS.respond(request, "orders/rules/promos.html")


@requires("orders.manage_rules")
@once
def new_promo(request: HttpRequest) -> HttpResponse:
    return _promo(request, PromoCode())


@requires("orders.manage_rules")
@once
def promo(request: HttpRequest, pk: int) -> HttpResponse:
    return _promo(request, get_object_or_404(PromoCode, pk=pk))


def _promo(request: HttpRequest, row: PromoCode) -> HttpResponse:
    form = PromoForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        setup.save_promo(form.instance, by=request.user)
        return htmx.done(request, "orders:promo-codes", toast=f"{form.instance} saved.")
    context = {"form": form, "row": row, "title": "Promo code", "back": reverse("orders:promo-codes")}
    return render(request, "orders/rules/edit.html", context, status=422 if form.errors else 200)


@requires("orders.manage_rules")
def rules(request: HttpRequest) -> HttpResponse:
    rows = [
        {"rule": rule, "fact": risk.FACTS[rule.fact].label if rule.fact in risk.FACTS else rule.fact}
        | {"operator": risk.OPERATORS.get(rule.operator, rule.operator)}
        for rule in RiskRule.objects.order_by("position", "pk")
    ]
    return render(request, "orders/rules/risk.html", {"rows": rows, "threshold": risk.threshold()})


@requires("orders.manage_rules")
@once
def new_rule(request: HttpRequest) -> HttpResponse:
    return _rule(request, RiskRule())


@requires("orders.manage_rules")
@once
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    return _rule(request, get_object_or_404(RiskRule, pk=pk))


@requires("orders.manage_rules")
@require_POST
@once
def delete_rule(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(RiskRule, pk=pk)
    setup.delete_rule(row, by=request.user)
    return htmx.done(request, "orders:risk-rules", toast=f"“{row}” is asked no more.")


def _rule(request: HttpRequest, row: RiskRule) -> HttpResponse:
    form = RuleForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            setup.save_rule(form.instance, by=request.user)
            return htmx.done(request, "orders:risk-rules", toast=f"“{form.instance}” saved.")
        except Invalid as e:
            form.add_error(e.field, str(e))
    delete = reverse("orders:risk-rule-delete", args=[row.pk]) if row.pk else ""
    context = {"form": form, "row": row, "title": "Risk rule", "back": reverse("orders:risk-rules"), "delete": delete}
    return render(request, "orders/rules/edit.html", context, status=422 if form.errors else 200)
