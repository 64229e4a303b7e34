"""Users and signed-in devices for every app's tests."""

import factory
from allauth.account.models import EmailAddress

from accounts.models import DeviceSession, User
from accounts.services import sessions

PASSWORD = "a quiet teapot 41"


class UserFactory(factory.django.DjangoModelFactory):
    """A giver with PASSWORD and an address that is not verified; `verified=True` makes it so."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        staff = factory.Trait(is_staff=True, is_superuser=True)

    email = factory.Sequence(lambda n: f"giver{n}@example.org")
    first_name = "Ada"
    last_name = "Byron"

    @classmethod
    def _create(cls, model_class, *args, verified=False, password=PASSWORD, **fields):
        user = model_class.objects.create_user(password=password, **fields)
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=verified)
        return user


def sign_in(user, *, user_agent="GiftSync/1.0 (phone)"):
    """The tokens of a newly signed-in device."""
    return sessions.open_session(user, user_agent=user_agent)


def bearer(tokens_or_user):
    """Header arguments for a test client that speaks for a user or with a pair of tokens."""
    tokens = tokens_or_user
    if isinstance(tokens_or_user, User):
        tokens = sign_in(tokens_or_user)
    return {"HTTP_AUTHORIZATION": f"Bearer {tokens.access}"}


def only_session(user):
    """The one session that a program of the user has ever had."""
    return DeviceSession.objects.get(user=user, kind=DeviceSession.Kind.API)
