"""Keys for programs: made, shown once, and taken back."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from oms.accounts import tokens
from oms.accounts.forms import TokenForm
from oms.accounts.models import ApiToken
from oms.common import htmx
from oms.common.once import once
from oms.common.permissions import requires


@requires("accounts.manage")
def index(request: HttpRequest) -> HttpResponse:
    rows = ApiToken.objects.select_related("user").order_by("revoked_at", "name")[:500]
    return render(request, "accounts/tokens/index.html", {"tokens": rows})


@requires("accounts.manage")
@never_cache
def create(request: HttpRequest) -> HttpResponse:
    """The secret stands in this one answer, so a repeat makes another token rather than showing it again."""
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        ends = timezone.now() + timedelta(days=data["days"]) if data["days"] else None
        token, secret = tokens.issue(
            data["user"], data["name"], scopes=data["scopes"], expires_at=ends, by=request.user
        )
        return render(request, "accounts/tokens/made.html", {"token": token, "secret": secret})
    return render(request, "accounts/tokens/new.html", {"form": form}, status=422 if request.method == "POST" else 200)


@requires("accounts.manage")
@require_POST
@once
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=pk)
    tokens.revoke(token, by=request.user)
    return htmx.done(request, "accounts:tokens", toast=f"{token} no longer works.")
