"""`narvaro verify`: recompute everything, and name the first thing that is wrong."""

from __future__ import annotations

import argparse

from narvaro.web.commands.console import Code, Console
from narvaro.web.commands.language import _
from narvaro.web.commands.who import add_who


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all-faults", action="store_true", help=_("fortsätt efter det första felet"))
    add_who(parser)
    parser.epilog = _("Slutar med 0 när allt stämmer och 1 när något är fel.")


def run(given: argparse.Namespace, console: Console) -> Code:
    from narvaro.core import ledger, queries  # noqa: PLC0415 - settings are read only when they are needed
    from narvaro.core.types import Actor  # noqa: PLC0415
    from narvaro.records.verify import verify  # noqa: PLC0415
    from narvaro.web.commands import acting  # noqa: PLC0415

    authorities = [acting.authority_in(given)] if given.authority or given.acting_as else queries.all_authorities()
    if not authorities:
        acting.authority_in(given)
    code, rows = Code.DONE, []
    for authority in authorities:
        actor = (
            queries.actor_by_email(given.acting_as, authority)
            if given.acting_as
            else Actor.system(authority, acting.DUTY)
        )
        title, leaves = _("Kontrollerar %(name)s") % {"name": authority.name}, ledger.size(actor)
        with console.progress(title, leaves) as done:
            verdict = verify(actor, progress=done, until_fault=not given.all_faults)
        rows.append(
            {
                "authority": authority.slug, "holds": verdict.holds, "fault": verdict.fault, "notes": verdict.notes,
                "versions": verdict.versions, "audits": verdict.audits, "blobs": verdict.blobs,
                "blob_bytes": verdict.blob_bytes, "expunged": verdict.expunged, "heads": verdict.heads,
                "waiting": verdict.waiting, "seconds": round(verdict.seconds, 3),
            }
        )  # fmt: skip
        if not verdict.holds:
            code = Code.FAULT
            console.say(_("%(name)s: FEL. %(what)s") % {"name": authority.name, "what": verdict.fault})
            for note in verdict.notes:
                console.say(f"  {note}")
            continue
        console.say(
            _("%(name)s: allt stämmer. %(versions)s versioner, %(audits)s händelser, %(blobs)s filer, %(heads)s trädhuvuden på %(seconds).1f s.")  # noqa: E501
            % {
                "name": authority.name, "versions": verdict.versions, "audits": verdict.audits, "blobs": verdict.blobs,
                "heads": verdict.heads, "seconds": verdict.seconds,
            }
        )  # fmt: skip
    console.note(authorities=rows)
    return code
