"""Who uses GiftSync, and what is remembered of them."""

from accounts.models.api_key import ApiKey
from accounts.models.audit import AuditEvent
from accounts.models.calendar_feed import CalendarFeed
from accounts.models.data_export import DataExport
from accounts.models.device_session import DeviceSession
from accounts.models.known_client import KnownClient
from accounts.models.occasion import Occasion
from accounts.models.outgoing_mail import OutgoingMail
from accounts.models.recipient import Recipient
from accounts.models.user import User

__all__ = [
    "ApiKey",
    "AuditEvent",
    "CalendarFeed",
    "DataExport",
    "DeviceSession",
    "KnownClient",
    "Occasion",
    "OutgoingMail",
    "Recipient",
    "User",
]
