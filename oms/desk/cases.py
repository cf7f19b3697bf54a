"""Exceptions: what a person must decide, by its clock; taken, put off or resolved here."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from oms.accounts.models import User
from oms.accounts.roles import roles_with
from oms.common import cases, htmx, lists
from oms.common.errors import Refused
from oms.common.models import ExceptionCase
from oms.common.once import once
from oms.common.permissions import requires


def _seen(user: Any) -> QuerySet:
    rows = ExceptionCase.objects.select_related("owner")
    return rows if user.can("desk.cases") else rows.none()


def _attention(user: Any) -> Q:
    return Q(pk__in=ExceptionCase.objects.needing_attention().values("pk"))


def _late(user: Any) -> Q:
    return Q(pk__in=ExceptionCase.objects.late().values("pk"))


CASES = lists.List(
    name="cases",
    noun="exceptions",
    rows=_seen,
    columns=[
        lists.Column("title", "What"),
        lists.Column("severity", "Weight", kind="badge"),
        lists.Column("state", "State", kind="badge"),
        lists.Column("due", "Due", value="due_at", kind="time", sort="due_at"),
        lists.Column("opened", "Opened", value="opened_at", kind="time", sort="opened_at"),
        lists.Column("seen", "Seen", value="occurrences", kind="number"),
        lists.Column("owner", "Whose"),
        lists.Column("kind", "Kind", extra=True),
        lists.Column("subject", "About", kind="mono", extra=True),
    ],
    operators=[
        lists.Is(
            conditions={
                "attention": _attention,
                "late": _late,
                "mine": lambda user: Q(owner=user),
                "nobodys": Q(owner=None),
            }
        ),
        lists.Choice("state", "where it stands", "open", lookup="state", choices=ExceptionCase.State.choices),
        lists.Choice("severity", "weight", "high", lookup="severity", choices=ExceptionCase.Severity.choices),
        lists.Text("kind", "kind of trouble", "label", lookups=["kind__iexact"]),
    ],
    free=lambda text, user: Q(title__icontains=text) | Q(detail__icontains=text) | Q(subject__icontains=text),
    views=[
        lists.View("Needs attention", "is:attention", counted=True),
        lists.View("Late", "is:late", counted=True),
        lists.View("Mine", "is:mine is:attention"),
        lists.View("Snoozed", "state:snoozed"),
        lists.View("Resolved", "state:resolved"),
        lists.View("All"),
    ],
    sort="-opened",
    row_url=lambda case: reverse("desk:case", args=[case.pk]),
    empty=lists.Empty("No exceptions", "What the house can't decide by itself is brought here."),
)


class AssignForm(forms.Form):
    owner = forms.ModelChoiceField(User.objects.none(), label="Whose", required=False, empty_label="Nobody")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        able = User.objects.filter(is_active=True, role__in=roles_with("desk.cases"))
        self.fields["owner"].queryset = able.order_by(F("name"), "pk")


class SnoozeForm(forms.Form):
    until = forms.DateField(label="Until", widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label="Why", max_length=200)

    def clean_until(self) -> datetime:
        day = self.cleaned_data["until"]
        if day <= timezone.localdate():
            raise forms.ValidationError("Choose a day to come.")
        return timezone.make_aware(datetime.combine(day, time(6)))


class ResolveForm(forms.Form):
    resolution = forms.CharField(label="What was done", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


@requires("desk.cases")
def index(request: HttpRequest) -> HttpResponse:
    return CASES.respond(request, "desk/cases/index.html")


@requires("desk.cases")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, get_object_or_404(ExceptionCase, pk=pk))


@requires("desk.cases")
@require_POST
@once
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    case = get_object_or_404(ExceptionCase, pk=pk)
    form = AssignForm(request.POST)
    return _do(request, case, "assign", form, lambda said: cases.assign(case, said["owner"], by=request.user))


@requires("desk.cases")
@require_POST
@once
def snooze(request: HttpRequest, pk: int) -> HttpResponse:
    case = get_object_or_404(ExceptionCase, pk=pk)

    def verb(said: dict[str, Any]) -> None:
        cases.snooze(case, said["until"], reason=said["reason"], by=request.user)

    return _do(request, case, "snooze", SnoozeForm(request.POST), verb)


@requires("desk.cases")
@require_POST
@once
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    case = get_object_or_404(ExceptionCase, pk=pk)

    def verb(said: dict[str, Any]) -> None:
        if case.is_resolved or not cases.resolve_case(case.key, by=request.user, resolution=said["resolution"]):
            raise cases.CaseClosed("Somebody has resolved this case already.")

    return _do(request, case, "resolve", ResolveForm(request.POST), verb)


def _do(request: HttpRequest, case: ExceptionCase, name: str, form: forms.Form, verb: Any) -> HttpResponse:
    if not form.is_valid():
        return _page(request, case, status=422, **{name: form})
    try:
        verb(form.cleaned_data)
    except Refused as e:
        return htmx.refused(request, e, redirect_to=reverse("desk:case", args=[case.pk]))
    return htmx.done(request, reverse("desk:case", args=[case.pk]), toast="Saved.")


def _page(request: HttpRequest, case: ExceptionCase, *, status: int = 200, **asked: forms.Form) -> HttpResponse:
    context = {
        "case": case,
        "assign": AssignForm(initial={"owner": case.owner_id}),
        "snooze": SnoozeForm(),
        "resolve": ResolveForm(),
    }
    return render(request, "desk/cases/show.html", context | asked, status=status)
