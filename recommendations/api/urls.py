"""Routes of the recommendations API."""

from django.urls import path

from recommendations.api import views

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
    path("users/me/preferences/", views.PreferencesView.as_view(), name="api-preferences"),
]
