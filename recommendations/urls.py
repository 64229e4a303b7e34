"""Pages of the gift finder."""

from django.urls import path

from recommendations import list_views, person_views, shared_list_views, views

app_name = "recommendations"
urlpatterns = [
    path("", views.home, name="home"),
    path("ideas/", views.find, name="find"),
    path("ideas/<uuid:pk>/", views.results, name="results"),
    path("ideas/<uuid:pk>/deck/", views.deck, name="deck"),
    path("ideas/<uuid:pk>/swipe/", views.swipe, name="swipe"),
    path("ideas/<uuid:pk>/undo/", views.undo, name="undo"),
    path("ideas/<uuid:pk>/shortlist/", views.shortlist, name="shortlist"),
    path("people/<uuid:pk>/ideas/", person_views.find_for, name="find-for"),
    path("people/<uuid:pk>/gifts/", person_views.add_gift, name="add-gift"),
    path("people/gifts/<uuid:pk>/", person_views.change_gift, name="change-gift"),
    path("people/gifts/<uuid:pk>/delete/", person_views.delete_gift, name="delete-gift"),
    path("lists/", list_views.lists, name="lists"),
    path("lists/<uuid:pk>/", list_views.gift_list, name="list"),
    path("lists/<uuid:pk>/change/", list_views.change_list, name="change-list"),
    path("lists/<uuid:pk>/delete/", list_views.delete_list, name="delete-list"),
    path("lists/<uuid:pk>/share/", list_views.share_list, name="share-list"),
    path("lists/items/<uuid:pk>/delete/", list_views.delete_item, name="delete-item"),
    path("shared/<str:token>/", shared_list_views.shared_list, name="shared-list"),
    path("shared/<str:token>/mine/<str:key>/", shared_list_views.private_link, name="my-claim"),
    path("shared/<str:token>/<uuid:pk>/claim/", shared_list_views.claim, name="claim-wish"),
    path("shared/<str:token>/<uuid:pk>/release/", shared_list_views.release, name="release-wish"),
]
