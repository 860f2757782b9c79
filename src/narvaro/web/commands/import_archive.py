"""`narvaro import`: what was written before, from the archive that a platform lets the account's owner download."""

from __future__ import annotations

import argparse
from pathlib import Path

from narvaro.web.commands.console import Code, Console, Stop
from narvaro.web.commands.language import _
from narvaro.web.commands.who import add_who


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar=_("FIL"), help=_("arkivet som laddats ned (ZIP eller tar.gz)"))
    parser.add_argument("--channel", metavar=_("KANAL"), required=True, help=_("kanalen: namn, konto eller uid"))
    parser.add_argument(
        "--other-account", action="store_true", help=_("läs in även om arkivet hör till ett annat konto än kanalens")
    )
    add_who(parser)
    parser.epilog = _(
        "Inlästa handlingar ger inga frister. Det som exporten saknar skrivs i kanalens förteckning över luckor."
    )


def run(given: argparse.Namespace, console: Console) -> Code:
    from narvaro.channels import rules as channel_rules  # noqa: PLC0415
    from narvaro.connectors import archives  # noqa: PLC0415 - settings are read only when they are needed
    from narvaro.core.types import Invalid  # noqa: PLC0415
    from narvaro.records import actions  # noqa: PLC0415
    from narvaro.web import serving  # noqa: PLC0415
    from narvaro.web.commands import acting  # noqa: PLC0415

    actor = acting.actor_in(given)
    channel = acting.channel_named(actor, given.channel)
    is_by_hand = channel_rules.is_by_hand(channel.platform, channel.remote_id)
    if not (channel.platform in archives.platforms() or is_by_hand):
        raise Stop(_("Arkiv från den plattformen kan inte läsas in ännu. Lägg in för hand i stället."), Code.WRONG_USE)
    path = Path(given.file)
    if not path.is_file():
        raise Stop(_("Filen %(file)s finns inte.") % {"file": path}, Code.WRONG_USE)
    try:
        with console.progress(_("Läser in")) as done:
            report = actions.import_archive(
                actor=actor, channel=channel, path=path, from_other_account=given.other_account,
                progress=done,
            )  # fmt: skip
    except Invalid as problem:
        raise Stop(str(problem), Code.WRONG_USE) from None
    serving.follow_feeds()
    console.note(channel=channel.uid, **report)
    console.say(
        _("%(new)s nya och %(known)s som redan fanns. %(files)s filer bevarade.")
        % {"new": report["new"], "known": report["known"], "files": report["files"]}
    )
    console.say(_("Det här saknas, och står nu i kanalens förteckning över luckor:"))
    for gap in report["gaps"]:
        console.say(f"  {gap}")
    return Code.FAULT if report["is_truncated"] or report["bad"] else Code.DONE
