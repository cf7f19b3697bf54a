from django.urls import path

from oms.common.views import jobs, outbox, saved_views

app_name = "common"
urlpatterns = [
    path("jobs/<int:pk>/", jobs.show, name="job"),
    path("views/", saved_views.create, name="saved-views"),
    path("views/<int:pk>/delete/", saved_views.delete, name="saved-view-delete"),
    path("settings/outbox/", outbox.index, name="outbox"),
    path("settings/outbox/<int:pk>/", outbox.show, name="outbox-message"),
    path("settings/outbox/<int:pk>/try-again/", outbox.try_again, name="outbox-try-again"),
]
