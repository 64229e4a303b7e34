"""The audit log: writing down who did what, chaining it, and finding out whether it was changed.

Writing an event is one INSERT and waits for nobody. The chain is closed a little later, by one
process at a time: `seal` numbers the new events and gives each a SHA-256 of itself and of the
seal before it. Whoever changes, removes or inserts a sealed event breaks the chain from there on;
whoever rewrites the whole chain differs from the heads that are written to the log.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import structlog
from django.db import connection, models, transaction

from accounts.models import AuditEvent

START = "0" * 64
BATCH = 2_000
# Any number will do, as long as nothing else in this database takes turns by it.
TURN = 7_061_900_117


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last link of the chain: `sequence` 0 where there is none."""

    sequence: int = 0
    seal: str = START


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A link that does not hold, and why in a word."""

    sequence: int
    why: str  # "missing", "changed" or "another_head"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    head: Head
    n_unsealed: int
    broken: Broken | None  # the first one only: what follows it proves nothing


def record(
    action: str,
    *,
    actor: models.Model | str | None = None,
    target: models.Model | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Write down one act, in the caller's transaction.

    `action` is a noun and a verb ("password_changed"); `actor` a user or a user's id, None for
    GiftSync itself. `before` and `after` hold plain JSON values: no names, addresses, passwords
    or tokens, because nothing here is ever deleted.
    """
    return AuditEvent.objects.create(
        action=action,
        actor_id=_key(actor),
        target_type=target._meta.label_lower if target is not None else "",
        target_id=_key(target),
        request_id=str(structlog.contextvars.get_contextvars().get("request_id") or ""),
        before=dict(before or {}),
        after=dict(after or {}),
    )


def _key(row: models.Model | str | None) -> str:
    if row is None:
        return ""
    return str(row.pk) if isinstance(row, models.Model) else str(row)


def seal() -> int:
    """Give every event that has none its number and its seal; returns how many."""
    n_sealed = 0
    while n := _seal_batch():
        n_sealed += n
    return n_sealed


def _seal_batch() -> int:
    with transaction.atomic():
        _take_turn()
        head = current_head()
        events = list(AuditEvent.objects.unsealed()[:BATCH])
        for event in events:
            head = _link(head, event)
            event.sequence, event.seal = head.sequence, head.seal
        AuditEvent.objects.bulk_update(events, ["sequence", "seal"], batch_size=500)
    return len(events)


def _take_turn() -> None:
    """Let one process at a time append; SQLite lets only one write anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURN])


def current_head() -> Head:
    last = AuditEvent.objects.sealed().last()
    if last is None or last.sequence is None:
        return Head()
    return Head(sequence=last.sequence, seal=last.seal)


def _link(head: Head, event: AuditEvent) -> Head:
    number = head.sequence + 1
    told = json.dumps(
        [
            number,
            str(event.pk),
            event.at.isoformat(),
            event.actor_id,
            event.action,
            event.target_type,
            event.target_id,
            event.request_id,
            event.before,
            event.after,
        ],
        sort_keys=True,
        separators=(",", ":"),
    )
    return Head(sequence=number, seal=sha256(f"{head.seal}\n{told}".encode()).hexdigest())


def verify(*, known_heads: Iterable[Head] = ()) -> Verdict:
    """Follow the chain from its start. `known_heads` are heads that were noted elsewhere."""
    known = {head.sequence: head.seal for head in known_heads}
    head, broken = Head(), None
    for event in AuditEvent.objects.sealed().iterator(BATCH):
        broken = _fault(head, event, known=known)
        if broken is not None:
            break
        head = Head(sequence=head.sequence + 1, seal=event.seal)
    if broken is None and any(sequence > head.sequence for sequence in known):
        broken = Broken(sequence=head.sequence + 1, why="missing")
    return Verdict(head=head, n_unsealed=AuditEvent.objects.unsealed().count(), broken=broken)


def _fault(head: Head, event: AuditEvent, *, known: Mapping[int, str]) -> Broken | None:
    expected = _link(head, event)
    if event.sequence != expected.sequence:
        return Broken(sequence=expected.sequence, why="missing")
    if event.seal != expected.seal:
        return Broken(sequence=expected.sequence, why="changed")
    if known.get(expected.sequence, event.seal) != event.seal:
        return Broken(sequence=expected.sequence, why="another_head")
    return None


def as_lines(events: Iterable[AuditEvent]) -> Iterator[str]:
    """One JSON object an event, for an export."""
    for event in events:
        fields = {field.attname: getattr(event, field.attname) for field in event._meta.fields}
        fields |= {"id": str(event.pk), "at": event.at.isoformat()}
        yield json.dumps(fields, sort_keys=True)
