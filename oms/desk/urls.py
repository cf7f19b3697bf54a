from django.urls import path

from oms.desk import cases, counts, home, insights, order, public, search

app_name = "desk"
urlpatterns = [
    path("", home.show, name="home"),
    path("counts/", counts.show, name="counts"),
    path("insights/", insights.show, name="insights"),
    path("search/", search.show, name="search"),
    path("cases/", cases.index, name="cases"),
    path("cases/<int:pk>/", cases.show, name="case"),
    path("cases/<int:pk>/assign/", cases.assign, name="case-assign"),
    path("cases/<int:pk>/snooze/", cases.snooze, name="case-snooze"),
    path("cases/<int:pk>/resolve/", cases.resolve, name="case-resolve"),
    path("t/<str:token>/", public.track, name="track"),
    path("d/<str:token>/", public.download, name="download"),
    path("d/<str:token>/file/", public.file, name="file"),
    path("orders/<str:number>/", order.show, name="order"),
    path("orders/<str:number>/why/<int:pk>/", order.why, name="why"),
]
