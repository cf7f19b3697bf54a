"""The location a person works at, kept in the session."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from inventory.models import Location
from oms.common import htmx
from oms.common.numbers import whole
from oms.common.once import once
from oms.common.permissions import requires_any

KEY = "location"


@requires_any("fulfillment.pick", "fulfillment.pack", "fulfillment.ship", "fulfillment.release")
@require_POST
@once
def choose(request: HttpRequest) -> HttpResponse:
    """I am here, or nowhere in particular; back to the page that asked."""
    pk = request.POST.get("location", "")
    if pk:
        visible = Location.objects.visible_to(request.user).active()
        request.session[KEY] = get_object_or_404(visible, pk=whole(pk, digits=9) or 0).pk
    else:
        request.session.pop(KEY, None)
    return htmx.done(request, htmx.way_back(request, reverse("fulfillment:pick")))


def chosen(request: HttpRequest) -> Location | None:
    """The chosen one while the person may see it; who has only one need not choose."""
    mine = Location.objects.visible_to(request.user)
    found = mine.filter(pk=request.session.get(KEY)).first()
    if found is None and not request.user.all_locations:
        few = list(mine[:2])
        found = few[0] if len(few) == 1 else None
    return found


def offered(request: HttpRequest) -> dict[str, Any]:
    """For _place.html: where the person is, and where else they may be."""
    return {"here": chosen(request), "places": Location.objects.visible_to(request.user).active().order_by("name")}
