"""The returns desk on a handheld: scan what arrived, then every item in it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from oms.common import htmx
from oms.common.errors import Refused
from oms.common.once import once
from oms.common.permissions import requires
from returns import inspection, pieces, receiving
from returns.models import Return, ReturnLine
from returns.statuses import ReturnOrderState
from returns.views.dialogs import found
from returns.views.inspecting import QUICK


@requires("returns.view", "returns.receive")
@once
def start(request: HttpRequest) -> HttpResponse:
    """A return, order or tracking number, or an item: one that a single return waits for is received at once."""
    code = request.POST.get("code", "").strip()
    matches = receiving.find(code, user=request.user) if code else []
    if len(matches) == 1:
        return _open(request, matches[0], code)
    said, tone = "", ""
    if request.method == "POST":
        said, tone = (f"{len(matches)} returns: choose one.", "") if matches else (_unknown(code), "bad")
    here = Return.objects.visible_to(request.user).filter(state=ReturnOrderState.RECEIVING)
    context = {
        "matches": matches,
        "begun": here.select_related("order", "location").order_by("-pk")[:10],
        "said": said,
        "tone": tone,
        "url": request.path,
    }
    return _answer(request, "start", context, bad=tone == "bad")


@requires("returns.view", "returns.receive")
@once
def one(request: HttpRequest, number: str) -> HttpResponse:
    """Scan item by item."""
    rma = found(request, number)
    said, tone, done, which = "", "", None, None
    code = request.POST.get("code", "").strip()
    if request.method == "POST":
        try:
            done = receiving.scan(rma, code, which=request.POST.get("which", "").strip(), by=request.user)
        except pieces.WhichOne as e:
            said, tone, which = str(e), "bad", {"code": code, "choices": e.facts.get("choices", [])}
        except Refused as e:
            said, tone = str(e), "bad"
        else:
            rma = done.rma
            said, tone = _received(done), "ok"
    return _page(request, rma, said, tone, done, which)


@requires("returns.view", "returns.receive")
@require_POST
@once
def undo(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    rma = found(request, number)
    line = get_object_or_404(ReturnLine.objects.select_related("order_line"), rma=rma, pk=pk)

    def verb() -> str:
        receiving.unscan(line, which=request.POST.get("which", ""), by=request.user)
        return f"One {line.order_line.sku_code} taken back."

    return htmx.act(request, reverse("returns:receive-one", args=[rma.number]), verb)


@requires("returns.view", "returns.receive")
@require_POST
@once
def finish(request: HttpRequest, number: str) -> HttpResponse:
    rma = found(request, number)
    try:
        receiving.finish(rma, by=request.user)
    except Refused as e:
        return htmx.refused(request, e, redirect_to=reverse("returns:receive-one", args=[rma.number]))
    return htmx.done(request, "returns:receive", toast=f"{rma} is received.")


def _open(request: HttpRequest, rma: Return, code: str) -> HttpResponse:
    page = reverse("returns:receive-one", args=[rma.number])
    if receiving.sku_of(code) is None or not rma.is_receivable:
        return htmx.done(request, page) if htmx.wants_part(request) else redirect(page)
    try:
        done = receiving.scan(rma, code, by=request.user)
    except pieces.WhichOne as e:
        return _page(request, rma, str(e), "bad", None, {"code": code, "choices": e.facts.get("choices", [])})
    except Refused as e:
        return htmx.refused(request, e, redirect_to=page)
    return htmx.done(request, page, toast=_received(done))


def _received(done: receiving.Received) -> str:
    of = f", {done.piece}" if done.piece else ""
    return f"{done.line.order_line.sku_code}{of}: {done.line.received} of {done.line.authorised}"


def _unknown(code: str) -> str:
    if not code:
        return "Scan something first."
    return f"No return expects {code}. Put the parcel aside and ask an agent to open a return for it."


def _page(
    request: HttpRequest,
    rma: Return,
    said: str,
    tone: str,
    done: receiving.Received | None,
    which: dict[str, Any] | None,
) -> HttpResponse:
    last = done.line if done else None
    lines = list(
        rma.lines.select_related("order_line__sku").prefetch_related("pieces__lot", "pieces__serial").order_by("pk")
    )
    context = {
        "rma": rma,
        "lines": lines,
        "last": last,
        "piece": done.piece if done else None,
        "which": which,
        "shelf": inspection.suggest_bin(last) if last else None,
        "quick": QUICK if last and request.user.can("returns.inspect") else (),
        "received": sum(line.received for line in lines),
        "expected": sum(line.authorised for line in lines),
        "said": said,
        "tone": tone,
        "url": reverse("returns:receive-one", args=[rma.number]),
    }
    return _answer(request, "one", context, bad=tone == "bad")


def _answer(request: HttpRequest, name: str, context: dict[str, Any], *, bad: bool) -> HttpResponse:
    return render(request, f"returns/receive/{name}.html", context, status=422 if bad else 200)
