"""One return: everything known of it, and what can be done next."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

import carriers.labels
from oms.common import htmx
from oms.common.once import once
from oms.common.permissions import public, requires, requires_any
from orders import telling
from orders.models import OrderEvent
from returns import authorisation, inspection, labels, refunds
from returns.forms import ApproveForm, OptionalReasonForm, ReasonForm
from returns.models import Inspection, Return
from returns.statuses import RECEIVABLE, ReturnOrderState
from returns.views.dialogs import ask, found

EVENTS_SHOWN = 60


@requires("returns.view")
def show(request: HttpRequest, number: str) -> HttpResponse:
    rma = found(request, number)
    rows = rma.lines.select_related("order_line__sku").prefetch_related("pieces__lot", "pieces__serial")
    lines = list(rows.order_by("pk"))
    proposal = refunds.propose(rma) if any(line.unrefunded for line in lines) else None
    context = {
        "rma": rma,
        "order": rma.order,
        "lines": lines,
        "inspections": Inspection.objects.filter(line__rma=rma)
        .select_related("line__order_line", "bin")
        .order_by("pk"),
        "proposal": proposal,
        "needs_a_lead": proposal and refunds.needs_a_lead(proposal.total, request.user),
        "refunds": rma.refunds.order_by("pk"),
        "entries": telling.entries(_events(rma)),
        "undecided": sum(line.undecided for line in lines),
        "closable": rma.state == ReturnOrderState.RECEIVED and not any(line.undecided for line in lines),
        "no_label": _has_no_label(rma),
    }
    return htmx.render_page_or_part(request, "returns/show.html", "returns/_live.html", context)


@requires("returns.view", "returns.request")
@once
def approve(request: HttpRequest, number: str) -> HttpResponse:
    """At once where the policy agrees; against it with a reason."""
    rma = found(request, number)
    failed = [rule["message"] for rule in rma.verdict if not rule["passed"]]

    def verb(said: dict[str, Any]) -> str:
        authorisation.approve(rma, override=said.get("override", ""), by=request.user)
        return f"{rma} is authorised."

    if request.method == "POST" and not failed:
        return htmx.act(request, rma.get_absolute_url(), lambda: verb({}))
    form = ApproveForm(request.POST or None)
    text = f"The policy says no: {'; '.join(failed)}." if failed else "The policy agrees."
    if not failed:
        del form.fields["override"]
    return ask(
        request, form, title=f"Approve {rma}", submit="Approve", verb=verb, back=rma.get_absolute_url(), text=text
    )


@requires("returns.view", "returns.request")
@once
def decline(request: HttpRequest, number: str) -> HttpResponse:
    rma = found(request, number)

    def verb(said: dict[str, Any]) -> str:
        authorisation.decline(rma, reason=said["reason"], by=request.user)
        return f"{rma} is declined."

    form = ReasonForm(request.POST or None)
    back = rma.get_absolute_url()
    return ask(request, form, title=f"Decline {rma}", submit="Decline", verb=verb, back=back, danger=True)


@requires("returns.view", "returns.request")
@once
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    rma = found(request, number)

    def verb(said: dict[str, Any]) -> str:
        authorisation.cancel(rma, reason=said["reason"], by=request.user)
        return f"{rma} is cancelled; its units may be asked back again."

    text = "The customer keeps everything. Its label is withdrawn."
    return ask(
        request,
        OptionalReasonForm(request.POST or None),
        title=f"Cancel {rma}",
        submit="Cancel the return",
        verb=verb,
        back=rma.get_absolute_url(),
        text=text,
        danger=True,
    )


@requires_any("returns.inspect", "returns.refund")
@require_POST
@once
def close(request: HttpRequest, number: str) -> HttpResponse:
    rma = found(request, number)

    def verb() -> str:
        inspection.close(rma, by=request.user)
        return f"{rma} is closed."

    return htmx.act(request, rma.get_absolute_url(), verb)


@requires("returns.view")
@require_GET
def label(request: HttpRequest, number: str) -> HttpResponse:
    """The label to print or to send; printing again costs nothing and is counted."""
    return _paper(found(request, number))


@public
@require_GET
def customer_label(request: HttpRequest, token: str, number: str) -> HttpResponse:
    """The same for the customer, behind the order's unguessable link, as long as it can be used."""
    usable = Return.objects.filter(state__in=RECEIVABLE).select_related("label")
    return _paper(get_object_or_404(usable, order__tracking_token=token, number=number))


@requires("returns.view", "returns.request")
@require_POST
@once
def make_label(request: HttpRequest, number: str) -> HttpResponse:
    rma = found(request, number)

    def verb() -> str:
        asked = labels.ask(rma.pk)
        return "The label is being bought." if asked.label_id else "Still no label: see the exception for the reason."

    return htmx.act(request, rma.get_absolute_url(), verb)


def _paper(rma: Return) -> HttpResponse:
    if not rma.label_id or not rma.label.is_bought or not rma.label.pdf:
        text = "This return has no label to print."
        return HttpResponse(text, status=404, content_type="text/plain; charset=utf-8")
    carriers.labels.printed(rma.label)
    headers = {"Content-Disposition": f'inline; filename="{rma.number}.pdf"', "Cache-Control": "no-store"}
    return HttpResponse(bytes(rma.label.pdf), content_type="application/pdf", headers=headers)


def _events(rma: Return) -> Any:
    """What the order's timeline says of this return."""
    events = OrderEvent.objects.filter(order=rma.order_id, verb__startswith="return.", subject=rma.number)
    return events.order_by("-seq")[:EVENTS_SHOWN]


def _has_no_label(rma: Return) -> bool:
    wanted = rma.state == ReturnOrderState.AUTHORISED and (rma.policy is None or rma.policy.label_included)
    return wanted and (rma.label is None or not rma.label.is_live)
