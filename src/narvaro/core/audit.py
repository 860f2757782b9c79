"""
The audit log: who, what, when, on what, why. Each entry is a leaf of the authority's ledger.

Ids, verbs and short reasons only: never a resident's words, never content digests or names from content.

Law: SM-19, SEC-1
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib import import_module
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from narvaro.base.clock import now
from narvaro.core import ledger
from narvaro.core.gathering import Part
from narvaro.core.models import AuditEntry, Authority
from narvaro.core.types import Actor, AuditVerbError

_VERB = re.compile(r"[a-z]+\.[a-z_]+")
_CHANGES_OPEN_PAGES = (
    "channels.", "core.change_authority", "core.change_unit", "watch.warn_of_case", "watch.end_warning",
    "watch.end_case", "watch.leave_case",
)  # fmt: skip


def note(actor: Actor, verb: str, subject: models.Model | None = None, *, why: str = "", **facts: Any) -> AuditEntry:
    """
    Write that `actor` did `verb` on `subject`, in the caller's transaction.

    What changes what anybody may read of the authority makes a new edition of it: pages that are kept ready
    (`openly`) are then made anew.

    Args:
        verb: `capability.verb_object`, as the action is called.
        why: A short reason given by a person; not a quotation of anybody's text.
        facts: Ids and plain values that explain it; UUIDs and dates become text.
    """
    entry = _entry(actor, verb, subject, why, facts)
    entry.save(force_insert=True)
    ledger.append(actor.authority_id, ledger.AUDIT, entry.pk, content_of(entry))
    _new_edition(actor, verb)
    return entry


def note_each(actor: Actor, verb: str, subjects: Iterable[tuple[models.Model, Mapping[str, Any]]]) -> None:
    """Write that `actor` did `verb` on each of many subjects, each with its own facts, as `note` does on one."""
    entries = [_entry(actor, verb, subject, "", facts) for subject, facts in subjects]
    if not entries:
        return
    made = AuditEntry.objects.bulk_create(entries, batch_size=500)
    ledger.append_each(actor.authority_id, ledger.AUDIT, [(entry.pk, content_of(entry)) for entry in made])
    _new_edition(actor, verb)


def _entry(
    actor: Actor, verb: str, subject: models.Model | None, why: str, facts: Mapping[str, Any]
) -> AuditEntry:  # fmt: skip
    if not _VERB.fullmatch(verb):
        raise AuditVerbError(verb)
    return AuditEntry(
        authority_id=actor.authority_id,
        at=now(),
        person_id=actor.person_id,
        actor_name=actor.name or actor.duty,
        verb=verb,
        subject_kind=subject._meta.label_lower if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        subject_uid=getattr(subject, "uid", None),
        why=why[:500],
        facts=json.loads(json.dumps(facts, default=str)),
        salt=os.urandom(32),
    )


def _new_edition(actor: Actor, verb: str) -> None:
    if verb.startswith(_CHANGES_OPEN_PAGES):
        Authority.objects.filter(pk=actor.authority_id).update(edition=F("edition") + 1)


def content_of(entry: AuditEntry) -> bytes:
    """Return the bytes that the entry's leaf commits to, salt first."""
    return (
        bytes(entry.salt)
        + json.dumps(
            [
                "audit-1",
                str(entry.uid),
                _text(entry.at),
                entry.person_id,
                entry.actor_name,
                entry.verb,
                entry.subject_kind,
                entry.subject_id,
                _text(entry.subject_uid),
                entry.why,
                entry.facts,
            ],
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
        ).encode()
    )


def entries(actor: Actor, ids: list[int]) -> dict[int, AuditEntry]:
    """Return the named entries of the authority's log, by key; missing ones are absent."""
    return AuditEntry.objects.of(actor).in_bulk(ids)


def history(actor: Actor, subject: models.Model, *, limit: int = 100) -> list[AuditEntry]:
    """Return what has been done to `subject`, newest first; [] when nothing has."""
    entries = AuditEntry.objects.of(actor).filter(subject_kind=subject._meta.label_lower, subject_id=subject.pk)
    return list(entries.order_by("-id")[:limit])


def verb_part(actor: Actor, verb: str, kind: str, ids: Any) -> Part:
    """
    Return what to gather, together with other things, to know when one deed was done to each of several things.

    Args:
        kind: The name of the things' table ("channels.channel").
        ids: Their keys; a query set of keys is not read before the others are.
    """
    return Part(AuditEntry.objects.of(actor).filter(subject_kind=kind, subject_id__in=ids, verb=verb))


def about(actor: Actor, subjects: Iterable[tuple[str, int]], *, upto: int, limit: int = 1000) -> list[AuditEntry]:
    """
    Return what was done to several things up to one entry, itself included; oldest first.

    Args:
        subjects: Each with the name of its table ("records.item") and its key.
        upto: The key of the last entry to count.
    """
    wanted = Q(pk__in=[])
    for kind, key in subjects:
        wanted |= Q(subject_kind=kind, subject_id=key)
    return list(AuditEntry.objects.of(actor).filter(wanted, pk__lte=upto).order_by("id")[:limit])


def history_part(actor: Actor, subject: models.Model, *, limit: int = 100) -> Part:
    """Return what to gather, together with other things, to know the history of `subject`; oldest first."""
    rows = AuditEntry.objects.of(actor)
    newest = rows.filter(subject_kind=subject._meta.label_lower, subject_id=subject.pk).order_by("-id")
    return Part(rows.filter(pk__in=newest.values("pk")[:limit]))


def sentence(verb: str) -> str:
    """
    Return what a verb means, as the rest of a sentence after the actor's name: "besvarade kommentaren".

    Each capability names its own verbs in `VERBS` of its types; a test finds the one that is forgotten.
    """
    module = import_module(f"narvaro.{verb.split('.', maxsplit=1)[0]}.types")
    return str(getattr(module, "VERBS", {}).get(verb, verb))


def who(entry: AuditEntry) -> str:
    """Return who did it, as people read it: the person, or Närvaro, whose duties' names are for machines."""
    return str(entry.actor_name) if entry.person_id else "Närvaro"


def timeline(actor: Actor, subject: models.Model, *, limit: int = 100) -> list[dict[str, Any]]:
    """Return the history of `subject` as the design kit's timeline takes it, oldest first."""
    return timeline_of(reversed(history(actor, subject, limit=limit)))


def timeline_of(entries: Iterable[AuditEntry]) -> list[dict[str, Any]]:
    """Return entries as the design kit's timeline takes them, in their order; those of `history_part`, say."""
    return [{"at": entry.at, "who": who(entry), "text": sentence(entry.verb), "detail": entry.why} for entry in entries]


def _text(value: UUID | datetime | None) -> str | None:
    if value is None:
        return None
    return value.isoformat(timespec="microseconds") if isinstance(value, datetime) else str(value)
