from django.urls import path

from oms.desk import home, order, search

app_name = "desk"
urlpatterns = [
    path("", home.show, name="home"),
    path("search/", search.show, name="search"),
    path("orders/<str:number>/", order.show, name="order"),
    path("orders/<str:number>/why/<int:pk>/", order.why, name="why"),
]
