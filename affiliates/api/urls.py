"""Routes of the API."""

from django.urls import path

from affiliates.api.views import ClickView, ReportView

urlpatterns = [
    path("affiliates/clicks/", ClickView.as_view(), name="api-clicks"),
    path("affiliates/report/", ReportView.as_view(), name="api-click-report"),
]
