"""`narvaro capture`: read the channels now, until all is complete."""

from __future__ import annotations

import argparse
from typing import Any

from narvaro.web.commands.console import Code, Console, Stop
from narvaro.web.commands.language import _
from narvaro.web.commands.who import add_who

MOST_TURNS = 1000  # a turn reads up to fifty pages; a server that never ends is left in the end


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--channel", metavar=_("KANAL"), default="", help=_("bara den här: namn, konto eller uid"))
    add_who(parser)
    parser.epilog = _("Slutar med 4 när en kanal tillfälligt inte kunde läsas, och 3 när den behöver anslutas på nytt.")


def run(given: argparse.Namespace, console: Console) -> Code:
    from narvaro.channels import queries  # noqa: PLC0415 - settings are read only when they are needed
    from narvaro.channels import rules as channel_rules  # noqa: PLC0415
    from narvaro.channels.types import ChannelState  # noqa: PLC0415
    from narvaro.web import serving  # noqa: PLC0415
    from narvaro.web.commands import acting  # noqa: PLC0415

    actor = acting.actor_in(given)
    chosen = [acting.channel_named(actor, given.channel)] if given.channel else queries.channels(actor)
    chosen = [
        c for c in chosen if not channel_rules.is_by_hand(c.platform, c.remote_id) and c.state != ChannelState.CLOSED
    ]
    if not chosen:
        raise Stop(_("Det finns ingen ansluten kanal att läsa."), Code.WRONG_USE)
    rows, code = [], Code.DONE
    with console.progress(_("Läser kanaler"), len(chosen)) as done:
        for number, channel in enumerate(chosen, 1):
            row = _read(actor, channel)
            rows.append(row)
            code = max(code, row["exit"])
            done(number)
            console.say(_sentence(channel, row))
    console.note(channels=rows)
    serving.follow_feeds()
    return code


def _read(actor: Any, channel: Any) -> dict[str, Any]:
    """Read one channel until it is complete; returns what was kept and how it went."""
    from narvaro.channels import actions, queries  # noqa: PLC0415
    from narvaro.channels.types import Connection  # noqa: PLC0415
    from narvaro.web import serving  # noqa: PLC0415

    new = changed = gone = 0
    held = None
    for _turn in range(MOST_TURNS):
        before = queries.reading_of(actor, channel)
        held = actions.claim_reading(channel_id=channel.pk)
        if held is None:
            break
        kept = serving.read_channel(held)
        new, changed, gone = new + kept.new, changed + kept.changed, gone + kept.gone
        after = queries.reading_of(actor, channel)
        is_whole = after.complete_to != before.complete_to or after.cursor == before.cursor
        if after.connection != Connection.CONNECTED or is_whole:
            break
    reading = queries.reading_of(actor, channel)
    codes = {Connection.CONNECTED: Code.DONE, Connection.TRANSIENT: Code.TEMPORARY}
    busy = held is None and reading.connection in codes
    return {
        "channel": channel.uid, "handle": channel.handle, "new": new, "changed": changed, "gone": gone,
        "connection": reading.connection, "complete_to": reading.complete_to, "error": reading.last_error,
        "busy": busy, "exit": Code.TEMPORARY if busy else codes.get(Connection(reading.connection), Code.REFUSED),
    }  # fmt: skip


def _sentence(channel: Any, row: dict[str, Any]) -> str:
    if row["busy"]:
        return _("%(handle)s läses just nu av någon annan.") % {"handle": channel.handle}
    said = _("%(handle)s: %(new)s nya, %(changed)s ändrade, %(gone)s borttagna.") % {
        "handle": channel.handle, "new": row["new"], "changed": row["changed"], "gone": row["gone"],
    }  # fmt: skip
    if row["error"]:
        return f"{said} {row['error']}"
    if row["exit"] == Code.REFUSED:
        return said + " " + _("Kanalen är inte ansluten. Anslut den med narvaro channel connect.")
    if row["complete_to"]:
        return said + " " + _("Komplett till %(at)s UTC.") % {"at": f"{row['complete_to']:%Y-%m-%d %H:%M}"}
    return said
