"""Routes of the API."""

from django.urls import path

from catalog.api import views

urlpatterns = [
    path("products/", views.ProductListView.as_view(), name="api-products"),
    path("products/trending/", views.TrendingProductsView.as_view(), name="api-trending"),
    path("products/<uuid:pk>/", views.ProductView.as_view(), name="api-product"),
    path("categories/", views.CategoryTreeView.as_view(), name="api-categories"),
]
