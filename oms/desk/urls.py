from django.urls import path

from oms.desk import order

app_name = "desk"
urlpatterns = [
    path("orders/<str:number>/", order.show, name="order"),
    path("orders/<str:number>/why/<int:pk>/", order.why, name="why"),
]
