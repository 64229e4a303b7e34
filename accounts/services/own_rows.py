"""What accounts, and the parts of Django it stands on, keep of a user, and how it is forgotten."""

from collections.abc import Iterator

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import NestedObjects
from django.core.files.storage import storages
from django.db import router
from django.db.models import Q

from accounts.models import (
    ApiKey,
    AuditEvent,
    CalendarFeed,
    DataExport,
    DeviceSession,
    KnownClient,
    Occasion,
    OutgoingMail,
    Recipient,
    User,
)
from accounts.services.plain_rows import Table, table


def rows_of(user: User) -> Iterator[Table]:
    """Every table with a way to the user. What would open something (hashes, keys) stays out."""
    pk = str(user.pk)
    yield table(User.objects.filter(pk=user.pk), without=("password", "session_epoch"))
    yield table(User.groups.through.objects.filter(user=user))
    yield table(User.user_permissions.through.objects.filter(user=user))
    yield table(EmailAddress.objects.filter(user=user))
    yield table(EmailConfirmation.objects.filter(email_address__user=user), without=("key",))
    yield table(Authenticator.objects.filter(user=user), without=("data",))
    yield table(SocialAccount.objects.filter(user=user))
    tokens = SocialToken.objects.filter(account__user=user)
    yield table(tokens, without=("token", "token_secret"))
    yield table(DeviceSession.objects.belonging_to(user), without=("refresh_hash",))
    yield table(KnownClient.objects.filter(user=user), without=("fingerprint",))
    yield table(Recipient.objects.belonging_to(user))
    yield table(Occasion.objects.belonging_to(user))
    yield table(CalendarFeed.objects.filter(user=user), without=("token_hash",))
    yield table(ApiKey.objects.belonging_to(user), without=("secret_hash",))
    yield table(DataExport.objects.belonging_to(user))
    # The words of a mail that waits may hold a link that opens the account.
    yield table(OutgoingMail.objects.filter(user=user), without=("text",))
    yield table(AuditEvent.objects.filter(Q(actor_id=pk) | Q(target_id=pk)), without=("seal",))
    yield table(LogEntry.objects.filter(user=user))


def forget(user: User) -> None:
    """Delete the account with all that hangs on it, and its names in the back office's history."""
    for export in DataExport.objects.belonging_to(user):
        storages["artifacts"].delete(export.file_name)
    OutgoingMail.objects.filter(user=user).delete()
    _forget_history(user)
    user.delete()


def _forget_history(user: User) -> None:
    """The back office writes the names of rows into its history, which outlives them."""
    doomed = NestedObjects(using=router.db_for_write(User))
    doomed.collect([user])
    kept = [rows for rows in doomed.data.values() if rows]
    kept += [list(rows) for rows in doomed.fast_deletes if rows]
    ids = [str(row.pk) for rows in kept for row in rows]
    for start in range(0, len(ids), 500):
        LogEntry.objects.filter(object_id__in=ids[start : start + 500]).delete()
