"""Pages of the gift finder."""

from django.urls import path

from recommendations import views

app_name = "recommendations"
urlpatterns = [
    path("", views.home, name="home"),
    path("ideas/", views.find, name="find"),
    path("ideas/<uuid:pk>/", views.results, name="results"),
    path("ideas/<uuid:pk>/deck/", views.deck, name="deck"),
    path("ideas/<uuid:pk>/swipe/", views.swipe, name="swipe"),
    path("ideas/<uuid:pk>/undo/", views.undo, name="undo"),
    path("ideas/<uuid:pk>/shortlist/", views.shortlist, name="shortlist"),
]
