"""Django's `changepassword`, which here also signs the person's devices out."""

from typing import Any

from django.contrib.auth.management.commands.changepassword import Command as DjangoCommand

from accounts.models import DeviceSession, User
from accounts.services import sessions


class Command(DjangoCommand):
    def handle(self, *args: Any, **options: Any) -> str | None:
        said = super().handle(*args, **options)
        user = User.objects.get_by_natural_key(options["username"])
        sessions.end_other_sessions(user, reason=DeviceSession.EndReason.PASSWORD_CHANGED)
        return said
