"""A trial run of sourcing rules: begun with a button, and its page of then, now and the difference."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from fulfillment import distance, rehearsal
from fulfillment.models import SourcingRuleSet
from fulfillment.rules import editing
from fulfillment.views.rules import may_read
from oms.common import htmx, jobs
from oms.common.errors import Refused
from oms.common.models import Job
from oms.common.money import Money
from oms.common.numbers import whole
from oms.common.once import once

WORDS = {
    "parcels": "Parcels",
    "cost": "Estimated cost",
    "late": "Orders that would miss the promise",
    "waiting": "Units that wait for stock",
}


@may_read
@require_POST
@once
def start(request: HttpRequest) -> HttpResponse:
    rule_set = get_object_or_404(SourcingRuleSet, number=whole(request.POST.get("version", ""), digits=9) or 0)
    try:
        job = rehearsal.start(rule_set, orders=whole(request.POST.get("orders", ""), digits=6) or 0, by=request.user)
    except Refused as e:
        return htmx.refused(request, e, redirect_to=reverse("fulfillment:rules"))
    return htmx.done(request, jobs.url(job))


@may_read
@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(Job, pk=pk, kind=rehearsal.KIND)
    rule_set = get_object_or_404(SourcingRuleSet, number=job.data["version"])
    told = job.result if job.state == Job.State.DONE else {}
    context = {
        "job": job,
        "rule_set": rule_set,
        "is_draft": rule_set == editing.draft(),
        "orders": told.get("orders", 0),
        "changed": told.get("changed", []),
        "figures": _figures(told) if told else [],
        "currency": distance.CURRENCY,
    }
    return render(request, "fulfillment/rules/rehearsal.html", context)


def _figures(told: dict[str, Any]) -> list[dict[str, Any]]:
    """A row a figure: then, now, the difference, and whether it is for the better."""
    rows = []
    for name, words in WORDS.items():
        then, now = Decimal(told["then"][name]), Decimal(told["now"][name])
        shown = [_shown(name, figure) for figure in (then, now, abs(now - then))]
        sign = "" if now == then else "+" if now > then else "−"
        tone = "" if now == then else "bad" if now > then else "ok"
        rows.append({"words": words, "then": shown[0], "now": shown[1], "change": sign + shown[2], "tone": tone})
    return rows


def _shown(name: str, figure: Decimal) -> str:
    return str(Money(figure, distance.CURRENCY)) if name == "cost" else f"{figure:,}"
