"""Routes of the API."""

from typing import Any

from django.urls import path

from accounts.api import api_keys, credentials, own_data, people, views

MANY: dict[str, Any] = {"get": "list", "post": "create"}
ONE: dict[str, Any] = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}

urlpatterns = [
    path("auth/register/", views.Register.as_view(), name="api-register"),
    path("auth/login/", views.Login.as_view(), name="api-login"),
    path("auth/refresh/", views.Refresh.as_view(), name="api-refresh"),
    path("auth/logout/", views.Logout.as_view(), name="api-logout"),
    path("auth/me/", views.Me.as_view(), name="api-me"),
    path("auth/sessions/", views.SessionList.as_view(), name="api-sessions"),
    path("auth/sessions/<uuid:pk>/", views.SessionDetail.as_view(), name="api-session"),
    path("auth/verify-email/", credentials.VerifyEmail.as_view(), name="api-verify-email"),
    path(
        "auth/verify-email/resend/",
        credentials.ResendVerification.as_view(),
        name="api-resend-verification",
    ),
    path("auth/password/change/", credentials.ChangePassword.as_view(), name="api-change-password"),
    path("auth/password/reset/", credentials.ResetPassword.as_view(), name="api-reset-password"),
    path(
        "auth/password/reset/confirm/",
        credentials.ConfirmReset.as_view(),
        name="api-confirm-reset",
    ),
    path("auth/two-factor/", credentials.TwoFactor.as_view(), name="api-two-factor"),
    path(
        "auth/two-factor/confirm/",
        credentials.ConfirmTwoFactor.as_view(),
        name="api-confirm-two-factor",
    ),
    path("users/me/", own_data.MyAccount.as_view(), name="api-my-account"),
    path("users/me/deletion/", own_data.MyDeletion.as_view(), name="api-my-deletion"),
    path("users/me/export/", own_data.MyData.as_view(), name="api-my-data"),
    path("users/me/allowances/", people.AllowancesView.as_view(), name="api-allowances"),
    path("users/me/api-keys/", api_keys.KeyList.as_view(), name="api-keys"),
    path("users/me/api-keys/<uuid:pk>/", api_keys.KeyDetail.as_view(), name="api-key"),
    path(
        "users/me/api-keys/<uuid:pk>/rotate/",
        api_keys.KeyRotation.as_view(),
        name="api-key-rotation",
    ),
    path("users/me/calendar/", people.CalendarFeedView.as_view(), name="api-calendar"),
    path("recipients/", people.RecipientViewSet.as_view(MANY), name="api-recipients"),
    path(
        "recipients/<uuid:pk>/",
        people.RecipientViewSet.as_view({**ONE, "put": "update"}),
        name="api-recipient",
    ),
    path(
        "recipients/<uuid:recipient_id>/occasions/",
        people.OccasionViewSet.as_view(MANY),
        name="api-occasions",
    ),
    path(
        "recipients/<uuid:recipient_id>/occasions/<uuid:pk>/",
        people.OccasionViewSet.as_view(ONE),
        name="api-occasion",
    ),
]
