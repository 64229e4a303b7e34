"""Bodies that are right, for every address that takes one: what is refused then, is refused for
who asks and not for what they say."""

from typing import Any
from uuid import uuid4

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory, sign_in
from tests.query_counts_rows import World

ANOTHER = "an even quieter teapot 42"
BRIEF = {"brief": "a friend who likes gardening"}
TITLED = {"title": "A scarf"}
GIVEN = {"title": "A scarf", "given_on": "2026-02-01"}
PERSON = {"name": "Berta"}
YEARLY = {"kind": "yearly", "title": "The day they met", "day": 1, "month": 5, "country": "GB"}
PROOF = {"password": PASSWORD}
CLAIM = {"name": "Guest"}
# Calls and pages that take no body, or one that only a flow of several steps can fill.
BODILESS = (
    *("/share/", "/rotate/", "/undo/", "/delete/", "/end/", "/logout/", "/ideas/", "/calendar/"),
    *("/keep/", "/data/", "/sign-out-everywhere/", "/release/"),
    *("/account/two-factor/", "/confirm/", "/connected/", "/confirm-email/", "/key/"),
    *("/apple/", "/google/", "/facebook/", "/oidc/", "/password/set/"),
)
# Refused whatever is said: a code before there is a secret, and a claim on the own list.
REFUSED = (
    "POST /api/v1/auth/two-factor/confirm/",
    "POST /api/v1/lists/shared/<str:token>/items/<uuid:pk>/claim/",
    "POST /shared/<str:token>/<uuid:pk>/claim/",
)


def bodies(world: World, *, swipe_token: str) -> dict[str, dict[str, Any]]:
    """By method and path, as in tests/route_matrix.json."""
    return {**_of_accounts(world.staff), **_of_people_and_lists(), **_of_ideas(world, swipe_token)}


def _of_accounts(owner: User) -> dict[str, dict[str, Any]]:
    waiting = EmailAddress.objects.create(user=owner, email="second@example.org")
    # Somebody who signs in nowhere: a key to reset dies at the next sign-in.
    asker: Any = UserFactory(verified=True, email="forgetful@example.org")
    reset = f"{user_pk_to_url_str(asker)}-{default_token_generator.make_token(asker)}"
    new = {"email": "new@example.org", "password": PASSWORD}
    login = {"email": owner.email, "password": PASSWORD}
    api, key = "/api/v1/auth", {"organisation": "O", "name": "n", "scopes": ["catalogue"]}
    return {
        f"POST {api}/login/": login,
        f"POST {api}/logout/": {"refresh_token": sign_in(owner).refresh},
        f"POST {api}/refresh/": {"refresh_token": sign_in(owner).refresh},
        f"POST {api}/register/": new,
        f"POST {api}/password/change/": {**PROOF, "new_password": ANOTHER},
        f"POST {api}/password/reset/": {"email": owner.email},
        f"POST {api}/password/reset/confirm/": {"key": reset, "new_password": ANOTHER},
        f"POST {api}/verify-email/": {"key": EmailConfirmationHMAC(waiting).key},
        f"POST {api}/verify-email/resend/": {"email": waiting.email},
        f"POST {api}/two-factor/": PROOF,
        f"DELETE {api}/two-factor/": PROOF,
        f"POST {api}/two-factor/confirm/": {"otp": "000000"},
        f"PATCH {api}/me/": {"first_name": "Ada"},
        "DELETE /api/v1/users/me/": PROOF,
        "POST /api/v1/users/me/api-keys/": key,
        "POST /account/": {"first_name": "Ada", "last_name": "Byron"},
        "POST /account/delete/": PROOF,
        "POST /account/email/": {"email": "third@example.org", "action_add": ""},
        "POST /account/login/": {"login": owner.email, "password": PASSWORD},
        "POST /account/signup/": {"email": new["email"], "password1": PASSWORD},
        "POST /account/reauthenticate/": PROOF,
        "POST /account/password/change/": {
            "oldpassword": PASSWORD,
            "password1": ANOTHER,
            "password2": ANOTHER,
        },
        "POST /account/password/reset/": {"email": owner.email},
    }


def _of_people_and_lists() -> dict[str, dict[str, Any]]:
    person, wishes = "/api/v1/recipients/<uuid:recipient_id>", "/api/v1/lists/<uuid:list_id>/items"
    shared = "/api/v1/lists/shared/<str:token>/items/<uuid:pk>"
    return {
        "POST /api/v1/recipients/": PERSON,
        "PUT /api/v1/recipients/<uuid:pk>/": PERSON,
        "PATCH /api/v1/recipients/<uuid:pk>/": PERSON,
        f"POST {person}/gifts/": GIVEN,
        f"PATCH {person}/gifts/<uuid:pk>/": {"note": "blue"},
        f"POST {person}/occasions/": YEARLY,
        f"PATCH {person}/occasions/<uuid:pk>/": {"remind_days_before": 3},
        "POST /api/v1/lists/": TITLED,
        "PATCH /api/v1/lists/<uuid:pk>/": TITLED,
        f"POST {wishes}/": TITLED,
        f"PATCH {wishes}/<uuid:pk>/": TITLED,
        f"POST {shared}/claim/": CLAIM,
        "POST /account/people/add/": PERSON,
        "POST /account/people/<uuid:pk>/": YEARLY,
        "POST /account/people/<uuid:pk>/change/": PERSON,
        "POST /account/people/dates/<uuid:pk>/": YEARLY,
        "POST /people/<uuid:pk>/gifts/": GIVEN,
        "POST /people/gifts/<uuid:pk>/": GIVEN,
        "POST /lists/": TITLED,
        "POST /lists/<uuid:pk>/": {**TITLED, "wanted": 1},
        "POST /lists/<uuid:pk>/change/": TITLED,
        "POST /shared/<str:token>/<uuid:pk>/claim/": CLAIM,
    }


def _of_ideas(world: World, swipe_token: str) -> dict[str, dict[str, Any]]:
    session = "/api/v1/swipe-sessions/<uuid:pk>"
    swipe = {"product_id": str(world.products[-1].pk), "direction": "like"}
    click = {"product_id": swipe["product_id"], "placement": "deck"}
    return {
        "POST /api/v1/recommendations/": BRIEF,
        "POST /api/v1/swipe-sessions/": BRIEF,
        f"POST {session}/swipes/": swipe,
        f"POST {session}/claim/": {"token": swipe_token},
        "POST /api/v1/affiliates/clicks/": {**click, "idempotency_key": str(uuid4())},
        "PUT /api/v1/users/me/preferences/": {"interests": ["jazz"]},
        "POST /ideas/": BRIEF,
        "POST /ideas/<uuid:pk>/swipe/": swipe,
        "POST /store/": {"store": "amazon.co.uk"},
    }
