"""Every address of the product, gathered from the apps; pages under another app's noun join here, on the roof."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

APPS = ["oms.common", "oms.accounts", "orders", "orders.channels", "inventory", "carriers"]
APPS += ["fulfillment", "returns", "oms.desk"]
# Programs ask most often, and addresses are tried in turn: theirs come first.
MODULES = ["oms.api.urls", *(f"{app}.urls" for app in APPS), "fulfillment.order_urls"]

urlpatterns: list[URLPattern | URLResolver] = [path("", include(module)) for module in MODULES if find_spec(module)]
