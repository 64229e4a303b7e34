"""The least Django can do: one view, no middleware, no apps. What a server can make of it."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="nothing is signed here",
    MIDDLEWARE=[],
)


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b'{"status": "healthy"}', content_type="application/json")


urlpatterns = [path("health", bare)]
application = get_wsgi_application()
