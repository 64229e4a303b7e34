"""Pages."""

from django.urls import path

from catalog import views

app_name = "catalog"
urlpatterns = [
    path("gifts/", views.browse, name="browse"),
    path("gifts/<uuid:pk>/", views.product, name="product"),
]
