"""Every address of the product, gathered from the apps; pages under another app's noun join here, on the roof."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

APPS = ["oms.desk", "oms.common", "oms.accounts", "orders", "orders.channels", "inventory", "carriers"]
APPS += ["fulfillment", "returns"]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(f"{app}.urls")) for app in APPS if find_spec(f"{app}.urls")
]
