from django.urls import path

from oms.desk import home, order, public, search

app_name = "desk"
urlpatterns = [
    path("", home.show, name="home"),
    path("search/", search.show, name="search"),
    path("t/<str:token>/", public.track, name="track"),
    path("d/<str:token>/", public.download, name="download"),
    path("orders/<str:number>/", order.show, name="order"),
    path("orders/<str:number>/why/<int:pk>/", order.why, name="why"),
]
