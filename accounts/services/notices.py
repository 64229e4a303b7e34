"""Mail that tells people what happened to their own account."""

from uuid import UUID

from accounts.models import DeviceSession, OutgoingMail, User
from accounts.services import outbox


def password_changed(user: User) -> OutgoingMail | None:
    """Tell the owner that the password is another one now."""
    return outbox.promise_from_templates("accounts/email/password_changed", user=user, context={})


def token_reused(session_id: UUID) -> OutgoingMail | None:
    """Tell the owner that a used token came back; None if the session is forgotten already."""
    session = DeviceSession.objects.select_related("user").filter(pk=session_id).first()
    if session is None:
        return None
    return outbox.promise_from_templates(
        "accounts/email/token_reused",
        user=session.user,
        context={"session": session},
        once=f"token-reused:{session_id}",
    )


def new_device(session: DeviceSession) -> OutgoingMail | None:
    """Tell the owner that a device signed in which was not seen before."""
    return outbox.promise_from_templates(
        "accounts/email/new_device",
        user=session.user,
        context={"session": session},
        once=f"new-device:{session.pk}",
    )
