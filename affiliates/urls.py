"""Pages."""

from django.urls import path

from affiliates import views

app_name = "affiliates"
urlpatterns = [path("store/", views.choose_store, name="choose-store")]
