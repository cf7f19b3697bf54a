from django.urls import path
from ninja import NinjaAPI

from oms.api import doors, orders, shipments, stock, wishes
from oms.common.permissions import api as token_only
from oms.common.permissions import everywhere

api = NinjaAPI(
    title="Order management",
    version="1",
    description="Send a token as `Authorization: Bearer oms_…`. Amounts are text, times ISO 8601 with zone. "
    "A call that changes something takes an `Idempotency-Key`: sent again, it is done once and answered the same.",
    auth=doors.Token(),
    docs_url=None,
    urls_namespace="api",
)
doors.install(api)
api.add_router("/orders", orders.router)
api.add_router("/stock/wishes", wishes.router)
api.add_router("/stock", stock.router)
api.add_router("/shipments", shipments.router)

urlpatterns = [path("api/v1/", everywhere(api.urls, token_only))]
