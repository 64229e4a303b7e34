"""Every address of GiftSync; the operators' three are in `giftsync.health`."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import TemplateView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from giftsync.pages import unknown_api_path

admin.site.site_header = admin.site.site_title = settings.SITE_NAME
admin.site.index_title = "Back office"

api = [
    path("", include("accounts.api.urls")),
    path("", include("recommendations.api.urls")),
    path("", include("catalog.api.urls")),
    path("", include("affiliates.api.urls")),
]

urlpatterns = [
    path("", include("recommendations.urls")),
    path("", include("catalog.urls")),
    path("", include("affiliates.urls")),
    path("account/", include("accounts.urls")),
    path("account/", include("allauth.account.urls")),
    path("account/two-factor/", include("allauth.mfa.urls")),
    path("account/connected/", include("allauth.socialaccount.urls")),
    path("account/", include("allauth.socialaccount.providers.google.urls")),
    path("account/", include("allauth.socialaccount.providers.apple.urls")),
    path("account/", include("allauth.socialaccount.providers.facebook.urls")),
    path("account/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path(
        "about/money/",
        TemplateView.as_view(template_name="pages/about_money.html"),
        name="about-money",
    ),
    path(
        "about/privacy/",
        TemplateView.as_view(template_name="pages/privacy.html"),
        name="privacy",
    ),
    path("admin/", admin.site.urls),
    path("api/v1/", include(api)),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path(
        "api/docs/",
        # Two requests, page and script: the page needs no script of its own inline.
        SpectacularSwaggerSplitView.as_view(url_name="api-schema"),
        name="api-docs",
    ),
    path("api/<path:rest>", unknown_api_path),
]

handler404 = "giftsync.pages.not_found"
handler500 = "giftsync.pages.server_error"
handler400 = "giftsync.pages.bad_request"
handler403 = "giftsync.pages.forbidden"
