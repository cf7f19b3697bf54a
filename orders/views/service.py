"""What agents do besides: notes, payments, mails once more, invoices."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from oms.common import htmx
from oms.common.once import once
from oms.common.permissions import requires
from orders import forms, notes, notifications, payments
from orders.models import Document, Note
from orders.views.dialogs import ask, found


@requires("orders.view", "orders.note")
@once
def note(request: HttpRequest, number: str) -> HttpResponse:
    order = found(request, number)

    def verb(said: dict[str, Any]) -> str:
        notes.add(order, said["body"], pinned=said["pinned"], by=request.user)
        return "Noted."

    return ask(request, order, forms.NoteForm(request.POST or None), title="Note", submit="Add the note", verb=verb)


@requires("orders.view", "orders.note")
@require_POST
@once
def pin(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    order = found(request, number)
    row = get_object_or_404(Note, order=order, pk=pk)
    notes.pin(row, not row.pinned, by=request.user)
    return htmx.done(request, order, toast="Pinned." if row.pinned else "No longer pinned.")


@requires("orders.view", "orders.amend")
@once
def payment(request: HttpRequest, number: str) -> HttpResponse:
    order = found(request, number)
    due = order.balance_due
    form = forms.PaymentForm(request.POST or None, initial={"amount": due.quantize().amount if due.amount > 0 else ""})

    def verb(said: dict[str, Any]) -> str:
        row = payments.record(
            order, said["kind"], said["amount"], reference=said["reference"], tender=said["tender"], by=request.user
        )
        return f"{order.money(row.amount)} {row.get_kind_display().lower()}."

    return ask(request, order, form, title="Record a payment", submit="Record it", verb=verb, text=f"{due} is open.")


@requires("orders.view", "orders.note")
@once
def resend(request: HttpRequest, number: str) -> HttpResponse:
    order = found(request, number)
    form = forms.ResendForm(request.POST or None, order=order)

    def verb(said: dict[str, Any]) -> str:
        mail = notifications.send_again(said["mail"], to=said["to"], by=request.user)
        return f"“{mail.subject}” is sent to {mail.to} again."

    return ask(request, order, form, title="Send a mail again", submit="Send it", verb=verb)


@requires("orders.view")
def document(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    paper = get_object_or_404(Document, order=found(request, number), pk=pk)
    response = HttpResponse(bytes(paper.pdf), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{paper.number}.pdf"'
    return response
