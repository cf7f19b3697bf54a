"""What the house is set to, who changed it, and how each person likes their screen."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from oms.accounts.forms import PreferencesForm
from oms.accounts.models import User
from oms.common import htmx, lists
from oms.common.models import ConfigChange
from oms.common.once import once
from oms.common.permissions import requires, requires_any

CHANGES = lists.List(
    name="audit",
    noun="changes",
    rows=lambda user: ConfigChange.objects.all(),
    columns=[
        lists.Column("at", "When", kind="time", sort="at"),
        lists.Column("subject", "What"),
        lists.Column("verb", "Was"),
        lists.Column("actor_label", "By"),
        lists.Column(
            "differences", "From and to", value=lambda row: _words(row), template="accounts/audit/_differences.html"
        ),
        lists.Column("request_id", "Request", kind="mono", extra=True),
    ],
    operators=[
        lists.Text("what", "what was changed", "user:", lookups=["subject__istartswith"]),
        lists.Text("by", "who did it", "ada", lookups=["actor_label__icontains"]),
        lists.Date("at", "when", "today", lookup="at"),
    ],
    free=lambda text, user: Q(subject__icontains=text) | Q(actor_label__icontains=text) | Q(request_id=text),
    sort="-at",
    empty=lists.Empty("Nothing was changed yet", "Settings, channels, carriers, rules and roles leave a line here."),
)


def _words(change: ConfigChange) -> list[tuple[str, str, str]]:
    """(field, before, after) for reading; what was empty and stays so says nothing."""
    told = [(name, _word(before), _word(after)) for name, before, after in change.differences]
    return [line for line in told if line[1] or line[2]]


def _word(value: Any) -> str:
    if value is None or value in ([], {}, ""):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_word(inner)}" for key, inner in value.items())
    return ", ".join(_word(inner) for inner in value) if isinstance(value, list) else str(value)


@requires_any("accounts.manage", "accounts.audit")
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/settings.html")


@requires("accounts.audit")
def audit(request: HttpRequest) -> HttpResponse:
    return CHANGES.respond(request, "accounts/audit/index.html")


@requires("accounts.preferences")
@once
def preferences(request: HttpRequest) -> HttpResponse:
    form = PreferencesForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        return htmx.done(request, "accounts:preferences", toast="Saved.")
    places = "" if request.user.all_locations else ", ".join(str(place) for place in request.user.locations.all())
    context = {"form": form, "places": places}
    return render(request, "accounts/preferences.html", context, status=422 if request.method == "POST" else 200)


@requires()
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """One press in the menu; everything else about one's screen is under Preferences."""
    if (chosen := request.POST.get("theme", "")) in User.Theme.values:
        User.objects.filter(pk=request.user.pk).update(theme=chosen)
    return HttpResponseRedirect(htmx.way_back(request, "/"))
