"""In and out."""

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from oms.accounts import demo, signing_in
from oms.accounts.forms import SignInForm
from oms.common.errors import Refused
from oms.common.permissions import public


@public
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(_target(request))
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            login(request, signing_in.check(request, **form.cleaned_data))
        except Refused as e:
            return _page(request, form, refusal=e)
        return redirect(_target(request))
    return _page(request, form)


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("login")


def _page(request: HttpRequest, form: SignInForm, refusal: Refused | None = None) -> HttpResponse:
    context = {"form": form, "refusal": refusal, "next": request.POST.get("next", request.GET.get("next", ""))}
    context |= {"demo_accounts": demo.accounts(), "demo_password": demo.password()}
    wait = getattr(refusal, "seconds", 0)
    status = 429 if wait else 422 if request.method == "POST" else 200
    response = render(request, "accounts/sign_in.html", context, status=status)
    if wait:
        response["Retry-After"] = str(wait)
    return response


def _target(request: HttpRequest) -> str:
    """Where the person was going to, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL)
