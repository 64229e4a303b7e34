"""The back office's view of people, of what was done, and of the mail that waits."""

from accounts.admin.api_keys import ApiKeyAdmin
from accounts.admin.audit import AuditEventAdmin
from accounts.admin.outgoing_mail import OutgoingMailAdmin
from accounts.admin.sign_ins import EmailAddressAdmin, SocialAccountAdmin
from accounts.admin.users import DeviceSessionAdmin, UserAdmin

__all__ = [
    "ApiKeyAdmin",
    "AuditEventAdmin",
    "DeviceSessionAdmin",
    "EmailAddressAdmin",
    "OutgoingMailAdmin",
    "SocialAccountAdmin",
    "UserAdmin",
]
