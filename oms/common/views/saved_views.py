"""Saving and deleting views of lists; the list itself shows them as tabs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from oms.common import htmx, lists
from oms.common.errors import Invalid
from oms.common.models import SavedView
from oms.common.once import once
from oms.common.permissions import requires


@requires()
@require_POST
@once
def create(request: HttpRequest) -> HttpResponse:
    """The same name again replaces one's own view of that name."""
    name, query = request.POST.get("name", "").strip(), request.POST.get("query", "").lstrip("?")
    list_name, back = request.POST.get("list_name", ""), _back(request)
    if list_name not in lists.REGISTRY or not 0 < len(name) <= 60 or len(query) > 2000:
        return htmx.refused(request, Invalid("Give the view a name of at most 60 letters."), redirect_to=back)
    SavedView.objects.update_or_create(
        list_name=list_name,
        owner=request.user,
        name=name,
        defaults={"query": query, "shared": "shared" in request.POST},
    )
    return htmx.done(request, f"{back}?{query}", toast=f"Saved as “{name}”.")


@requires()
@require_POST
@once
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(SavedView, pk=pk, owner=request.user)
    view.delete()
    return htmx.done(request, _back(request), toast=f"View “{view.name}” deleted.")


def _back(request: HttpRequest) -> str:
    back = request.POST.get("back", "").partition("?")[0]
    return back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/") else "/"
