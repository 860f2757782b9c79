"""`narvaro import`: what was written before, from the archive that a platform lets the account's owner download."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from narvaro.web.commands.console import Code, Console, Stop
from narvaro.web.commands.language import _
from narvaro.web.commands.who import add_who

if TYPE_CHECKING:
    from datetime import datetime

    from narvaro.channels.models import Channel
    from narvaro.connectors.mastodon.archive import MastodonArchive
    from narvaro.connectors.port import Item
    from narvaro.records.types import Captured

PAGE_ITEMS = 500
MAX_FILE_BYTES = 200 * 1024 * 1024


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FIL", help=_("arkivet som laddats ned (ZIP eller tar.gz)"))
    parser.add_argument("--channel", metavar="KANAL", required=True, help=_("kanalen: namn, konto eller uid"))
    parser.add_argument(
        "--other-account", action="store_true", help=_("läs in även om arkivet hör till ett annat konto än kanalens")
    )
    add_who(parser)
    parser.epilog = _(
        "Inlästa handlingar ger inga frister. Det som exporten saknar skrivs i kanalens förteckning över luckor."
    )


def run(given: argparse.Namespace, console: Console) -> Code:
    from narvaro.channels.types import Platform  # noqa: PLC0415 - settings are read only when they are needed
    from narvaro.connectors.mastodon.archive import ArchiveError, MastodonArchive  # noqa: PLC0415
    from narvaro.web import serving  # noqa: PLC0415
    from narvaro.web.commands import acting  # noqa: PLC0415

    actor = acting.actor_in(given)
    channel = acting.channel_named(actor, given.channel)
    if channel.platform not in (Platform.MASTODON, Platform.MANUAL):
        raise Stop(_("Arkiv från den plattformen kan inte läsas in ännu. Lägg in för hand i stället."), Code.WRONG_USE)
    path = Path(given.file)
    if not path.is_file():
        raise Stop(_("Filen %(file)s finns inte.") % {"file": path}, Code.WRONG_USE)
    try:
        with MastodonArchive(path) as archive:
            _refuse_stranger(archive, channel, given)
            with console.progress(_("Läser in")) as done:
                outcome = _kept(archive, channel, done)
            gaps = _gaps(archive, channel, outcome)
    except ArchiveError as problem:
        raise Stop(str(problem), Code.WRONG_USE) from None
    serving.follow_feeds()
    report, kept = archive.report, outcome.kept
    _note(channel, given, kept)
    console.note(
        channel=channel.uid, new=kept.new, changed=kept.changed, unchanged=kept.unchanged, entries=report.entries,
        files=outcome.files, boosts=report.boosts, duplicates=report.duplicates, bad=report.bad_count,
        truncated=report.is_truncated, gaps=gaps,
        bad_entries=[{"position": b.position, "reason": b.reason} for b in report.bad],
    )  # fmt: skip
    console.say(
        _("%(new)s nya, %(changed)s ändrade och %(same)s som redan fanns. %(files)s filer bevarade.")
        % {"new": kept.new, "changed": kept.changed, "same": kept.unchanged, "files": outcome.files}
    )
    console.say(_("Det här saknas, och står nu i kanalens förteckning över luckor:"))
    for gap in gaps:
        console.say(f"  {gap}")
    return Code.FAULT if report.is_truncated or report.bad_count or outcome.broken else Code.DONE


@dataclass(slots=True)
class _Outcome:
    """What an import led to: `broken` says why it ended early ("" when whole)."""

    kept: Captured
    files: int = 0
    broken: str = ""
    earliest: datetime | None = None
    latest: datetime | None = None


def _kept(archive: MastodonArchive, channel: Channel, done: Callable[[int], None]) -> _Outcome:
    """Keep the archive page by page, each whole in its transaction."""
    from narvaro.connectors.mastodon.archive import ArchiveError  # noqa: PLC0415
    from narvaro.connectors.port import Page  # noqa: PLC0415
    from narvaro.core import ledger  # noqa: PLC0415
    from narvaro.records import actions  # noqa: PLC0415
    from narvaro.records.types import Captured, Source  # noqa: PLC0415

    outcome, items = _Outcome(Captured()), archive.items()
    while True:
        page, outcome.broken = _page(items)
        if page:
            new = actions.capture(channel=channel, page=Page(items=tuple(page), next_cursor=""), source=Source.IMPORT)
            sofar = outcome.kept
            outcome.kept = Captured(
                sofar.new + new.new, sofar.changed + new.changed, 0, sofar.unchanged + new.unchanged
            )
            outcome.files += sum(_files(archive, channel, item) for item in page)
            times = [item.published_at for item in page]
            outcome.earliest = min([*times, outcome.earliest or times[0]])
            outcome.latest = max([*times, outcome.latest or times[0]])
            done(outcome.kept.kept + outcome.kept.unchanged)
        while ledger.sequence(channel.authority):
            pass
        if outcome.broken and outcome.earliest is None:
            raise ArchiveError(outcome.broken)
        if outcome.broken or len(page) < PAGE_ITEMS:
            return outcome


def _page(items: Iterator[Item]) -> tuple[list[Item], str]:
    """Return the next items, and why there are no more when the archive broke."""
    from narvaro.connectors.mastodon.archive import ArchiveError  # noqa: PLC0415

    page: list[Item] = []
    try:
        page.extend(islice(items, PAGE_ITEMS))
    except ArchiveError as problem:
        return page, str(problem)
    return page, ""


def _files(archive: MastodonArchive, channel: Channel, item: Item) -> int:
    """Keep the files of one item that the archive holds; returns how many."""
    from narvaro.connectors.mastodon.archive import ArchiveError  # noqa: PLC0415
    from narvaro.records.actions.files import keep_enclosed_file  # noqa: PLC0415

    count = 0
    for medium in item.media:
        if medium.url.startswith(("http://", "https://")):
            continue  # the worker fetches it
        try:
            content, media_type = archive.medium(medium.url, MAX_FILE_BYTES)
        except ArchiveError:
            continue  # told in the report, and entered as a gap
        count += keep_enclosed_file(
            channel=channel, remote_id=item.remote_id, url=medium.url, content=content, media_type=media_type
        )
    return count


def _gaps(archive: MastodonArchive, channel: Channel, outcome: _Outcome) -> list[str]:
    """Enter what the export lacks in the gap ledger; returns the sentences."""
    from narvaro.records import actions  # noqa: PLC0415

    report = archive.report
    sentences = [f"Inläst arkiv: {lack}" for lack in report.lacks]
    if report.is_truncated or outcome.broken:
        sentences.append(f"Inläst arkiv: filen är avkortad efter post {report.entries}. {outcome.broken}".strip())
    if report.bad_count:
        sentences.append(f"Inläst arkiv: {report.bad_count} poster var skadade och kunde inte läsas.")
    if report.missing_media:
        sentences.append(f"Inläst arkiv: {len(report.missing_media)} bilder eller filer saknas i arkivet.")
    if report.boosts:
        sentences.append(f"Inläst arkiv: {report.boosts} delningar av andras inlägg togs inte in.")
    for sentence in sentences:
        actions.note_gap(channel=channel, why=sentence, from_at=outcome.earliest, until_at=outcome.latest)
    return sentences


def _refuse_stranger(archive: MastodonArchive, channel: Channel, given: argparse.Namespace) -> None:
    theirs, ours = archive.author.handle.lower(), channel.handle.lower()
    same = theirs == ours or theirs.split("@")[0] == ours or theirs == ours.split("@")[0]
    if not same and not given.other_account:
        raise Stop(
            _("Arkivet hör till %(theirs)s, men kanalen är %(ours)s. Välj rätt kanal, eller lägg till --other-account.")
            % {"theirs": archive.author.handle, "ours": channel.handle},
            Code.REFUSED,
        )


def _note(channel: Channel, given: argparse.Namespace, kept: Captured) -> None:
    from django.db import transaction  # noqa: PLC0415

    from narvaro.core import audit  # noqa: PLC0415
    from narvaro.web.commands import acting  # noqa: PLC0415

    with transaction.atomic():
        audit.note(acting.actor_in(given), "records.import_archive", channel, new=kept.new, changed=kept.changed)
