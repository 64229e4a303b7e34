"""Pages."""

app_name = "catalog"
urlpatterns: list = []
