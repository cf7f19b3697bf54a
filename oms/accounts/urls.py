"""The sign-in page has a name of its own, as Django expects; the rest is called accounts:…"""

from django.urls import include, path

from oms.accounts.views import people, settings, signing_in, tokens

pages = [
    path("welcome/<slug:key>/<str:token>/", people.welcome, name="welcome"),
    path("preferences/", settings.preferences, name="preferences"),
    path("preferences/theme/", settings.theme, name="theme"),
    path("settings/", settings.index, name="settings"),
    path("settings/audit/", settings.audit, name="audit"),
    path("settings/users/", people.index, name="users"),
    path("settings/users/new/", people.create, name="user-new"),
    path("settings/users/<int:pk>/", people.edit, name="user"),
    path("settings/users/<int:pk>/active/", people.set_active, name="user-active"),
    path("settings/users/<int:pk>/link/", people.password_link, name="user-link"),
    path("settings/tokens/", tokens.index, name="tokens"),
    path("settings/tokens/new/", tokens.create, name="token-new"),
    path("settings/tokens/<int:pk>/revoke/", tokens.revoke, name="token-revoke"),
]

urlpatterns = [
    path("login/", signing_in.sign_in, name="login"),
    path("logout/", signing_in.sign_out, name="logout"),
    path("", include((pages, "accounts"))),
]
