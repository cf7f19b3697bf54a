"""Sourcing rules: the list in order, the form of one, and the versions there were."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from fulfillment import rehearsal
from fulfillment.models import SourcingRuleSet
from fulfillment.rules import editing, overview, reading, terms
from fulfillment.rules.forms import RuleForm, initial_from, initial_of
from fulfillment.rules.terms import Rule
from fulfillment.statuses import RuleSetState
from oms.common import htmx
from oms.common.errors import Invalid, Refused
from oms.common.numbers import whole
from oms.common.once import once
from oms.common.pagination import keyset
from oms.common.permissions import requires, requires_any

may_read = requires_any("orders.manage_rules", "fulfillment.route")
REHEARSED = (100, 250, rehearsal.MOST)  # orders that a trial run may look at
Kinds = tuple[Sequence[str], Sequence[str]]


@may_read
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    shown = editing.shown()
    context = {
        "shown": shown,
        "live": editing.live(),
        "rows": overview.rows(shown),
        "lately": overview.LATELY,
        "rehearsal": rehearsal.last(shown),
        "sizes": REHEARSED,
    }
    return render(request, "fulfillment/rules/index.html", context)


@requires("orders.manage_rules")
def create(request: HttpRequest) -> HttpResponse:
    return _shaped(request, None) or _save(request)


@requires("orders.manage_rules")
def edit(request: HttpRequest, key: int) -> HttpResponse:
    rule = _found(key)
    return _shaped(request, rule) or _save(request, rule=rule)


@requires("orders.manage_rules")
@require_POST
@once
def move(request: HttpRequest, key: int) -> HttpResponse:
    up = request.POST.get("to") == "up"
    return _act(request, lambda: editing.move(_found(key).key, up, by=request.user))


@requires("orders.manage_rules")
@require_POST
@once
def switch(request: HttpRequest, key: int) -> HttpResponse:
    on = request.POST.get("to") == "on"
    return _act(request, lambda: editing.switch(_found(key).key, on, by=request.user))


@requires("orders.manage_rules")
@require_POST
@once
def remove(request: HttpRequest, key: int) -> HttpResponse:
    return _act(request, lambda: editing.remove(_found(key).key, by=request.user))


@requires("orders.manage_rules")
@require_POST
@once
def use(request: HttpRequest) -> HttpResponse:
    number = whole(request.POST.get("version", ""), digits=9) or 0

    def verb() -> str:
        return f"In use now: {editing.use(number, by=request.user)}. Orders that are routed from now on follow it."

    return htmx.act(request, reverse("fulfillment:rules"), verb)


@requires("orders.manage_rules")
@require_POST
@once
def throw_away(request: HttpRequest) -> HttpResponse:
    editing.throw_away(by=request.user)
    return htmx.done(request, "fulfillment:rules", toast="The draft is gone; the rules in use are as they were.")


@may_read
@require_GET
def versions(request: HttpRequest) -> HttpResponse:
    page = keyset(SourcingRuleSet.objects.select_related("based_on"), request, order=("-pk",))
    return render(request, "fulfillment/rules/versions.html", {"page": page})


@may_read
@require_GET
def version(request: HttpRequest, number: int) -> HttpResponse:
    rule_set = get_object_or_404(SourcingRuleSet, number=number)
    context = {"rule_set": rule_set, "rows": overview.rows(rule_set), "shown": editing.shown()}
    return render(request, "fulfillment/rules/version.html", context)


@requires("orders.manage_rules")
@require_POST
@once
def back(request: HttpRequest, number: int) -> HttpResponse:
    get_object_or_404(SourcingRuleSet, number=number)
    return _act(request, lambda: editing.back_to(number, by=request.user))


def _shaped(request: HttpRequest, rule: Rule | None) -> HttpResponse | None:
    """The form as it is asked for, or with a row more or less. Nothing is saved, so it may be asked often."""
    pressed = {"add_condition", "add_effect", "without"} & set(request.POST)
    if request.method == "POST" and not pressed:
        return None
    kinds = _kinds(request) if pressed else _kinds_of(rule)
    initial = initial_from(request.POST) if pressed else initial_of(rule) if rule else {}
    form = RuleForm(names=overview.names(), rows=kinds, initial=initial)
    return _form(request, form, rule)


@once
def _save(request: HttpRequest, rule: Rule | None = None) -> HttpResponse:
    form = RuleForm(request.POST, names=overview.names(), rows=_kinds(request), initial={})
    refusal = None
    if form.is_valid():
        try:
            saved = form.rule(rule.key if rule else 0, active=rule.active if rule else True)
            if rule:
                version = whole(request.POST.get("version", ""), digits=9)
                editing.change(saved, version=version, by=request.user)
            else:
                editing.create(saved, by=request.user)
            return htmx.done(request, "fulfillment:rules", toast=f"“{saved.name}” is in the draft.")
        except Refused as e:
            refusal = e
            if isinstance(e, Invalid) and e.field in form.fields:
                form.add_error(e.field, str(e))
                refusal = None
    return _form(request, form, rule, refusal=refusal, status=422)


def _form(
    request: HttpRequest, form: RuleForm, rule: Rule | None, *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    shown = editing.shown()
    seen = request.POST.get("version") or (shown.number if shown else 0)
    context = {"form": form, "rule": rule, "refusal": refusal, "version": seen}
    return render(request, "fulfillment/rules/edit.html", context, status=status)


def _kinds(request: HttpRequest) -> Kinds:
    """The rows that the form had, with the one that was asked for and without the one that was not wanted."""
    said, without = request.POST, request.POST.get("without", "")
    asked = [*said.getlist("condition"), said.get("new_condition", "") if "add_condition" in said else ""]
    wanted = [*said.getlist("effect"), said.get("new_effect", "") if "add_effect" in said else ""]
    return (
        [kind for kind in dict.fromkeys(asked) if kind in terms.CONDITIONS and kind != without],
        [kind for kind in dict.fromkeys(wanted) if kind in terms.EFFECTS and kind != without],
    )


def _kinds_of(rule: Rule | None) -> Kinds:
    if rule is None:
        return [], []
    return list(dict.fromkeys(c.kind for c in rule.conditions)), list(dict.fromkeys(e.kind for e in rule.effects))


def _found(key: int) -> Rule:
    rule = next((one for one in reading.rules_of(editing.shown()) if one.key == key), None)
    if rule is None:
        raise Http404
    return rule


def _act(request: HttpRequest, verb: Callable[[], Any]) -> HttpResponse:
    """What changes the order or a switch needs no words but the newest line of the history."""

    def told() -> str:
        made = verb()
        return f"{made.change}." if made.state == RuleSetState.DRAFT else "Nothing changed."

    return htmx.act(request, reverse("fulfillment:rules"), told)
