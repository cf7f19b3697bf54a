from django.urls import path

from orders.channels import webhooks

urlpatterns = [path("webhooks/<str:token>/", webhooks.receive, name="channel-webhook")]
