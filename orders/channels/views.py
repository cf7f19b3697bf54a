"""Where channels send orders: signed, stored, answered; a worker reads them."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from oms.common.permissions import public
from oms.common.tasks import hint
from orders import channels, inbound, tasks
from orders.models import Channel
from orders.statuses import InboundState


@public
@csrf_exempt
@require_POST
def receive(request: HttpRequest, token: str) -> HttpResponse:
    """202 for what is stored, also the second time; 401 unsigned, 404 unknown address, 413 too large."""
    channel = Channel.objects.filter(token=token, active=True).first()
    adapter = channels.adapter(channel.kind) if channel else None
    if adapter is None:
        return JsonResponse({"error": "not_found", "detail": "There is no such channel."}, status=404)
    if int(request.headers.get("Content-Length") or 0) > inbound.LARGEST:
        return JsonResponse({"error": "too_large", "detail": "At most 2 MB."}, status=413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    if not adapter.verify(channel, headers, request.body):
        inbound.turn_away(channel)
        return JsonResponse({"error": "unauthorised", "detail": "The signature does not match."}, status=401)
    message = inbound.store(channel, headers, request.body)
    if message.state == InboundState.NEW:
        hint(tasks.read_message, message_id=message.pk)
    return JsonResponse({"stored": message.pk, "state": message.state}, status=202)
