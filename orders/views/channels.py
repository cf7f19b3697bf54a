"""Channels: how each is set up, and every message as it came, with a way to try again."""

import json
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from oms.common import htmx, lists
from oms.common.once import once
from oms.common.permissions import requires
from orders import inbound, setup
from orders.channels import adapter
from orders.forms.setup import KIND_WORDS, ChannelForm
from orders.models import Channel, InboundMessage
from orders.statuses import InboundState

SHOWN_MOST = 100_000


def _messages(user: Any) -> QuerySet:
    rows = InboundMessage.objects.select_related("channel", "order").defer("body")
    return rows if user.can("orders.manage_channels") else rows.none()


MESSAGES = lists.List(
    name="messages",
    noun="channel messages",
    rows=_messages,
    columns=[
        lists.Column("received", "Received", value="received_at", kind="time", sort="received_at"),
        lists.Column("channel", "Channel", value="channel.name"),
        lists.Column("topic", "Topic"),
        lists.Column("external", "Their number", value="external_id", kind="mono"),
        lists.Column("state", "State", kind="badge"),
        lists.Column("outcome", "Outcome"),
        lists.Column("repeats", "Repeats", kind="number"),
        lists.Column("attempts", "Attempts", kind="number", extra=True),
    ],
    operators=[
        lists.Choice("state", "what became of it", "refused", lookup="state", choices=InboundState.choices),
        lists.Text("channel", "where it came from", "web", lookups=["channel__code__iexact"]),
        lists.Date("received", "day it came", "today", lookup="received_at"),
    ],
    free=lambda text, user: Q(external_id__icontains=text) | Q(event_id__icontains=text) | Q(outcome__icontains=text),
    views=[lists.View("All"), lists.View("To look at", "state:failed,refused", counted=True)],
    sort="-received",
    row_url=lambda row: reverse("orders:message", args=[row.channel.code, row.pk]),
    empty=lists.Empty("No messages yet", "What a channel sends is kept here exactly as it came."),
)


@requires("orders.manage_channels")
def index(request: HttpRequest) -> HttpResponse:
    rows = Channel.objects.annotate(count=Count("orders"), newest=Max("orders__placed_at")).order_by("name")
    context = {"rows": [{"channel": row, "kind": KIND_WORDS.get(row.kind, row.kind)} for row in rows]}
    return render(request, "orders/channels/index.html", context)


@requires("orders.manage_channels")
@once
def new(request: HttpRequest) -> HttpResponse:
    return _edit(request, Channel())


@requires("orders.manage_channels")
@once
def edit(request: HttpRequest, code: str) -> HttpResponse:
    return _edit(request, get_object_or_404(Channel, code=code))


@requires("orders.manage_channels")
@require_POST
def rotate(request: HttpRequest, code: str) -> HttpResponse:
    """Shown once, in the answer itself: never in a redirect, a message or a log."""
    channel = get_object_or_404(Channel, code=code)
    fresh = setup.rotate_secret(channel, by=request.user)
    response = render(request, "orders/channels/secret.html", {"channel": channel, "fresh": fresh})
    response["Cache-Control"] = "no-store"
    return response


@requires("orders.manage_channels")
def messages(request: HttpRequest) -> HttpResponse:
    return MESSAGES.respond(request, "orders/channels/messages.html")


@requires("orders.manage_channels")
def message(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    row = get_object_or_404(InboundMessage.objects.select_related("channel", "order"), channel__code=code, pk=pk)
    payload, whole = readable(bytes(row.body))
    context = {"row": row, "payload": payload, "whole": whole, "done": row.state == InboundState.PROCESSED}
    return render(request, "orders/channels/message.html", context)


@requires("orders.manage_channels")
@require_POST
@once(atomic=False)
def try_again(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    row = get_object_or_404(InboundMessage.objects.select_related("channel"), channel__code=code, pk=pk)
    after = inbound.try_again(row, by=request.user)
    return htmx.done(request, reverse("orders:message", args=[code, pk]), toast=after.outcome)


def readable(body: bytes) -> tuple[str, bool]:
    """(the payload with line breaks where it is JSON, is that all of it?)"""
    text = body.decode("utf-8", "replace")
    try:
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        pass
    return text[:SHOWN_MOST], len(text) <= SHOWN_MOST


def _edit(request: HttpRequest, channel: Channel) -> HttpResponse:
    form = ChannelForm(request.POST or None, instance=channel)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        setup.save_channel(form.instance, config=form.config, secret=said["secret"], by=request.user)
        return htmx.done(request, reverse("orders:channel", args=[channel.code]), toast=f"{channel} saved.")
    kept = Channel.objects.filter(pk=channel.pk).first() if channel.pk else None
    context = {"form": form, "channel": kept, "has_secret": bool(kept and kept.credentials.get("secret"))}
    if kept and adapter(kept.kind):
        context["webhook"] = f"{settings.BASE_URL}/webhooks/{kept.token}/"
        context["latest"] = kept.messages.defer("body").order_by("-received_at")[:8]
    return render(request, "orders/channels/edit.html", context, status=422 if form.errors else 200)
