"""A user's copy of everything that is kept about them: as JSON at once, or as a ZIP to fetch."""

import base64
import csv
import io
import json
import zipfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts import encryption
from accounts.models import DataExport, OutgoingMail, User
from accounts.services import auditing, outbox
from accounts.services.plain_rows import Rows

log = structlog.get_logger("giftsync.accounts")
LOST_AFTER = timedelta(minutes=10)
# What a spreadsheet would take for the beginning of a formula, in ASCII and at full width.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def collect(user: User) -> dict[str, Rows]:
    """Table by table, from every app of PERSONAL_DATA_SOURCES."""
    found: dict[str, Rows] = {}
    for path in settings.PERSONAL_DATA_SOURCES:
        for name, rows in import_string(path)(user):
            found.setdefault(name, []).extend(rows)
    return found


def as_document(user: User) -> dict[str, Any]:
    """The whole copy as one JSON-safe document."""
    made_at = timezone.now().isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"user_id": str(user.pk), "exported_at": made_at, "data": collect(user)}


def as_zip(user: User) -> bytes:
    """`giftsync.json` and a CSV for each table that has rows."""
    document = as_document(user)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("giftsync.json", json.dumps(document, indent=2, ensure_ascii=False))
        for name, rows in document["data"].items():
            if rows:
                archive.writestr(f"{name}.csv", as_csv(rows))
    return out.getvalue()


def as_csv(rows: Rows) -> str:
    """With a byte order mark, by which Excel knows UTF-8; no cell is a formula to a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(rows[0])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return "\ufeff" + out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def request(user: User) -> tuple[DataExport, bool]:
    """The export that is being made or to be had; whether it is a new one."""
    now = timezone.now()
    with transaction.atomic():
        # One user's requests queue here, so that two clicks make one file.
        User.objects.select_for_update().get(pk=user.pk)
        mine = DataExport.objects.belonging_to(user)
        if (pending := mine.unexpired(at=now).filter(ready_at=None).first()) is not None:
            return pending, False
        expires_at = now + timedelta(hours=settings.EXPORT_LINK_HOURS)
        export = DataExport.objects.create(user=user, expires_at=expires_at)
        auditing.record("data_export_requested", actor=user, target=user)
    return export, True


def make(export_id: UUID) -> OutgoingMail | None:
    """Write the file and promise the mail that says so. Harmless for one that is ready or gone."""
    waiting = DataExport.objects.select_related("user").filter(pk=export_id, ready_at=None)
    export = waiting.first()
    if export is None:
        return None
    packed = as_zip(export.user)
    sealed = encryption.encrypt(base64.b64encode(packed).decode())
    store = storages["artifacts"]
    store.delete(export.file_name)
    store.save(export.file_name, ContentFile(sealed.encode()))
    now = timezone.now()
    expires_at = now + timedelta(hours=settings.EXPORT_LINK_HOURS)
    with transaction.atomic():
        if not waiting.update(ready_at=now, expires_at=expires_at, n_bytes=len(packed)):
            return None
        log.info("data_export_made", user_id=str(export.user_id), n_bytes=len(packed))
        page = f"{settings.SITE_URL.rstrip('/')}{reverse('accounts:own-data')}"
        return outbox.promise_from_templates(
            "accounts/email/data_export",
            user=export.user,
            context={"page": page, "hours": settings.EXPORT_LINK_HOURS},
            once=f"data-export:{export.pk}",
        )


def content(export: DataExport) -> bytes:
    """The ZIP itself. Raises FileNotFoundError where it is gone."""
    with storages["artifacts"].open(export.file_name) as file:
        return base64.b64decode(encryption.decrypt(file.read().decode()))


def waiting(*, now: datetime | None = None) -> list[UUID]:
    """Copies asked for a while ago that no worker has made."""
    at = now or timezone.now()
    lost = DataExport.objects.unexpired(at=at).filter(
        ready_at=None, requested_at__lt=at - LOST_AFTER
    )
    return list(lost.values_list("pk", flat=True))


def purge(*, now: datetime | None = None) -> int:
    """Delete what is past its time, file and row; returns how many. Safe to run twice."""
    over: Iterable[DataExport] = DataExport.objects.filter(expires_at__lte=now or timezone.now())
    n_purged = 0
    for export in over:
        storages["artifacts"].delete(export.file_name)
        export.delete()
        n_purged += 1
    return n_purged
