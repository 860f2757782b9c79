"""Decisions about records on plain values: what is a change, who may see what, when to read again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b

from narvaro.connectors.port import Item as Found
from narvaro.connectors.port import Medium, Visibility
from narvaro.core import rules as house
from narvaro.core.types import ANSWERS, Actor, Role
from narvaro.records.types import VersionKind, Withheld

# PostgreSQL stores no NUL and no lone surrogates; the payload keeps the exact bytes all the same.
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")

_REREADS = (
    (timedelta(hours=1), timedelta(minutes=2)),
    (timedelta(days=1), timedelta(minutes=15)),
    (timedelta(days=7), timedelta(hours=3)),
    (timedelta(days=30), timedelta(days=1)),
    (timedelta(days=365), timedelta(days=14)),
)
_REREAD_OLD = timedelta(days=90)
OCCASION = timedelta(minutes=15)  # whoever has something before them on and off for so long has opened it once

_NARROWING = (Visibility.PUBLIC, Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.PRIVATE)

KEEP_EXPORTS = timedelta(days=7)  # then the file of an export is removed; it is asked for again if needed

EXPORTS = frozenset({Role.ARCHIVIST, Role.REGISTRAR, Role.COMMUNICATIONS_LEAD, Role.DPO})
"""Roles that may take out a whole channel or everything."""

VERIFIES = EXPORTS | {Role.AUDITOR, Role.ADMINISTRATOR}
"""Roles that may recompute the ledger and tend the gap ledger."""


def storable(text: str) -> str:
    """Return the text without what a database cannot hold."""
    return _NOT_STORABLE.sub("\ufffd", text) if _NOT_STORABLE.search(text) else text


def media_json(media: Sequence[Medium]) -> str:
    """Return the media of an item as the JSON text that its leaf commits to; "" for none."""
    if not media:
        return ""
    rows = [
        {"url": storable(m.url), "kind": m.kind.value, "type": m.media_type, "alt": storable(m.alt), "id": m.remote_id}
        for m in media
    ]
    return json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def alternative_texts(media: str) -> list[str]:
    """Return the alternative texts of the media of a version, as `media_json` wrote them; [] for none."""
    return [row["alt"] for row in json.loads(media) if row.get("alt")] if media else []


def words_around(text: str, media: str) -> str:
    """Return all the words that go with the media of a version, to be screened before they are taken. Law: BBS-10"""
    return "\n".join([text, *alternative_texts(media)])


def content_digest(item: Found) -> str:
    """
    Return what tells an unchanged re-read from an edit: 32 hex characters over text, media and visibility.

    Counts, the author's display name and the platform's own bookkeeping are left out: they change without
    anybody having written anything.
    """
    media = [(m.kind.value, m.alt, m.remote_id or m.url) for m in item.media]
    parts = (storable(item.text), item.visibility.value, json.dumps(media) if media else "")
    return blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()


def is_changed(*, kept_kind: str, kept_digest: str, item: Found) -> bool:
    """Whether an item read again differs from its latest version: A → B → A is three versions."""
    was_gone = kept_kind == VersionKind.TOMBSTONE
    if item.deleted or was_gone:
        return item.deleted != was_gone
    return content_digest(item) != kept_digest


def next_reread(last_activity_at: datetime, moment: datetime) -> datetime:
    """Return when to read a thread again: every other minute at first, every third month in the end."""
    age = moment - last_activity_at
    for limit, pause in _REREADS:
        if age < limit:
            return moment + pause
    return moment + _REREAD_OLD


def may_read_private(actor: Actor, *, responsible_ids: Sequence[int | None], unit_id: int) -> bool:
    """
    Whether the actor may read private messages of a channel: those who answer for it, the registrar and the auditor.

    Law: TF-4, BBS-1
    """
    if reads_all_private(actor) or actor.person_id in responsible_ids:
        return True
    return actor.has(*ANSWERS, unit_id=unit_id)


def reads_all_private(actor: Actor) -> bool:
    """Whether the actor may read private messages of every channel of the authority."""
    return actor.is_system or actor.has(
        Role.REGISTRAR, Role.AUDITOR, Role.ARCHIVIST, Role.COMMUNICATIONS_LEAD, *ANSWERS
    )


def is_narrower(one: str, other: str) -> bool:
    """Whether fewer may see what has the visibility `one` than what has `other`."""
    return _NARROWING.index(Visibility(one)) > _NARROWING.index(Visibility(other))


def audience(versions: Iterable[tuple[int, str]], *, decided: tuple[int, str] | None = None) -> str:
    """
    Return the visibility that an item has by its versions: the narrowest, or what a person decided and then that.

    Args:
        versions: Number and visibility of each version with content; one at least.
        decided: The number of the version that a person looked at, and the visibility they decided on.

    Law: TF-4, BBS-1
    """
    since, *_ = decided or (0,)
    later = [Visibility(said) for number, said in versions if number > since]
    if decided is not None:
        later.append(Visibility(decided[1]))
    return max(later, key=_NARROWING.index).value


def may_widen(actor: Actor) -> bool:
    """Whether the actor may decide that more may see an item, since its author has shown it to more. Law: TF-4"""
    return actor.has_anywhere(Role.REGISTRAR, Role.ARCHIVIST, Role.COMMUNICATIONS_LEAD)


def may_register(actor: Actor) -> bool:
    """Whether the actor may enter registry numbers."""
    return actor.is_system or actor.has_anywhere(Role.REGISTRAR)


def may_seal(actor: Actor) -> bool:
    """Whether the actor may seal something for everyone; it is urgent, so all who answer may (BBS-10)."""
    return actor.is_system or actor.has_anywhere(*ANSWERS, Role.REGISTRAR, Role.ARCHIVIST, Role.ADMINISTRATOR)


def may_expunge(actor: Actor) -> bool:
    """Whether the actor may expunge content for good: archivist or communications lead, never alone by mistake."""
    return actor.has_anywhere(Role.ARCHIVIST, Role.COMMUNICATIONS_LEAD)


def may_hold(actor: Actor) -> bool:
    """Whether the actor may place a hold on records: those who report to the police, and those who keep records."""
    return actor.is_system or actor.has_anywhere(*ANSWERS, Role.REGISTRAR, Role.ARCHIVIST)


def may_end_hold(actor: Actor) -> bool:
    """Whether the actor may end a hold: who leads, registers or archives."""
    return actor.has_anywhere(Role.COMMUNICATIONS_LEAD, Role.UNIT_MANAGER, Role.REGISTRAR, Role.ARCHIVIST)


def may_verify(actor: Actor) -> bool:
    """Whether the actor may recompute the ledger and tend the gap ledger (ARK-1)."""
    return actor.is_system or actor.has_anywhere(*VERIFIES)


def may_export(actor: Actor) -> bool:
    """Whether the actor may take out a whole channel or everything. Law: TF-8, ARK-8"""
    return actor.has_anywhere(*EXPORTS)


def may_import(actor: Actor, *, responsible_ids: Sequence[int | None]) -> bool:
    """Whether the actor may take in a channel's archive: those who answer for it, archivist, lead, administrator."""
    if actor.is_system or (actor.person_id is not None and actor.person_id in responsible_ids):
        return True
    return actor.has_anywhere(Role.ARCHIVIST, Role.COMMUNICATIONS_LEAD, Role.ADMINISTRATOR)


def may_bring_in(actor: Actor) -> bool:
    """Whether the actor may bring in what was found elsewhere: anyone who works here, not who only audits. Law: TF-1"""
    return actor.is_system or not house.changes_nothing(actor) or actor.has_anywhere(Role.EMPLOYEE)


def withheld(*, is_sealed: bool, is_expunged: bool) -> Withheld:
    """Return why the words of a version may leave by no way at all; `Withheld.NOTHING` when they may. Law: BBS-10"""
    if is_expunged:
        return Withheld.EXPUNGED
    return Withheld.SEALED if is_sealed else Withheld.NOTHING


def public_counterparty(*, counterparty: str, is_public: bool, secrecy_suspected: bool) -> str:
    """Return the sender or recipient as the public registry shows it; "" when it is left out. Law: OSL-6"""
    return counterparty if is_public and not secrecy_suspected else ""


def public_summary(*, summary: str, summary_public: str, secrecy_suspected: bool) -> str:
    """
    Return what the matter is about as the public registry shows it; "" when it is left out.

    The wording for the public goes first. Without one the ordinary wording is shown, unless there may be
    secrecy in it.

    Law: OSL-4, OSL-6
    """
    return summary_public or ("" if secrecy_suspected else summary)
