"""`narvaro import`: what was written before, from the archive that a platform lets the account's owner download."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from narvaro.web.commands.console import Code, Console, Stop
from narvaro.web.commands.language import _
from narvaro.web.commands.who import add_who

if TYPE_CHECKING:
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
                kept, broken, files = _kept(archive, channel, done)
            gaps = _gaps(archive, channel, broken)
    except ArchiveError as problem:
        raise Stop(str(problem), Code.WRONG_USE) from None
    serving.follow_feeds()
    report = archive.report
    _note(channel, given, kept)
    console.note(
        channel=channel.uid, new=kept.new, changed=kept.changed, unchanged=kept.unchanged, entries=report.entries,
        files=files, boosts=report.boosts, duplicates=report.duplicates, bad=report.bad_count,
        truncated=report.is_truncated, gaps=gaps,
        bad_entries=[{"position": b.position, "reason": b.reason} for b in report.bad],
    )  # fmt: skip
    console.say(
        _("%(new)s nya, %(changed)s ändrade och %(same)s som redan fanns. %(files)s filer bevarade.")
        % {"new": kept.new, "changed": kept.changed, "same": kept.unchanged, "files": files}
    )
    console.say(_("Det här saknas, och står nu i kanalens förteckning över luckor:"))
    for gap in gaps:
        console.say(f"  {gap}")
    return Code.FAULT if report.is_truncated or report.bad_count or broken else Code.DONE


def _kept(archive: MastodonArchive, channel: Channel, done: Callable[[int], None]) -> tuple[Captured, str, int]:
    """Keep the archive page by page; returns what was kept, why it broke off ("" when whole), and how many files."""
    from narvaro.connectors.mastodon.archive import ArchiveError  # noqa: PLC0415
    from narvaro.connectors.port import Page  # noqa: PLC0415
    from narvaro.core import ledger  # noqa: PLC0415
    from narvaro.records import actions  # noqa: PLC0415
    from narvaro.records.types import Captured, Source  # noqa: PLC0415

    total, files, broken = Captured(), 0, ""
    items = archive.items()
    while True:
        page, broken = _page(items)
        if page:
            kept = actions.capture(channel=channel, page=Page(items=tuple(page), next_cursor=""), source=Source.IMPORT)
            total = Captured(total.new + kept.new, total.changed + kept.changed, 0, total.unchanged + kept.unchanged)
            files += sum(_files(archive, channel, item) for item in page)
            done(total.kept + total.unchanged)
        while ledger.sequence(channel.authority):
            pass
        if broken and not total.kept and not total.unchanged:
            raise ArchiveError(broken)
        if broken or len(page) < PAGE_ITEMS:
            return total, broken, files


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


def _gaps(archive: MastodonArchive, channel: Channel, broken: str) -> list[str]:
    """Enter what the export lacks in the gap ledger; returns the sentences."""
    from narvaro.base.clock import now  # noqa: PLC0415
    from narvaro.records import actions  # noqa: PLC0415

    report = archive.report
    sentences = [f"Inläst arkiv: {lack}" for lack in report.lacks]
    if report.is_truncated or broken:
        sentences.append(f"Inläst arkiv: filen är avkortad efter post {report.entries}. {broken}".strip())
    if report.bad_count:
        sentences.append(f"Inläst arkiv: {report.bad_count} poster var skadade och kunde inte läsas.")
    if report.missing_media:
        sentences.append(f"Inläst arkiv: {len(report.missing_media)} bilder eller filer saknas i arkivet.")
    if report.boosts:
        sentences.append(f"Inläst arkiv: {report.boosts} delningar av andras inlägg togs inte in.")
    for sentence in sentences:
        actions.note_gap(channel=channel, why=sentence, from_at=None, until_at=now())
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
