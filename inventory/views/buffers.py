"""What each channel is not offered."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from inventory import buffers
from inventory.forms.goods import BufferForm
from inventory.models import ChannelBuffer
from oms.common import htmx
from oms.common.once import once
from oms.common.permissions import requires

MOST_SHOWN = 500


@requires("inventory.view")
def index(request: HttpRequest) -> HttpResponse:
    form = BufferForm(initial={"sku": request.GET.get("sku", "")})
    return render(request, "inventory/buffers/index.html", {"form": form, "buffers": _rows()})


@requires("inventory.manage")
@require_POST
@once
def keep(request: HttpRequest) -> HttpResponse:
    form = BufferForm(request.POST)
    if not form.is_valid():
        return render(request, "inventory/buffers/index.html", {"form": form, "buffers": _rows()}, status=422)
    said = form.cleaned_data
    row = buffers.keep(
        said["channel"].strip(), said["sku"], units=said["units"] or 0, percent=said["percent"] or 0, by=request.user
    )
    return htmx.done(request, "inventory:buffers", toast=f"Kept back from {row}.")


@requires("inventory.manage")
@require_POST
@once
def end(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(ChannelBuffer, pk=pk)
    buffers.end(row, by=request.user)
    return htmx.done(request, "inventory:buffers", toast=f"{row.channel} is offered all of it again.")


def _rows() -> list[ChannelBuffer]:
    return list(ChannelBuffer.objects.select_related("sku").order_by("channel", "sku__code")[:MOST_SHOWN])
