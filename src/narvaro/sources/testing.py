"""Builders for tests: a source of each kind, out of a file. For tests only."""

from __future__ import annotations

import itertools
from typing import Any

from narvaro.channels.models import Channel
from narvaro.channels.testing import a_channel
from narvaro.core.models import Authority
from narvaro.core.testing import a_unit, an_actor
from narvaro.core.types import Actor, Role
from narvaro.sources import actions, queries, rules, tasks
from narvaro.sources.actions.setting_up import Wish
from narvaro.sources.models import Source
from narvaro.sources.types import Kind, Setup, Way

_numbers = itertools.count(1)
NAMES = {"id": "id", "title": "rubrik", "severity": "niva", "area": "plats", "state": "lage", "link": "url"}
TEMPLATES = {
    Kind.DAY: "Min dag {dag}:\n{lista}", Kind.AGENDA: "{dag}: {rubrik}", Kind.NEWS: "{rubrik}\n{lank}",
    Kind.INCIDENT: "{rubrik}\nOmråde: {omrade}", Kind.VACANCY: "Vi söker {rubrik}. Sök senast {sista_dag}.",
}  # fmt: skip


def a_wish(authority: Authority, lead: Actor, kind: str, channel: Channel, **values: Any) -> Wish:
    """Return what somebody wants of a source of a kind, out of a file, with a person who answers for the channel."""
    setup = {"words": ("möte",)} if kind == Kind.DAY else {"names": NAMES} if kind == Kind.INCIDENT else {}
    setup |= values.pop("setup", {})
    given: dict[str, Any] = {
        "name": f"Källa {next(_numbers)}", "shape": rules.SHAPES[kind][0].value, "way": Way.FILE.value,
        "unit_uid": channel.unit.uid, "channel_uids": [str(channel.uid)], "responsible_uid": channel.responsible.uid,
        "template": TEMPLATES[Kind(kind)], "setup": Setup(**setup), **values,
    }  # fmt: skip
    return Wish(**given)


def a_source(
    authority: Authority, kind: str = Kind.INCIDENT, content: bytes = b"[]", *, channel: Channel | None = None,
    lead: Actor | None = None, **values: Any,
) -> Source:  # fmt: skip
    """Return a source that reads a file; with an address or a way in when `values` say so."""
    lead = lead or an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    channel = channel or a_channel(authority, unit=a_unit(authority))
    wish = a_wish(authority, lead, kind, channel, **values)
    file = ("fil", content) if wish.way == Way.FILE else None
    return actions.add_source(actor=lead, kind=kind, wish=wish, file=file)


def worked() -> None:
    """Let the background do what is due, as it does within a minute."""
    tasks.read_sources.call()
    tasks.write_drafts.call()
    tasks.settle_read_drafts.call()


def texts_of(actor: Actor, source: Source) -> list[str]:
    """Return what the messages of a source say, oldest first."""
    found = reversed(queries.entries_of(actor, source))
    return [each.text for entry in found for each in (entry.message, entry.over_message) if each is not None]


def told(actor: Actor, source: Source) -> str:
    """Return what the log of a source says, newest first."""
    return "\n".join(f"{row.did}: {row.text} ×{row.count}" for row in queries.log_of(actor, source))
