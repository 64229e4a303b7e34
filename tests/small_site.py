"""A site of a few plain views, for tests of what holds whatever the apps do."""

import datetime
import threading
from decimal import Decimal

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import exceptions, serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from accounts.models import User
from giftsync.pages import unknown_api_path

# The site's own error pages link to the apps' pages, which are not here.
PLAIN_TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
MARK = "a detail that must stay inside"


class ByName(BaseAuthentication):
    """`Authorization: Name <who>`: whoever it says. `nobody` is refused."""

    def authenticate(self, request):
        scheme, _, name = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Name":
            return None
        if name.startswith("nobody"):
            raise exceptions.AuthenticationFailed("Not you.", code="token_invalid")
        # A second word stands for a renewed token of the same user.
        return User(id=f"00000000-0000-4000-8000-{int(name.split()[0]):012d}"), None

    def authenticate_header(self, request):
        return 'Bearer realm="api"'


class Open(APIView):
    authentication_classes = (ByName,)
    permission_classes = (AllowAny,)


class Echo(Open):
    def get(self, request):
        return Response({"path": request.path})

    def post(self, request):
        return Response({"received": request.data}, status=201)

    put = patch = delete = get


class Closed(APIView):
    authentication_classes = (ByName,)
    permission_classes = (IsAuthenticated,)
    throttle_scope = "login"

    def get(self, request):
        return Response({})


class Limited(Open):
    throttle_scope = "login"

    def get(self, request):
        return Response({"ok": True})

    post = get


class AlsoLimited(Limited):
    throttle_scope = "register"


class Login(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    def post(self, request):
        raise exceptions.AuthenticationFailed("No.", code="invalid_credentials")


class Thing(serializers.Serializer):
    name = serializers.CharField(max_length=5)
    colour = serializers.ChoiceField(["red", "blue"])
    sizes = serializers.ListField(child=serializers.IntegerField(), required=False)


class Checked(Open):
    def post(self, request):
        thing = Thing(data=request.data)
        thing.is_valid(raise_exception=True)
        return Response(thing.validated_data)


class Unnamed(Exception):
    pass


def errors():
    return {
        "bug": Unnamed(MARK),
        "database": OperationalError(MARK),
        "missing": Http404(MARK),
        "forbidden": PermissionDenied(MARK),
        "exists": exceptions.ParseError("There is one.", code="user_exists"),
        "listed": exceptions.PermissionDenied(["First.", "Second."]),
        "named": exceptions.AuthenticationFailed({"detail": "Old.", "messages": ["x"]}),
        "model": ValidationError({"__all__": ["Never both."], "name": ["Too long."]}),
        "locked": exceptions.Throttled(wait=12.3, code="account_locked"),
        "later": exceptions.Throttled(),
    }


class Raises(Open):
    def get(self, request, what):
        raise errors()[what]

    post = get


class Now(Open):
    def get(self, request):
        summer = datetime.datetime(2026, 7, 1, 12, tzinfo=datetime.UTC)
        moment = serializers.DateTimeField().to_representation(summer)
        price = serializers.DecimalField(max_digits=6, decimal_places=2)
        return Response({"at": moment, "price": price.to_representation(Decimal("19.90"))})


class Counts(ViewSet):
    """Counts how often it really ran."""

    authentication_classes = (ByName,)
    permission_classes = (AllowAny,)
    runs = 0
    status = 201
    hold: threading.Event | None = None
    entered = threading.Event()

    def create(self, request):
        type(self).runs += 1
        type(self).entered.set()
        if self.hold:
            self.hold.wait(10)
        body = {"run": type(self).runs, "access_token": "secret-of-the-caller", **request.data}
        return Response(body, status=type(self).status, headers={"Location": "/somewhere/"})


class Shortens(Open):
    def post(self, request):
        return Response(status=204)


def page(request, share_token=None):
    return HttpResponse("<title>A page</title>")


def signed_in_page(request):
    request.session["seen"] = True
    return HttpResponse("<title>Yours</title>")


def broken_page(request):
    raise Unnamed(MARK)


def page_without_database(request):
    raise OperationalError(MARK)


def redirecting(request):
    return HttpResponseRedirect("/page/")


def whose(request):
    assert isinstance(request.user, AnonymousUser) or request.user.is_authenticated
    return HttpResponse(request.META["REMOTE_ADDR"], content_type="text/plain")


handler400 = "giftsync.pages.bad_request"
handler403 = "giftsync.pages.forbidden"
handler404 = "giftsync.pages.not_found"
handler500 = "giftsync.pages.server_error"

urlpatterns = [
    path("page/", page),
    path("signed-in-page/", signed_in_page),
    path("broken-page/", broken_page),
    path("page-without-database/", page_without_database),
    path("redirecting/", redirecting),
    path("whose/", whose),
    path("shared/<str:share_token>/", page),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema")),
    path("api/v1/echo/", Echo.as_view()),
    path("api/v1/auth/echo/", Echo.as_view()),
    path("api/v1/closed/", Closed.as_view()),
    path("api/v1/limited/", Limited.as_view()),
    path("api/v1/also-limited/", AlsoLimited.as_view()),
    path("api/v1/login/", Login.as_view()),
    path("api/v1/checked/", Checked.as_view()),
    path("api/v1/now/", Now.as_view()),
    path("api/v1/shortens/", Shortens.as_view()),
    path("api/v1/counts/", Counts.as_view({"post": "create"})),
    path("api/v1/raises/<what>/", Raises.as_view()),
    path("api/v1/shared/<str:token>/", Echo.as_view()),
    path("api/<path:rest>", unknown_api_path),
]
