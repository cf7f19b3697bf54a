from django.urls import path

from orders.views import holds, index, service

app_name = "orders"
urlpatterns = [
    path("orders/", index.index, name="index"),
    path("orders/hold-many/", index.hold_many, name="hold-many"),
    path("orders/release-many/", index.release_many, name="release-many"),
    path("orders/<str:number>/holds/", holds.place, name="hold"),
    path("orders/<str:number>/holds/<int:pk>/release/", holds.release, name="release"),
    path("orders/<str:number>/holds/<int:pk>/postpone/", holds.postpone, name="postpone"),
    path("orders/<str:number>/address/", holds.address, name="address"),
    path("orders/<str:number>/contact/", holds.contact, name="contact"),
    path("orders/<str:number>/lines/<int:pk>/sku/", holds.sku, name="map-sku"),
    path("orders/<str:number>/notes/", service.note, name="note"),
    path("orders/<str:number>/notes/<int:pk>/pin/", service.pin, name="pin"),
    path("orders/<str:number>/payments/", service.payment, name="payment"),
    path("orders/<str:number>/mails/", service.resend, name="resend"),
    path("orders/<str:number>/documents/<int:pk>/", service.document, name="document"),
]
