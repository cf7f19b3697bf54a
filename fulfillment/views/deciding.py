"""The button that decides all backorders together, and the look at what it would do."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from fulfillment import deciding, distance
from oms.common import htmx, jobs
from oms.common.errors import Refused
from oms.common.models import Job
from oms.common.money import Money
from oms.common.once import once
from oms.common.permissions import requires

WORDS = {
    "whole": "Orders that wait for nothing more",
    "units": "Units",
    "parcels": "Parcels",
    "cost": "Estimated cost",
}


@requires("fulfillment.view", "fulfillment.route")
@require_POST
@once
def look(request: HttpRequest) -> HttpResponse:
    return _started(request, deciding.LOOK)


@requires("fulfillment.view", "fulfillment.route")
@require_POST
@once
def decide(request: HttpRequest) -> HttpResponse:
    return _started(request, deciding.DECIDE)


@requires("fulfillment.view", "fulfillment.route")
@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(Job, pk=pk, kind__in=deciding.KINDS)
    told = job.result
    context = {
        "job": job,
        "is_look": job.kind == deciding.LOOK,
        "figures": [_figure(name, *told["figures"][name]) for name in WORDS] if "figures" in told else [],
        "rows": [_row(row) for row in told.get("rows", [])],
        "could_be_served": len(deciding.could_be_served()),
    }
    return render(request, "fulfillment/backorders/together.html", context)


def _started(request: HttpRequest, kind: str) -> HttpResponse:
    try:
        job = deciding.start(kind, by=request.user)
    except Refused as e:
        return htmx.refused(request, e, redirect_to=reverse("fulfillment:backorders"))
    return htmx.done(request, jobs.url(job))


def _figure(name: str, together: str, in_turn: str) -> dict[str, str]:
    """Together, one by one, and the difference. More of what is sent is good; more of what it costs is not."""
    now, then = Decimal(together), Decimal(in_turn)
    sign = "" if now == then else "+" if now > then else "−"
    better = now > then if name in ("whole", "units") else now < then
    tone = "" if now == then or name == "parcels" else "ok" if better else ""
    shown = [str(Money(n, distance.CURRENCY)) if name == "cost" else f"{n:,}" for n in (now, then, abs(now - then))]
    return {"words": WORDS[name], "together": shown[0], "in_turn": shown[1], "change": sign + shown[2], "tone": tone}


def _row(row: dict[str, Any]) -> dict[str, Any]:
    cost = Money(Decimal(row["cost"]), distance.CURRENCY) if "cost" in row else None
    return {**row, "placed_at": datetime.fromisoformat(row["placed_at"]), "cost": cost}
