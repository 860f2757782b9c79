"""
Tables that carry weight in law beside the versions, held against what the log says of them.

An entry in the registry, a gap, an account's identity, the thread and the audience of an item stand in rows that are
worked with, and not in leaves. What was done to them does: so whatever a row says must be what the log said last.

Law: ARK-1, OSL-6, TF-12
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, Model, OuterRef, QuerySet

from narvaro.base import merkle
from narvaro.channels import queries as channels
from narvaro.channels.types import ChannelState
from narvaro.core import audit, ledger
from narvaro.core.types import Actor
from narvaro.records import queries, rules
from narvaro.records.models import Gap, Item, RegistryEntry, Version
from narvaro.records.types import VersionKind

if TYPE_CHECKING:
    from narvaro.core.models import AuditEntry

_REGISTRY = {
    "records.queue_for_registrar": RegistryEntry.State.QUEUED,
    "records.enter_in_registry": RegistryEntry.State.ENTERED,
    "records.refuse_registration": RegistryEntry.State.NOT_NEEDED,
}
_CHANNEL = tuple(
    f"channels.{verb}"
    for verb in (
        "add_channel", "change_channel", "connect_channel", "close_channel", "propose_channel", "take_decision",
        "open_channel", "rest_channel", "wake_channel", "begin_closing",
    )
)  # fmt: skip
_TRIES = 5  # when somebody works with the row while it is looked at


class Told:
    """What the log has said of rows, as far as it has been read; then they are held against it."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._entries: dict[int, AuditEntry] = {}  # the last of each entry in the registry
        self._gaps: dict[int, AuditEntry] = {}
        self._backfilled: set[int] = set()
        self._channels: dict[int, AuditEntry] = {}  # the last of each that says who the account is

    def hear(self, entry: AuditEntry) -> None:
        """Take in what one line of the log says; in the order of the log."""
        key = entry.subject_id or 0
        if entry.verb in _REGISTRY:
            self._entries[key] = entry
        elif entry.verb == "records.note_gap":
            self._gaps[key] = entry
        elif entry.verb == "records.backfill_gap":
            self._backfilled.add(key)
        elif entry.verb in _CHANNEL and _identity(entry):
            self._channels[key] = entry

    def fault(self) -> str:
        """Return the first row that says something else than the log; "" when none does."""
        return self._fault_of_registry() or self._fault_of_gaps() or self._fault_of_channels()

    def _fault_of_registry(self) -> str:
        rows = RegistryEntry.objects.of(self._actor).select_related("item")
        there: set[int] = set()
        for row in rows.order_by("pk").iterator(chunk_size=1000):
            there.add(row.pk)
            said = self._entries.get(row.pk)
            if (said is None or not _is_entry(row, said)) and not self._holds(rows, row, tuple(_REGISTRY), _is_entry):
                what = "säger något annat än loggen" if said else "står inte i loggen: den har lagts till"
                return f"Diarieposten {row.registry_number or row.uid} {what}."
        gone = next((said for key, said in self._entries.items() if key not in there), None)
        if gone is None:
            return ""
        return f"Diarieposten {gone.facts.get('registry_number') or gone.subject_uid} finns inte längre."

    def _fault_of_gaps(self) -> str:
        rows = Gap.objects.of(self._actor).select_related("channel")
        first = min(self._gaps, default=None)  # those before it were noted before gaps stood in the log
        there: set[int] = set()
        for row in rows.order_by("pk").iterator(chunk_size=1000):
            there.add(row.pk)
            said = self._gaps.get(row.pk)
            if said is not None and not _is_gap(row, said):
                return f"Luckan i {row.channel.name} (”{said.why}”) säger något annat än loggen."
            if said is None and first is not None and row.pk > first and not self._told(row, "records.note_gap"):
                return f"Luckan i {row.channel.name} (”{row.why}”) står inte i loggen: den har lagts till."
            is_filled = row.backfilled_at is not None
            if is_filled != (row.pk in self._backfilled) and not (
                is_filled and self._told(row, "records.backfill_gap")
            ):
                return f"Luckan i {row.channel.name} (”{row.why}”) är inte fylld eller öppen som i loggen."
        gone = next((key for key in sorted({*self._gaps, *self._backfilled}) if key not in there), None)
        if gone is None:
            return ""
        why = self._gaps[gone].why if gone in self._gaps else gone
        return f"En lucka (”{why}”) finns inte längre i förteckningen."

    def _fault_of_channels(self) -> str:
        rows = channels.rows(self._actor)
        there = {row.pk: row for row in rows}
        for key, said in self._channels.items():
            row = there.get(key)
            if row is None:
                return f"Kanalen {said.subject_uid} finns inte längre."
            if not _is_account(row, said) and not self._holds(rows, row, _CHANNEL, _is_account):
                return f"Kanalen {row.name} är ett annat konto än i loggen, eller i drift fast den är avslutad."
        return ""

    def _told(self, row: Model, verb: str) -> bool:
        """Whether the log says it by now, though it did not when it was read."""
        return newest(self._actor, row, verb) is not None

    def _holds(
        self, rows: QuerySet[Any], row: Model, verbs: tuple[str, ...], is_so: Callable[[Any, AuditEntry], bool]
    ) -> bool:
        """Whether a row is as the log says now: both were read anew while nobody changed them."""
        said = None
        for _ in range(_TRIES):
            said = newest(self._actor, row, *verbs)
            fresh = rows.filter(pk=row.pk).first()
            if said == newest(self._actor, row, *verbs):
                return said is not None and fresh is not None and is_so(fresh, said)
        return False


def newest(actor: Actor, subject: Model, *verbs: str) -> AuditEntry | None:
    """Return the latest of what was done to `subject` that stands in the log unchanged; None when nothing does."""
    for entry in audit.history(actor, subject, limit=1000):
        if entry.verb in verbs and (entry.verb not in _CHANNEL or _identity(entry)):
            leaf = (
                ledger.rows_of(actor, ledger.AUDIT).filter(subject_id=entry.pk).values_list("hash", flat=True).first()
            )
            return entry if leaf is not None and merkle.leaf_hash(audit.content_of(entry)) == bytes(leaf) else None
    return None


def _is_entry(row: RegistryEntry, said: AuditEntry) -> bool:
    if row.state != _REGISTRY[said.verb]:
        return False
    if said.verb == "records.enter_in_registry" and row.registry_number != said.facts.get("registry_number"):
        return False
    return "mark" not in said.facts or queries.mark_of_entry(row) == said.facts["mark"]


def _is_gap(row: Gap, said: AuditEntry) -> bool:
    return row.why == said.why and queries.said_of_gap(row) == said.facts


def _identity(said: AuditEntry) -> dict[str, str]:
    """Return what a line says of who an account is; {} when it says nothing, as those of 0.1.0 but of closing."""
    if "handle" in said.facts:
        return {name: str(value) for name, value in said.facts.items() if name in channels.IDENTITY}
    return {"state": ChannelState.CLOSED.value} if said.verb == "channels.close_channel" else {}


def _is_account(row: Any, said: AuditEntry) -> bool:
    found = channels.identity_of(row)
    return all(found.get(name) == value for name, value in _identity(said).items())


# --- Where an item hangs and who may see it -------------------------------------------------------------------------


def fault_of_threads(actor: Actor) -> str:
    """Return the first item that hangs in another thread than its leaf and the log say; "" when none does."""
    kept = Version.objects.of(actor).order_by().filter(pk=OuterRef("latest_version_id"), thread_key__isnull=False)
    moved = Item.objects.of(actor).filter(Exists(kept.exclude(thread_key=OuterRef("thread_key"))))
    known: dict[tuple[int, str], str] = {}
    for item in moved.order_by("pk").iterator(chunk_size=1000):
        fresh = item
        for _ in range(_TRIES):  # it may be moved while we look
            if fresh.thread_key in _threads_of(actor, fresh, known):
                break
            fresh = Item.objects.of(actor).get(pk=item.pk)
        else:
            return f"Handlingen {item.uid} ({item.remote_id}): den hänger i en annan tråd än loggen säger."
    return ""


def _threads_of(actor: Actor, item: Item, known: dict[tuple[int, str], str]) -> set[str]:
    """Return where an item may hang: where it was kept, and wherever the log says that thread has gone since."""
    at = Version.objects.of(actor).filter(pk=item.latest_version_id).values_list("thread_key", flat=True).first() or ""
    passed: set[str] = set()
    while at not in passed:
        passed.add(at)
        onward = known.get((item.channel_id, at)) or _joined(actor, item.channel_id, at)
        if not onward:
            break
        at = known[item.channel_id, at] = onward
    return passed


def _joined(actor: Actor, channel_id: int, thread: str) -> str:
    """Return the thread that what hung under an item was moved to when it came, "" when nothing was."""
    head = Item.objects.of(actor).filter(channel=channel_id, remote_id=thread).first()
    if head is None or newest(actor, head, "records.join_thread") is None:
        return ""
    first = Version.objects.of(actor).filter(item=head, number=1).values_list("thread_key", flat=True).first()
    return first or ""


def fault_of_audiences(actor: Actor) -> str:
    """Return the first edited item that is seen by others than its versions and the log say; "" when none is."""
    said = Version.objects.of(actor).filter(kind=VersionKind.CONTENT)
    others = said.order_by().filter(item=OuterRef("pk")).exclude(visibility=OuterRef("visibility"))
    changed = Item.objects.of(actor).filter(Exists(others), versions__gt=1)
    rows = said.filter(item__in=changed.values("pk")).order_by("item_id", "number")
    for item_id, group in groupby(
        rows.values_list("item_id", "number", "visibility").iterator(), key=lambda row: row[0]
    ):
        versions = [(number, visibility) for _, number, visibility in group]
        if not _is_audience(actor, item_id, versions):
            item = Item.objects.of(actor).get(pk=item_id)
            return f"Handlingen {item.uid} ({item.remote_id}): synligheten är en annan än plattformen och loggen säger."
    return ""


def _is_audience(actor: Actor, item_id: int, versions: list[tuple[int, str]]) -> bool:
    for _ in range(_TRIES):
        item = Item.objects.of(actor).get(pk=item_id)
        decision = newest(actor, item, "records.widen_item")
        decided = (decision.facts["version"], decision.facts["visibility"]) if decision is not None else None
        if item.visibility == rules.audience(versions, decided=decided):
            return True
        rows = Version.objects.of(actor).filter(item=item, kind=VersionKind.CONTENT).order_by("number")
        versions = list(rows.values_list("number", "visibility"))
    return False
