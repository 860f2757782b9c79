"""`narvaro search WORDS`: look in everything kept, as on the page."""

from __future__ import annotations

import argparse
from datetime import date
from typing import TYPE_CHECKING

from narvaro.web.commands.console import Code, Console, Stop
from narvaro.web.commands.language import _
from narvaro.web.commands.who import add_who

if TYPE_CHECKING:
    from narvaro.core.types import Actor
    from narvaro.records.search import Question

PAGE = 100
MARK = "\033[1m{}\033[0m"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", metavar=_("ORD"), nargs="*", help=_("det du söker; alla ord ska finnas"))
    parser.add_argument("--author", metavar=_("NAMN"), default="", help=_("vem som skrev"))
    parser.add_argument("--channel", metavar=_("KANAL"), default="", help=_("namn, konto eller uid"))
    parser.add_argument("--since", metavar=_("DATUM"), default="", help=_("från och med, ÅÅÅÅ-MM-DD"))
    parser.add_argument("--until", metavar=_("DATUM"), default="", help=_("till och med, ÅÅÅÅ-MM-DD"))
    parser.add_argument(
        "--kind", choices=["post", "comment", "mention", "quote", "message"], default="", help=_("slag av handling")
    )
    parser.add_argument(
        "--origin", choices=["received", "drawn_up", "file_note"], default="", help=_("inkommen eller upprättad")
    )
    parser.add_argument("--limit", type=int, metavar=_("ANTAL"), default=25, help=_("högst så många, de nyaste först"))
    add_who(parser)


def run(given: argparse.Namespace, console: Console) -> Code:
    from narvaro.core.moments import local  # noqa: PLC0415 - settings are read only when they are needed
    from narvaro.records.search import search  # noqa: PLC0415
    from narvaro.web import serving  # noqa: PLC0415
    from narvaro.web.commands import acting  # noqa: PLC0415

    if given.limit < 1:
        raise Stop(_("--limit ska vara minst 1."), Code.WRONG_USE)
    actor = acting.actor_in(given)
    question = _question(given, actor)
    serving.follow_feeds()
    rows: list[dict[str, object]] = []
    before: int | None = None
    while len(rows) < given.limit:
        found = search(actor, question, before=before, limit=min(PAGE, given.limit - len(rows)))
        if found.has_no_words:
            raise Stop(_("Skriv ord att söka efter. Personnummer kan inte sökas."), Code.WRONG_USE)
        for hit in found.hits:
            version = hit.version
            rows.append(
                {
                    "item": version.item.uid, "channel": version.channel.name, "published_at": version.published_at,
                    "author": version.author, "kind": version.item.kind, "text": version.text,
                }
            )  # fmt: skip
            snippet = "".join(MARK.format(p.text) if p.is_marked and _is_seen() else p.text for p in hit.snippet)
            console.say(f"{local(version.published_at):%Y-%m-%d}  {version.channel.name}  {version.author}")
            console.say(f"    {' '.join(snippet.split())}")
        before = found.older
        if before is None:
            break
    console.note(hits=rows)
    if not rows:
        console.say(_("Inget av det som bevarats stämmer in."))
    return Code.DONE


def _question(given: argparse.Namespace, actor: Actor) -> Question:
    from narvaro.records.search import Question  # noqa: PLC0415
    from narvaro.web.commands import acting  # noqa: PLC0415

    return Question(
        text=" ".join(given.words), author=given.author, kind=given.kind, origin=given.origin,
        channel_id=acting.channel_named(actor, given.channel).pk if given.channel else None,
        since=_day(given.since), until=_day(given.until),
    )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Stop(_("%(day)s är inget datum. Skriv ÅÅÅÅ-MM-DD.") % {"day": text}, Code.WRONG_USE) from None


def _is_seen() -> bool:
    import sys  # noqa: PLC0415

    return sys.stdout.isatty()
