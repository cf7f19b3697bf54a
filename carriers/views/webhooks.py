"""Where carriers tell us news: signed, stored, answered; a worker reads it."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from carriers import messages, tasks
from carriers.models import CarrierAccount
from carriers.providers.base import CarrierError
from oms.common.permissions import public
from oms.common.tasks import hint


@public
@csrf_exempt
@require_POST
def receive(request: HttpRequest, token: str) -> HttpResponse:
    """202 for what is stored, also the second time; 401 unsigned, 404 unknown, 413 too large."""
    account = CarrierAccount.objects.active().filter(webhook_token=token).first()
    if account is None:
        return JsonResponse({"error": "unknown address"}, status=404)
    if int(request.headers.get("Content-Length") or 0) > messages.LARGEST:
        return JsonResponse({"error": "too large"}, status=413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        message = messages.receive(account, headers, request.body, content_type=request.content_type)
    except CarrierError:
        return JsonResponse({"error": "unknown carrier"}, status=404)
    if message is None:
        return JsonResponse({"error": "the signature does not match"}, status=401)
    if message.state == message.State.NEW:
        hint(tasks.read_message, message_id=message.pk)
    return JsonResponse({"stored": message.key}, status=202)
