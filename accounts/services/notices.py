"""Mail that warns people about their own account."""

from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from accounts.models import DeviceSession


def send_reuse_notice(session_id: UUID) -> bool:
    """Tell the owner that a used token came back; False if the session is forgotten already.

    Raises OSError when the mail server is away.
    """
    session = DeviceSession.objects.select_related("user").filter(pk=session_id).first()
    if session is None:
        return False
    context = {"session": session, "site_name": settings.SITE_NAME, "site_url": settings.SITE_URL}
    subject = render_to_string("accounts/email/token_reused_subject.txt", context).strip()
    message = render_to_string("accounts/email/token_reused_message.txt", context).strip()
    send_mail(subject, message, None, [session.user.email])
    return True
