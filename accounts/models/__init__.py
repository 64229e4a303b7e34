"""Who uses GiftSync, and what is remembered of them."""

from accounts.models.audit import AuditEvent
from accounts.models.device_session import DeviceSession
from accounts.models.outgoing_mail import OutgoingMail
from accounts.models.user import User

__all__ = ["AuditEvent", "DeviceSession", "OutgoingMail", "User"]
