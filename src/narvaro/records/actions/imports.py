"""Taking in the archive that a platform lets an account's owner download."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels.types import ChannelState
from narvaro.connectors import archives
from narvaro.connectors.archives import Archive, ArchiveError
from narvaro.connectors.port import Item as Found
from narvaro.connectors.port import Page
from narvaro.core import audit, ledger
from narvaro.core import queries as core
from narvaro.core.types import Actor, Invalid, NotPermitted
from narvaro.records import rules
from narvaro.records.actions.asked import _claim, _ours
from narvaro.records.actions.capture import capture
from narvaro.records.actions.files import keep_enclosed_file
from narvaro.records.actions.gaps import note_gap
from narvaro.records.models import Import, Item, Version, WatchedThread
from narvaro.records.types import Origin, Source, WorkState

if TYPE_CHECKING:
    from narvaro.channels.models import Channel

MAX_FILE_BYTES = 200 * 1024 * 1024
PAGE_ITEMS = 200
MOST_BAD_TOLD = 50
# Threads of an archive are read again one by one, well within any platform's quota, for the answers it lacks.
_BETWEEN_THREADS = timedelta(seconds=30)

Progress = Callable[[int, int], None]


@transaction.atomic
def request_import(
    *, actor: Actor, channel: Channel, uid: UUID, file_name: str, size_bytes: int, from_other_account: bool = False
) -> Import:
    """
    Ask for an uploaded archive to be taken in; a worker does it.

    Args:
        uid: The name under which the upload stands (`uploads`).
        from_other_account: Take it in though it belongs to another account: one that has moved.

    Raises:
        NotPermitted: The actor may not take in archives to the channel.
        Invalid: The channel's platform has no archive that can be read, or the channel is closed.
    """
    if not rules.may_import(actor, responsible_ids=(channel.responsible_id, channel.deputy_id)):
        raise NotPermitted
    if channel.platform not in archives.platforms() or channel.state == ChannelState.CLOSED:
        raise Invalid(_("Till den här kanalen går det inte att läsa in arkiv. Lägg in för hand i stället."))
    asked: Import = Import.objects.create(
        authority_id=actor.authority_id, asked_by_id=actor.person_id, uid=uid, channel=channel,
        file_name=file_name[:200], size_bytes=size_bytes, from_other_account=from_other_account,
    )  # fmt: skip
    audit.note(actor, "records.request_import", channel, size_bytes=size_bytes)
    return asked


def claim_import() -> Import | None:
    """Claim the oldest import that waits, or whose worker has gone silent; None when there is none."""
    return _claim(Import)


def end_import(work: Import, report: dict[str, Any]) -> bool:
    """Write what came of an import; False when another worker has it now."""
    ended = _ours(work).update(state=WorkState.DONE, report=report, error="", ended_at=now(), lease_until=None)
    return bool(ended == 1)


def refuse_import(work: Import, why: str) -> bool:
    """Write why an archive cannot be taken in: trying again would not help. False when another worker has it now."""
    ended = _ours(work).update(state=WorkState.FAILED, error=why[:300], ended_at=now(), lease_until=None)
    return bool(ended == 1)


def import_archive(
    *,
    actor: Actor,
    channel: Channel,
    path: Path,
    from_other_account: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """
    Take in an archive: read through once to see that it holds, then kept page by page.

    What is kept already is left as it is, since the platform's own answer says more than its export. Nothing
    taken in raises a deadline (P32). What the export lacks is entered in the gap ledger.

    Returns:
        A report of plain values: new, known, files, entries, boosts, duplicates, bad, bad_entries,
        is_truncated, missing_media, gaps (sentences).

    Raises:
        NotPermitted: The actor may not take in archives to the channel.
        Invalid: It is no archive, damaged, hostile, empty, or another account's; nothing was kept.

    Law: TF-1, ARK-1; P11, P32
    """
    if not rules.may_import(actor, responsible_ids=(channel.responsible_id, channel.deputy_id)):
        raise NotPermitted
    try:
        with archives.opened(channel.platform, path) as archive:
            if not (from_other_account or _is_ours(archive, channel)):
                raise Invalid(
                    _("Arkivet hör till %(theirs)s, men kanalen är %(ours)s. Inget är inläst. Välj rätt kanal.")
                    % {
                        "theirs": archive.author.handle or archive.author.display_name or _("ett okänt konto"),
                        "ours": channel.handle,
                    }
                )
            total, first, last = _surveyed(archive)
            report = _kept(actor, channel, archive, total, progress)
    except ArchiveError as problem:
        raise Invalid(str(problem)) from None
    with transaction.atomic():
        report["gaps"] = _gaps(channel, archive, first, last)
        audit.note(actor, "records.import_archive", channel, new=report["new"], known=report["known"])
    return report


def _is_ours(archive: Archive, channel: Channel) -> bool:
    theirs, ours = archive.author.handle.casefold(), channel.handle.lstrip("@").casefold()
    if not archive.names_items and archive.author.display_name.casefold() == channel.name.casefold():
        return True  # an export that names no post need not name the account either
    if archive.author.remote_id and archive.author.remote_id == channel.remote_id:
        return True  # some exports know the account by its id only
    return theirs == ours or ("@" not in ours and theirs.partition("@")[0] == ours)


def _surveyed(archive: Archive) -> tuple[int, datetime | None, datetime | None]:
    """Read the archive through before anything is written; returns how many posts, from when until when."""
    total, first, last = 0, None, None
    for item in archive.items():
        total += 1
        first = min(first or item.published_at, item.published_at)
        last = max(last or item.published_at, item.published_at)
    if not total and (archive.report.is_truncated or archive.report.bad_count or not archive.report.entries):
        raise Invalid(_("Arkivet innehåller inga inlägg som går att läsa. Inget är ändrat."))
    return total, first, last


def _kept(actor: Actor, channel: Channel, archive: Archive, total: int, progress: Progress | None) -> dict[str, Any]:
    authority = core.authority_of(actor)
    new = known = files = threads = 0
    for page in _pages(archive.items()):
        before = _known(actor, channel, page) | (set() if archive.names_items else _kept_as_said(actor, channel, page))
        fresh = [item for item in page if item.remote_id not in before]
        watched = _watched(actor, channel, fresh)
        new += capture(channel=channel, page=Page(items=tuple(fresh), next_cursor=""), source=Source.IMPORT).new
        threads += _spread(actor, channel, fresh, watched, threads)
        known += len(page) - len(fresh)
        # Also for what was known: a worker that was stopped half-way may have kept the words and not yet the files.
        files += sum(_files(archive, channel, item) for item in page)
        while ledger.sequence(authority) == ledger.BATCH:
            pass
        if progress:
            progress(new + known, total)
    report = archive.report
    return {
        "new": new, "known": known, "files": files, "entries": report.entries, "boosts": report.boosts,
        "duplicates": report.duplicates, "bad": report.bad_count, "is_truncated": report.is_truncated,
        "bad_entries": [{"position": b.position, "reason": b.reason} for b in report.bad[:MOST_BAD_TOLD]],
        "missing_media": len(report.missing_media),
    }  # fmt: skip


def _pages(items: Iterator[Found]) -> Iterator[list[Found]]:
    while page := list(islice(items, PAGE_ITEMS)):
        yield page


def _known(actor: Actor, channel: Channel, page: Iterable[Found]) -> set[str]:
    rows = Item.objects.of(actor).filter(channel=channel, remote_id__in=[item.remote_id for item in page])
    return set(rows.values_list("remote_id", flat=True))


def _kept_as_said(actor: Actor, channel: Channel, page: Iterable[Found]) -> set[str]:
    """Return those that are kept under the platform's own id: written by us in the same second, in these words."""
    found = {(int(item.published_at.timestamp()), _bare(item.text)): item.remote_id for item in page}
    times = [item.published_at for item in page]
    if not times:
        return set()
    span = (min(times) - timedelta(seconds=1), max(times) + timedelta(seconds=1))
    rows = Version.objects.of(actor).filter(
        item__channel=channel, item__origin=Origin.DRAWN_UP, item__published_at__range=span
    )
    said = rows.exclude(item__remote_id__in=list(found.values())).values_list("item__published_at", "text")
    kept = ((int(at.timestamp()), _bare(text)) for at, text in said)
    return {found[each] for each in kept if each in found}


def _bare(text: str) -> str:
    return "".join(text.split()).casefold()


def _candidates(items: Iterable[Found]) -> dict[str, datetime]:
    """Return the threads that the items may stand in, with when something was last said there."""
    found: dict[str, datetime] = {}
    for item in items:
        for key in filter(None, (item.root_remote_id, item.parent_remote_id, item.remote_id)):
            found[key] = max(found.get(key, item.published_at), item.published_at)
    return found


def _watched(actor: Actor, channel: Channel, items: Iterable[Found]) -> set[str]:
    rows = WatchedThread.objects.of(actor).filter(channel=channel, root_remote_id__in=list(_candidates(items)))
    return set(rows.values_list("root_remote_id", flat=True))


def _spread(actor: Actor, channel: Channel, items: list[Found], watched: set[str], begun: int) -> int:
    """Let threads that came with the archive be read in a row instead of all at once; returns how many they are."""
    said = _candidates(items)
    rows = WatchedThread.objects.of(actor).filter(channel=channel, root_remote_id__in=list(said.keys() - watched))
    fresh = list(rows.order_by("id"))
    for number, row in enumerate(fresh, start=begun + 1):
        row.last_activity_at = said[row.root_remote_id]
        row.next_at = now() + number * _BETWEEN_THREADS
    WatchedThread.objects.of(actor).bulk_update(fresh, ["last_activity_at", "next_at"])
    return len(fresh)


def _files(archive: Archive, channel: Channel, item: Found) -> int:
    """Keep the files of one item that the archive holds; returns how many."""
    count = 0
    for medium in item.media:
        if medium.url.startswith(("http://", "https://")):
            continue  # the worker fetches it
        try:
            content, media_type = archive.medium(medium.url, MAX_FILE_BYTES)
        except ArchiveError:
            continue  # told in the report, and entered as a gap
        count += keep_enclosed_file(
            channel=channel, remote_id=item.remote_id, url=rules.storable(medium.url)[:2000], content=content,
            media_type=media_type,
        )  # fmt: skip
    return count


def _gaps(channel: Channel, archive: Archive, first: datetime | None, last: datetime | None) -> list[str]:
    """Enter what the export lacks in the gap ledger; returns the sentences."""
    report = archive.report
    sentences = [f"Inläst arkiv: {lack}" for lack in report.lacks]
    if report.is_truncated:
        sentences.append(f"Inläst arkiv: filen är avkortad efter post {report.entries}.")
    if report.bad_count:
        sentences.append(f"Inläst arkiv: {report.bad_count} poster var skadade och kunde inte läsas.")
    if report.missing_media:
        sentences.append(f"Inläst arkiv: {len(report.missing_media)} bilder eller filer saknas i arkivet.")
    if report.boosts:
        sentences.append(f"Inläst arkiv: {report.boosts} delningar av andras inlägg togs inte in.")
    for sentence in sentences:
        note_gap(channel=channel, why=sentence, from_at=first, until_at=last)
    return sentences
