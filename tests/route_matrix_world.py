"""Everything that routes can be asked about, belonging to one user, and the callers who ask."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import ApiKey, User
from accounts.services import api_keys
from accounts.tests.factories import PASSWORD, UserFactory, bearer
from catalog.models import Product
from recommendations.models import ListItem, SwipeSession
from recommendations.services import wishing
from tests.query_counts_rows import World, add_rows
from tests.route_matrix_bodies import bodies

ROLES = ("anonymous", "user", "other", "staff_without", "staff", "key")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Redirects that say no, which is another answer than a redirect after what was done.
LED_TO = {"/account/login/": "sign in", "/account/reauthenticate/": "prove"}
Answer = int | str
# The back office's addresses that are only ever looked at.
LOOKED_AT = ("/history/", "jsi18n/", "autocomplete/", "(?P<url>.*)$", "<path:object_id>/")
# Not ours to walk: files, and addresses that only a machine next door may ask.
SKIPPED_ROUTES = ("djdebug",)


@dataclass(frozen=True)
class Route:
    """One address: its name, its readable path, what it takes."""

    name: str
    path: str
    methods: tuple[str, ...]
    is_api: bool


def routes(patterns: Any = None, prefix: str = "", space: str = "") -> Iterator[Route]:
    """Every address of the URL map; one without a name is called by its path."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            if not inner.startswith(SKIPPED_ROUTES):
                yield from routes(entry.url_patterns, path, inner)
        elif isinstance(entry, URLPattern):
            name = f"{space}{entry.name}" if entry.name else path
            yield Route(name, path, _methods(entry, path), path.startswith("api/v1/"))


def _methods(entry: URLPattern, path: str) -> tuple[str, ...]:
    """What the view answers; pages say so only when asked, so they are asked by GET and POST."""
    callback: Any = entry.callback
    if actions := getattr(callback, "actions", None):
        return tuple(m for m in METHODS if m.lower() in actions)
    view = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    if view is not None and not path.startswith(("admin/", "account/")):
        found = tuple(m for m in METHODS if hasattr(view, m.lower()))
        return found or ("GET",)
    return ("GET",) if path.startswith("admin/") and path.endswith(LOOKED_AT) else ("GET", "POST")


@dataclass
class Callers:
    """A browser and the headers of a program for each role."""

    world: World
    other: User
    without: User
    staff: User
    key: str
    swipe_session: SwipeSession
    bodies: dict[str, dict[str, Any]]
    _program: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    _browsers: dict[str, Client] = field(default_factory=dict)
    _headers: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        people = {
            "user": self.world.staff,
            "other": self.other,
            "staff_without": self.without,
            "staff": self.staff,
        }
        for role in ROLES:
            self._browsers[role] = Client(raise_request_exception=False)
            self._headers[role] = {"HTTP_X_API_KEY": self.key} if role == "key" else {}
            if role in people:
                # By the page: what asks for the password again has just had it.
                form = {"login": people[role].email, "password": PASSWORD}
                signed_in = self._browsers[role].post("/account/login/", form)
                assert signed_in.status_code == 302
                self._browsers[role].post("/account/reauthenticate/", {"password": PASSWORD})
                self._headers[role] = bearer(people[role])

    def ask(self, role: str, method: str, url: str, route: Route) -> Answer:
        """The status, or where the caller is led; whatever it changed is undone."""
        browser = self._program if route.is_api else self._browsers[role]
        cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
        headers = self._headers[role] if route.is_api or role == "key" else {}
        options: dict[str, Any] = {}
        if method != "GET":
            body = self.bodies.get(f"{method} /{route.path}", {})
            as_json = {"content_type": "application/json", "data": json.dumps(body)}
            options = as_json if route.is_api else {"data": body}
        with transaction.atomic():
            answer = getattr(browser, method.lower())(url, **options, **headers)
            transaction.set_rollback(True)
        browser.cookies.clear()
        browser.cookies.load(cookies)
        target = answer.headers.get("Location", "").partition("?")[0]
        return LED_TO.get(target, int(answer.status_code))


def build() -> Callers:
    """One user's world, another user, and two of staff, with every permission and with none."""
    owner: Any = UserFactory(
        verified=True, email="owner@example.org", subscription_tier="enterprise"
    )
    world = add_rows(1, staff=owner)
    staff: Any = UserFactory(verified=True, email="desk@example.org", staff=True)
    without: Any = UserFactory(verified=True, email="novice@example.org", is_staff=True)
    other: Any = UserFactory(verified=True, email="other@example.org")
    _key, text = api_keys.issue(
        owner, actor=staff, organisation="O", name="n", scopes=ApiKey.Scope.values
    )
    LogEntry.objects.create(
        user=staff,
        content_type=ContentType.objects.get_for_model(Product),
        object_id=str(world.products[0].pk),
        object_repr="x",
        action_flag=CHANGE,
    )
    # One anonymous search, and a wish that two more can claim, one of which the other user did.
    searched = SwipeSession(context={})
    swipe_token = searched.issue_token()
    searched.save()
    ListItem.objects.update(wanted=3)
    wish = world.arguments("api-claim-wish")["pk"]
    wishing.claim(ListItem.objects.get(pk=wish), name="Other", user=other)
    return Callers(
        world=world,
        other=other,
        without=without,
        staff=staff,
        key=text,
        swipe_session=searched,
        bodies=bodies(world, swipe_token=swipe_token),
    )


# Arguments of addresses that are not GiftSync's own: there is nothing behind any of them.
NOBODYS: dict[str, dict[str, Any]] = {
    "mfa_remove_webauthn": {"pk": 1},
    "mfa_edit_webauthn": {"pk": 1},
    "openid_connect_login": {"provider_id": "nowhere"},
    "openid_connect_callback": {"provider_id": "nowhere"},
    "admin:app_list": {"app_label": "accounts"},
}


def address(route: Route, callers: Callers) -> str | None:
    """The address with arguments of this world; None if nobody has said which."""
    world = callers.world
    if "<" not in route.path:
        return "/" + route.path.removeprefix("^").removesuffix("$")
    if route.name == "api-claim":
        return str(reverse(route.name, args=[callers.swipe_session.pk]))
    if route.path.startswith("admin/"):
        return _of_first_row(route, world)
    if known := NOBODYS.get(route.name) or world.arguments(route.name):
        return str(reverse(route.name, kwargs=known))
    return {"api/<path:rest>": "/api/nowhere/"}.get(route.path)


def _of_first_row(route: Route, world: World) -> str | None:
    """An address of the back office, about the first row of the model it is for."""
    if known := NOBODYS.get(route.name):
        return str(reverse(route.name, kwargs=known))
    if route.name == "admin:view_on_site":
        shown = world.products[0]
        kind = ContentType.objects.get_for_model(Product).pk
        return str(reverse(route.name, args=[kind, shown.pk]))
    path = "/" + route.path.replace("(?P<url>.*)$", "nowhere/")
    for model in admin.site._registry:
        if path.startswith(f"/admin/{model._meta.app_label}/{model._meta.model_name}/"):
            row = model._default_manager.order_by("pk").first()
            for name in ("<path:object_id>", "<id>"):
                path = path.replace(name, str(row.pk if row else 1))
    return None if "<" in path else path
