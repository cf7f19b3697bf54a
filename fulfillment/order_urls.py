"""Addresses under /orders/ whose verbs live on this floor."""

from django.urls import path

from fulfillment import order_views

app_name = "service"
urlpatterns = [
    path("orders/<str:number>/amend/", order_views.amend, name="amend"),
    path("orders/<str:number>/amend/<int:pk>/confirm/", order_views.confirm, name="amend-confirm"),
    path("orders/<str:number>/amend/<int:pk>/abandon/", order_views.abandon, name="amend-abandon"),
    path("orders/<str:number>/cancel/", order_views.cancel, name="cancel"),
    path("imports/<int:pk>/undo/", order_views.undo_import, name="import-undo"),
    path("orders/<str:number>/reroute/<int:pk>/", order_views.reroute, name="reroute"),
]
