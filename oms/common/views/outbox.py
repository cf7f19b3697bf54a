"""Messages that wait or were given up, and the button that tries again."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from oms.common import htmx, lists, outbox
from oms.common.models import OutboxMessage
from oms.common.once import once
from oms.common.permissions import requires

State = OutboxMessage.State
OUTBOX = lists.List(
    name="outbox",
    noun="messages",
    rows=lambda user: OutboxMessage.objects.all(),
    columns=[
        lists.Column("id", "Message", value=lambda m: f"{m.topic} {m.pk}"),
        lists.Column("key", "About", kind="mono"),
        lists.Column("state", "State", kind="badge"),
        lists.Column("attempts", "Attempts", kind="number", sort="attempts"),
        lists.Column("next_at", "Next try", kind="time", sort="next_at"),
        lists.Column("last_error", "What went wrong", value=lambda m: m.last_error[:120]),
        lists.Column("created", "Posted", value="created_at", kind="time", sort="created_at"),
        lists.Column("delivered", "Delivered", value="delivered_at", kind="time", extra=True),
    ],
    operators=[
        lists.Choice("state", "where it stands", "dead", lookup="state", choices=State.choices),
        lists.Text("topic", "what kind", "mail", lookups=["topic__iexact"]),
        lists.Date("posted", "when", "today", lookup="created_at"),
        lists.Number("attempts", "how often tried", ">3", lookup="attempts"),
    ],
    free=lambda text, user: Q(key__icontains=text) | Q(last_error__icontains=text),
    views=[
        lists.View("Given up", "state:dead", counted=True),
        lists.View("Waiting", "state:new,retry", counted=True),
        lists.View("All"),
    ],
    sort="-created",
    row_url=lambda m: reverse("common:outbox-message", args=[m.pk]),
    empty=lists.Empty("No messages yet", "Mails and messages to channels and carriers appear here as they are sent."),
)


@requires("accounts.manage")
def index(request: HttpRequest) -> HttpResponse:
    return OUTBOX.respond(request, "common/outbox/index.html")


@requires("accounts.manage")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    message = get_object_or_404(OutboxMessage, pk=pk)
    return render(request, "common/outbox/show.html", {"message": message})


@requires("accounts.manage")
@require_POST
@once
def try_again(request: HttpRequest, pk: int) -> HttpResponse:
    message = get_object_or_404(OutboxMessage, pk=pk)
    try:
        outbox.try_again(message, by=request.user)
    except outbox.NotDead as e:
        return htmx.refused(request, e, redirect_to=reverse("common:outbox-message", args=[pk]))
    return htmx.done(request, reverse("common:outbox-message", args=[pk]), toast="It is being tried again.")
