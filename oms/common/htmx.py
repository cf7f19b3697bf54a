"""One URL, two renderings: a page for a browser, a part for htmx. After a verb a view lists the parts that changed."""

import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme

from oms.common.errors import Refused

Part = tuple[str, dict[str, Any]]
_FIRST_TAG = re.compile(r"<([a-zA-Z][\w-]*)(?=[\s>])")


def wants_part(request: HttpRequest) -> bool:
    """htmx asks for a piece; a boosted or history request wants the page."""
    htmx = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_page_or_part(
    request: HttpRequest, page: str, part: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    response = render(request, part if wants_part(request) else page, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def render_parts(
    request: HttpRequest, parts: Sequence[Part], *, toast: str = "", tone: str = "ok", status: int = 200
) -> HttpResponse:
    """The first part is the swap; the others go out-of-band to the element with their id."""
    rendered = [render_to_string(template, context, request) for template, context in parts]
    out_of_band = [_FIRST_TAG.sub(r'<\1 hx-swap-oob="true"', html, count=1) for html in rendered[1:]]
    body = "".join([*rendered[:1], *out_of_band, _toast(toast, tone) if toast else ""])
    response = HttpResponse(body, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def done(
    request: HttpRequest, redirect_to: Any, *, parts: Sequence[Part] | None = None, toast: str = ""
) -> HttpResponse:
    """After a verb: the changed parts for htmx, a redirect for a plain form (and for htmx when no parts are given)."""
    if parts and wants_part(request):
        return render_parts(request, parts, toast=toast)
    if toast:
        messages.success(request, toast)
    target: HttpResponseRedirect = redirect(redirect_to)
    if wants_part(request):
        return HttpResponse(status=204, headers={"HX-Redirect": target.url})
    return target


def refused(
    request: HttpRequest,
    exc: Refused,
    *,
    page: str = "",
    part: str = "",
    context: dict[str, Any] | None = None,
    redirect_to: Any = None,
) -> HttpResponse:
    """422 with the refusal's sentence: in the part or page given (as `refusal`), else a toast, else its own page."""
    context = {**(context or {}), "refusal": exc}
    if wants_part(request):
        if part:
            return render_parts(request, [(part, context)], toast=str(exc), tone="bad", status=422)
        response = HttpResponse(_toast(str(exc), "bad"), status=422)
        response["HX-Reswap"] = "none"  # out-of-band pieces, the toast, are still taken in
        return response
    if page:
        return render(request, page, context, status=422)
    if redirect_to is not None:
        messages.error(request, str(exc))
        return redirect(redirect_to)
    return render(request, "common/refused.html", context, status=422)


def act(request: HttpRequest, back: str, verb: Callable[[], str], *, onward: str = "") -> HttpResponse:
    """A button without questions: `verb` gives the sentence that is shown `onward`, or `back`; refused, always back."""
    try:
        toast = verb()
    except Refused as e:
        return refused(request, e, redirect_to=back)
    return done(request, onward or back, toast=toast)


def way_back(request: HttpRequest, otherwise: str) -> str:
    """Where the form says it came from, if that is a page of ours."""
    back = request.POST.get("back", "")
    ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if ours else otherwise


def sign_in(request: HttpRequest, login_url: str) -> HttpResponse:
    """Session over: the page is fetched again after the login."""
    if getattr(request, "htmx", None):
        back = request.htmx.current_url_abs_path or "/"
        return HttpResponse(status=401, headers={"HX-Redirect": f"{login_url}?next={quote(back)}"})
    return redirect(f"{login_url}?next={quote(request.get_full_path())}")


def _toast(text: str, tone: str) -> str:
    return format_html(
        '<div id="toasts" hx-swap-oob="beforeend"><p class="toast" data-tone="{}" role="status">{}</p></div>',
        tone,
        text,
    )
