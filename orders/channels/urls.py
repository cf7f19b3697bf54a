from django.urls import path

from orders.channels import views

urlpatterns = [path("webhooks/<str:token>/", views.receive, name="channel-webhook")]
