"""Every address of the product. Pages mounted under another app's noun are included here, on the roof."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
