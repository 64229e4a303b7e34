"""Routes of the recommendations API."""

from typing import Any

from django.urls import path

from recommendations.api import gifts, lists, views

MANY: dict[str, Any] = {"get": "list", "post": "create"}
ONE: dict[str, Any] = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}

urlpatterns = [
    path("recommendations/", views.RecommendationsView.as_view(), name="api-recommendations"),
    path("swipe-sessions/", views.SwipeSessionsView.as_view(), name="api-swipe-sessions"),
    path("swipe-sessions/<uuid:pk>/", views.SwipeSessionView.as_view(), name="api-swipe-session"),
    path("swipe-sessions/<uuid:pk>/swipes/", views.SwipesView.as_view(), name="api-swipes"),
    path("swipe-sessions/<uuid:pk>/swipes/last/", views.LastSwipeView.as_view(), name="api-undo"),
    path(
        "swipe-sessions/<uuid:pk>/recommendations/",
        views.ShortlistView.as_view(),
        name="api-shortlist",
    ),
    path("swipe-sessions/<uuid:pk>/claim/", views.ClaimView.as_view(), name="api-claim"),
    path("products/<uuid:pk>/similar/", views.SimilarView.as_view(), name="api-similar"),
    path(
        "recipients/<uuid:recipient_id>/gifts/",
        gifts.GivenGiftViewSet.as_view(MANY),
        name="api-given-gifts",
    ),
    path(
        "recipients/<uuid:recipient_id>/gifts/<uuid:pk>/",
        gifts.GivenGiftViewSet.as_view(ONE),
        name="api-given-gift",
    ),
    path("lists/", lists.GiftListViewSet.as_view(MANY), name="api-lists"),
    path("lists/<uuid:pk>/", lists.GiftListViewSet.as_view(ONE), name="api-list"),
    path("lists/<uuid:list_id>/share/", lists.SharingView.as_view(), name="api-list-sharing"),
    path("lists/<uuid:list_id>/items/", lists.ListItemViewSet.as_view(MANY), name="api-list-items"),
    path(
        "lists/<uuid:list_id>/items/<uuid:pk>/",
        lists.ListItemViewSet.as_view(ONE),
        name="api-list-item",
    ),
    path("lists/shared/<str:token>/", lists.SharedListView.as_view(), name="api-shared-list"),
    path(
        "lists/shared/<str:token>/items/<uuid:pk>/claim/",
        lists.ClaimingView.as_view(),
        name="api-claim-wish",
    ),
    path("users/me/preferences/", views.PreferencesView.as_view(), name="api-preferences"),
]
