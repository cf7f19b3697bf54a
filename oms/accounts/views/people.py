"""Who works here, in which role, at which places."""

from django.contrib.auth import login
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from oms.accounts import people
from oms.accounts.forms import PasswordForm, PersonForm
from oms.accounts.models import User
from oms.accounts.roles import PERMISSIONS, Role
from oms.common import htmx, lists
from oms.common.errors import Refused
from oms.common.once import once
from oms.common.permissions import public, requires

PEOPLE = lists.List(
    name="users",
    noun="people",
    rows=lambda user: User.objects.prefetch_related("locations"),
    columns=[
        lists.Column("name", "Name", sort="name"),
        lists.Column("email", "E-mail", sort="email"),
        lists.Column("role", "Role", value=lambda row: row.get_role_display() or "None yet", sort="role"),
        lists.Column("places", "Works at", value=lambda row: _places(row)),
        lists.Column("last_login", "Last here", kind="time", sort="last_login"),
        lists.Column("is_active", "Signs in", kind="bool", sort="is_active"),
    ],
    operators=[
        lists.Choice("role", "what they do", "picker", lookup="role", choices=Role.choices),
        lists.Is(conditions={"active": Q(is_active=True), "inactive": Q(is_active=False)}),
    ],
    free=lambda text, user: Q(name__icontains=text) | Q(email__icontains=text),
    views=[lists.View("All"), lists.View("Switched off", "is:inactive")],
    sort="name",
    row_url=lambda row: reverse("accounts:user", args=[row.pk]),
    empty=lists.Empty("Nobody yet", "", "Invite somebody", reverse_lazy("accounts:user-new"), "accounts.manage"),
)


def _places(person: User) -> str:
    return "Everywhere" if person.all_locations else ", ".join(str(place) for place in person.locations.all())


@requires("accounts.manage")
def index(request: HttpRequest) -> HttpResponse:
    return PEOPLE.respond(request, "accounts/users/index.html")


@requires("accounts.manage")
@once
def create(request: HttpRequest) -> HttpResponse:
    form = PersonForm(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            person = people.invite(form.cleaned_data.pop("email"), by=request.user, **form.cleaned_data)
            return htmx.done(request, reverse("accounts:user", args=[person.pk]), toast=f"{person} is on board.")
        except Refused as e:
            refusal = e
    context = {"form": form, "refusal": refusal, "may": _matrix()}
    return render(request, "accounts/users/edit.html", context, status=422 if request.method == "POST" else 200)


@requires("accounts.manage")
@once
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    now = {"name": person.name, "role": person.role, "all_locations": person.all_locations}
    form = PersonForm(request.POST or None, person=person, initial=now | {"places": person.locations.all()})
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            people.change(person, by=request.user, **form.cleaned_data)
            return htmx.done(request, reverse("accounts:user", args=[pk]), toast="Saved.")
        except Refused as e:
            refusal = e
    context = {"form": form, "person": person, "refusal": refusal, "may": _matrix()}
    return render(request, "accounts/users/edit.html", context, status=422 if request.method == "POST" else 200)


@requires("accounts.manage")
@require_POST
@once
def set_active(request: HttpRequest, pk: int) -> HttpResponse:
    person, active = get_object_or_404(User, pk=pk), request.POST.get("active") == "1"
    back = reverse("accounts:user", args=[pk])
    try:
        people.set_active(person, active, by=request.user)
    except Refused as e:
        return htmx.refused(request, e, redirect_to=back)
    return htmx.done(request, back, toast=f"{person} {'may sign in again' if active else 'can no longer sign in'}.")


@requires("accounts.manage")
@require_POST
@never_cache
def password_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Not sent once and kept: each press makes a link, shown in the answer alone."""
    person = get_object_or_404(User, pk=pk, is_active=True)
    link = request.build_absolute_uri(people.password_link(person, by=request.user))
    return render(request, "accounts/users/link.html", {"person": person, "link": link})


@public
@never_cache
def welcome(request: HttpRequest, key: str, token: str) -> HttpResponse:
    """Behind the link: a password is set, the link is used up, and the person is in."""
    person = people.behind_link(key, token)
    if person is None:
        return render(request, "accounts/link_over.html", status=410)
    form = PasswordForm(person, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        login(request, person)
        return redirect("/")
    context = {"form": form, "person": person}
    return render(request, "accounts/welcome.html", context, status=422 if request.method == "POST" else 200)


def _matrix() -> list[tuple[str, list[str]]]:
    """(role, what it may do) for the page that chooses one."""
    return [(role.label, sorted(PERMISSIONS[role])) for role in Role]
