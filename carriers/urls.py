from django.urls import path

from carriers.views import webhooks

app_name = "carriers"
urlpatterns = [
    path("carrier-webhooks/<str:token>/", webhooks.receive, name="webhook"),
]
