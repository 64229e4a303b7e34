"""Making, changing over, ending and recognising API keys."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey, User
from accounts.models.api_key import PREFIX_LENGTH
from accounts.services import allowances, auditing

MARK = "gs"
# Digits and letters without those that are mistaken for each other.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
OVERLAP = timedelta(days=1)
SEEN_EVERY = timedelta(minutes=1)
LONGEST = 100


class KeyRefused(Exception):
    """A text that is no key, or one that opens nothing any more."""

    def __str__(self) -> str:
        return str(_("This API key is not valid."))


@transaction.atomic
def issue(owner: User, *, actor: Any = None, **given: Any) -> tuple[ApiKey, str]:
    """A new key and its text, which is shown only now. Raises ValidationError.

    With code "tier_limit_reached" where the owner makes it (no `actor`) and has no room for more.
    """
    if actor is None:
        User.objects.select_for_update().get(pk=owner.pk)
        used = ApiKey.objects.belonging_to(owner).usable(at=timezone.now()).count()
        allowances.check_room(owner, "api_keys", used=used)
    key = ApiKey(owner=owner, **given)
    text = _give_secret(key)
    key.full_clean(exclude=("owner",))
    key.save(force_insert=True)
    auditing.record(
        "api_key_issued", actor=actor or owner, target=key, after={"scopes": key.scopes}
    )
    return key, text


def _give_secret(key: ApiKey) -> str:
    key.prefix = "".join(secrets.choice(ALPHABET) for _ in range(PREFIX_LENGTH))
    secret = secrets.token_urlsafe(32)
    key.secret_hash = _digest(secret)
    return f"{MARK}_{key.prefix}_{secret}"


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


@transaction.atomic
def rotate(key: ApiKey, *, actor: Any = None) -> tuple[ApiKey, str]:
    """A new key with the same rights; the old one works for another day, so that nothing stops."""
    now = timezone.now()
    until = min(now + OVERLAP, key.expires_at) if key.expires_at else now + OVERLAP
    ApiKey.objects.filter(pk=key.pk).update(expires_at=until)
    fresh = ApiKey(
        owner=key.owner,
        organisation=key.organisation,
        name=key.name,
        scopes=key.scopes,
        calls_per_minute=key.calls_per_minute,
    )
    text = _give_secret(fresh)
    fresh.save(force_insert=True)
    auditing.record(
        "api_key_rotated", actor=actor or key.owner, target=key, after={"by": str(fresh.pk)}
    )
    return fresh, text


def revoke(key: ApiKey, *, actor: Any = None) -> bool:
    """End a key at once; False if it was over already."""
    rows = ApiKey.objects.filter(pk=key.pk, revoked_at=None)
    with transaction.atomic():
        is_over = bool(rows.update(revoked_at=timezone.now()))
        if is_over:
            auditing.record("api_key_revoked", actor=actor or key.owner, target=key)
    return is_over


def recognise(text: str, *, now: datetime | None = None) -> ApiKey:
    """The key with this text. Raises KeyRefused."""
    at = now or timezone.now()
    mark, _sep, rest = text.partition("_")
    prefix, _sep, secret = rest.partition("_")
    if mark != MARK or len(text) > LONGEST or not secret or not set(prefix) <= set(ALPHABET):
        raise KeyRefused
    key = ApiKey.objects.usable(at=at).select_related("owner").filter(prefix=prefix).first()
    if key is None or not compare_digest(key.secret_hash, _digest(secret)):
        raise KeyRefused
    if key.last_used_at is None or key.last_used_at <= at - SEEN_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=at)
    return key
