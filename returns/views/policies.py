"""Return policies: what may come back, for how long, at what price."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.decorators.http import require_POST

from oms.common import htmx, lists
from oms.common.errors import Invalid, Refused
from oms.common.once import once
from oms.common.permissions import requires
from returns import policies
from returns.forms import PolicyForm
from returns.models import ReturnPolicy


def shown(user: Any) -> QuerySet:
    return ReturnPolicy.objects.all() if user.can("returns.view") else ReturnPolicy.objects.none()


def _over(user: Any = None) -> Q:
    return Q(valid_until__lte=timezone.now())


POLICIES = lists.List(
    name="return-policies",
    noun="return policies",
    rows=shown,
    columns=[
        lists.Column("name", "Policy", sort="name"),
        lists.Column("version", "Version", kind="number"),
        lists.Column("countries", "Countries", value=lambda policy: ", ".join(policy.countries) or "Everywhere"),
        lists.Column("window", "Days", value="window_days", kind="number"),
        lists.Column("fee", "Fee", kind="number"),
        lists.Column(
            "state", "State", value=lambda policy: "expired" if policy.valid_until else "active", kind="badge"
        ),
        lists.Column("position", "Position", kind="number", sort="position"),
        lists.Column("from", "From", value="valid_from", kind="time", sort="valid_from"),
    ],
    operators=[lists.Is(conditions={"active": lambda user: Q(valid_until=None) | ~_over(), "over": _over})],
    free=lambda text, user: Q(name__icontains=text),
    views=[lists.View("In force", "is:active"), lists.View("All")],
    sort="position",
    row_url=lambda policy: policy.get_absolute_url(),
    empty=lists.Empty(
        "No return policy yet",
        "Without one, every return needs a colleague's reason.",
        "New policy",
        reverse_lazy("returns:policy-new"),
        "returns.manage_policy",
    ),
)


@requires("returns.view", "returns.manage_policy")
def index(request: HttpRequest) -> HttpResponse:
    return POLICIES.respond(request, "returns/policies/index.html")


@requires("returns.view", "returns.manage_policy")
@once
def create(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@requires("returns.view", "returns.manage_policy")
@once
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(ReturnPolicy, pk=pk))


@requires("returns.view", "returns.manage_policy")
@require_POST
@once
def end(request: HttpRequest, pk: int) -> HttpResponse:
    policy = get_object_or_404(ReturnPolicy, pk=pk)

    def verb() -> str:
        policies.end(policy, by=request.user)
        return f"{policy} is over for orders placed from now on."

    return htmx.act(request, str(reverse_lazy("returns:policies")), verb)


def _edit(request: HttpRequest, policy: ReturnPolicy | None) -> HttpResponse:
    initial = {name: getattr(policy, name) for name in policies.FACTS} if policy else None
    form, refusal = PolicyForm(request.POST or None, initial=initial), None
    if request.method == "POST" and form.is_valid():
        try:
            if policy:
                saved = policies.change(policy, form.cleaned_data, by=request.user)
            else:
                saved = policies.create(form.cleaned_data, by=request.user)
        except Invalid as e:
            form.add_error(e.field or None, str(e))
        except Refused as e:
            refusal = e
        else:
            return htmx.done(request, "returns:policies", toast=f"{saved} is in force for orders placed from now on.")
    versions = ReturnPolicy.objects.filter(name=policy.name).order_by("-version") if policy else []
    context = {"form": form, "policy": policy, "refusal": refusal, "versions": versions}
    bad = request.method == "POST" and (form.errors or refusal)
    return render(request, "returns/policies/edit.html", context, status=422 if bad else 200)
