"""Routes of the API."""

from django.urls import path

from accounts.api import views

urlpatterns = [
    path("auth/register/", views.Register.as_view(), name="api-register"),
    path("auth/login/", views.Login.as_view(), name="api-login"),
    path("auth/refresh/", views.Refresh.as_view(), name="api-refresh"),
    path("auth/logout/", views.Logout.as_view(), name="api-logout"),
    path("auth/me/", views.Me.as_view(), name="api-me"),
    path("auth/sessions/", views.SessionList.as_view(), name="api-sessions"),
    path("auth/sessions/<uuid:pk>/", views.SessionDetail.as_view(), name="api-session"),
]
