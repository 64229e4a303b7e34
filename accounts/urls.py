"""Pages."""

from django.urls import path

from accounts.views import own_data, people, profile

app_name = "accounts"
urlpatterns = [
    path("", profile.profile, name="profile"),
    # Before allauth's pages of the same addresses.
    path("logout/", profile.SignOut.as_view(), name="sign-out"),
    path("password/reset/", profile.ResetPassword.as_view(), name="reset-password"),
    path("sessions/<uuid:session_id>/end/", profile.end_session, name="end-session"),
    path("sign-out-everywhere/", profile.sign_out_everywhere, name="sign-out-everywhere"),
    path("data/", own_data.own_data, name="own-data"),
    path("data/<uuid:pk>/", own_data.download, name="download-data"),
    path("delete/", own_data.delete_account, name="delete-account"),
    path("keep/", own_data.keep_account, name="keep-account"),
    path("people/", people.overview, name="people"),
    path("people/add/", people.add_person, name="add-person"),
    path("people/calendar/", people.renew_calendar, name="renew-calendar"),
    path("people/dates/<uuid:pk>/", people.change_occasion, name="change-occasion"),
    path("people/dates/<uuid:pk>/delete/", people.delete_occasion, name="delete-occasion"),
    path("people/<uuid:pk>/", people.person, name="person"),
    path("people/<uuid:pk>/change/", people.change_person, name="change-person"),
    path("people/<uuid:pk>/delete/", people.delete_person, name="delete-person"),
    path("calendar/<str:token>.ics", people.calendar, name="calendar"),
]
