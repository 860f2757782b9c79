"""
`narvaro restore FILE.tar --into FOLDER`: the archive is taken out and checked, then loaded and verified.

The second half runs as a process of its own, with the restored folder as its data folder.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from narvaro.web.commands.console import Code, Console, Stop
from narvaro.web.commands.language import _


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar=_("FIL.tar"), help=_("säkerhetskopian"))
    parser.add_argument("--into", metavar=_("MAPP"), required=True, help=_("ny eller tom datamapp"))
    parser.add_argument("--load", action="store_true", help=argparse.SUPPRESS)
    parser.epilog = _(
        "Svar som väntade på att skickas när kopian gjordes skickas inte igen: de visas som oklart utfall, och "
        "Närvaro ser efter på plattformen. Starta sedan med NARVARO_DATA=MAPP."
    )


def run(given: argparse.Namespace, console: Console) -> Code:
    target = Path(given.into).expanduser().absolute()
    return _loaded(console, target) if given.load else _taken_out(given, console, target)


def _taken_out(given: argparse.Namespace, console: Console, target: Path) -> Code:
    from narvaro.web import backup, options  # noqa: PLC0415

    archive = Path(given.file).expanduser().absolute()
    environ = {**os.environ, "NARVARO_DATA": str(target)}
    chosen = options.read(environ)
    try:
        _refuse_mismatch(archive, chosen.database_owner_url or chosen.database_url)
        with console.progress(_("Återställer")) as done:
            manifest = backup.unpack(archive, target, progress=done)
    except backup.BackupError as problem:
        raise Stop(str(problem), Code.WRONG_USE) from None
    command = [sys.executable, "-m", "narvaro.web.command", "restore", str(archive), "--into", str(target)]
    told = json.dumps(asdict(manifest))
    done_ = subprocess.run(  # noqa: S603 - ourselves, with the restored folder
        [*command, "--load", "--json"], input=told, env=environ, stdout=subprocess.PIPE, text=True, check=False
    )
    try:
        outcome: dict[str, Any] = json.loads(done_.stdout)
    except ValueError:
        outcome = {"code": Code.BROKEN, "error": _("Återställningen avbröts. Felet står ovan.")}
    console.note(into=str(target), **{k: v for k, v in outcome.items() if k not in ("ok", "code", "error")})
    if outcome["code"] != Code.DONE:
        raise Stop(outcome.get("error") or _("Det som återställdes är inte helt."), Code(outcome["code"]))
    console.say(
        _("Återställt till %(folder)s och kontrollerat: %(versions)s versioner, allt stämmer.")
        % {"folder": target, "versions": outcome["versions"]}
    )
    if outcome["unclear"]:
        console.say(_("%(count)s svar visas som oklart utfall, eftersom de kan ha gått iväg efter kopian.")
                    % {"count": outcome["unclear"]})  # fmt: skip
    console.say(_("Starta med NARVARO_DATA=%(folder)s narvaro run.") % {"folder": target})
    return Code.DONE


def _refuse_mismatch(archive: Path, url: str) -> None:
    from narvaro.web import backup  # noqa: PLC0415

    engine = backup.engine_of(archive)
    if engine == "sqlite" and url:
        raise Stop(
            _("Säkerhetskopian är gjord av SQLite. Lämna NARVARO_DATABASE_URL tom och försök igen."), Code.WRONG_USE
        )
    if engine == "postgresql" and not url:
        raise Stop(
            _("Säkerhetskopian är gjord av PostgreSQL. Ange en tom databas i NARVARO_DATABASE_URL."), Code.WRONG_USE
        )
    if url and not backup.is_empty_postgresql(url):
        raise Stop(_("Databasen är inte tom. Ange en ny, så att inget skrivs över."), Code.WRONG_USE)


# --- The second half, in the restored folder --------------------------------------------------------------------------


def _loaded(console: Console, target: Path) -> Code:
    from narvaro.web import backup, serving  # noqa: PLC0415
    from narvaro.web.command import ready  # noqa: PLC0415

    ready()
    from django.db import connections  # noqa: PLC0415

    from narvaro.core import queries  # noqa: PLC0415
    from narvaro.core.types import Actor  # noqa: PLC0415
    from narvaro.records.verify import verify  # noqa: PLC0415

    manifest = backup.Manifest.parsed(sys.stdin.buffer.read())
    if manifest.engine == "postgresql":
        _load(target, manifest)
    held = backup.ledgers(_asked(connections[serving.owner()]))  # nobody else is let in before the wall stands
    serving.prepare(with_files=False)
    if held != manifest.ledgers:
        raise Stop(_("Loggen i det återställda är inte den som kopierades."), Code.FAULT)
    versions = 0
    for authority in queries.all_authorities():
        verdict = verify(Actor.system(authority, "restore"))
        versions += verdict.versions + verdict.waiting
        if not verdict.holds:
            raise Stop(f"{authority.name}: {verdict.fault}", Code.FAULT)
    console.note(versions=sum(state.versions for state in held), unclear=_hold_unsent(), made_at=manifest.begun_at)
    return Code.DONE


def _load(target: Path, manifest: Any) -> None:
    import shutil  # noqa: PLC0415

    from django.db import connections  # noqa: PLC0415
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    from narvaro.web import backup, serving  # noqa: PLC0415

    connection = connections[serving.owner()]
    executor = MigrationExecutor(connection)
    applied = {(app, name) for app, name in manifest.migrations}
    graph = executor.loader.graph
    unknown = sorted(applied - set(graph.nodes))
    if unknown:
        raise Stop(
            _("Säkerhetskopian är gjord av en nyare Närvaro (%(what)s).") % {"what": ".".join(unknown[0])},
            Code.WRONG_USE,
        )
    ends = [
        key for key in applied if not any(c.key in applied and c.key[0] == key[0] for c in graph.node_map[key].children)
    ]
    executor.migrate(sorted(ends))
    connection.ensure_connection()
    try:
        backup.load_postgresql(target / "database", manifest.tables, connection.connection)
    except backup.BackupError as problem:
        raise Stop(str(problem), Code.WRONG_USE) from None
    shutil.rmtree(target / "database")


def _asked(connection: Any) -> Any:
    def query(statement: str) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return iter(cursor.fetchall())

    return query


def _hold_unsent() -> int:
    """
    Let no machine send what waited when the copy was made: it may have gone out since (P2, P4).

    Returns how many publications became unclear.
    """
    from narvaro.connectors.port import Unknown  # noqa: PLC0415
    from narvaro.publishing import actions  # noqa: PLC0415

    count = 0
    while (attempt := actions.claim_attempt()) is not None:
        actions.store_outcome(
            attempt, Unknown(_("Återställt från säkerhetskopia: svaret kan ha gått iväg efter kopian."))
        )
        count += 1
    return count
