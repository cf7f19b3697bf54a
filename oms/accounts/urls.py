"""The sign-in page has a name of its own, as Django expects; the rest is called accounts:…"""

from django.urls import include, path

from oms.accounts.views import signing_in

pages: list = []

urlpatterns = [
    path("login/", signing_in.sign_in, name="login"),
    path("logout/", signing_in.sign_out, name="logout"),
    path("", include((pages, "accounts"))),
]
