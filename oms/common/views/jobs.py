"""How far a long job is: a page that survives closing the tab, with a part that polls itself until the end."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from oms.common import htmx
from oms.common.models import Job
from oms.common.permissions import requires


@requires()
def show(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(_visible_to(request.user), pk=pk)
    return htmx.render_page_or_part(request, "common/jobs/show.html", "common/jobs/_progress.html", {"job": job})


def _visible_to(user) -> QuerySet:
    """One's own, and those of all for who may read the audit."""
    return Job.objects.all() if user.can("accounts.audit") else Job.objects.filter(user=user)
