"""
What `narvaro doctor` looks at: each look answers with findings, and says what to do about them.

It reads tables with plain SQL, so that it also tells something about an installation that is half broken.

Law: ARK-1, SEC-1; P5, P6
"""

from __future__ import annotations

import os
import shutil
import smtplib
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from narvaro.web.commands.language import _

LATE = timedelta(minutes=5)
SILENT = timedelta(minutes=2)
LEAST_FREE_BYTES = 500_000_000
WANTED_FREE_BYTES = 2_000_000_000
LARGE_LOG_BYTES = 1_000_000_000
SMTP_SECONDS = 8.0


class State(StrEnum):
    FINE = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `repair` mends it, where that is safe without asking."""

    what: str
    state: State
    sentence: str
    repair: Callable[[], Any] | None = None


def examine(*, thorough: bool = False) -> Iterator[Finding]:
    """Yield findings one after another; a look that itself fails is a fault, and the rest goes on."""
    looks: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
        ("folder", _folder),
        ("disk", _disk),
        ("database", partial(_database, thorough)),
        ("durability", _durability),
        ("migrations", _migrations),
        ("guards", _guards),
        ("keys", _keys),
        ("clock", _clock),
        ("worker", _worker),
        ("due", _due),
        ("jobs", _dead_jobs),
        ("letters", _letters),
        ("channels", _channels),
        ("files", _files),
        ("mail", _mail),
        ("learner", _learner),
    )
    is_behind = False
    for name, look in looks:
        if is_behind and name == "guards":
            continue  # they are put back together with the tables
        try:
            for finding in look():
                is_behind = is_behind or (finding.what == "migrations" and finding.state is State.FAULT)
                yield finding
        except DatabaseError as error:
            if is_behind:  # tables and columns that are to come; one line has said so
                continue
            said = str(error).strip().splitlines()[0]
            yield Finding(name, State.FAULT, _("Databasen svarade inte på frågan: %(what)s.") % {"what": said})
        except OSError as error:
            yield Finding(name, State.FAULT, _("Gick inte att läsa: %(what)s.") % {"what": error})


# --- The machine ----------------------------------------------------------------------------------------------------


def _folder() -> Iterator[Finding]:
    data = Path(settings.OPTIONS.data)
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        yield Finding("folder", State.FAULT, _("Närvaro får inte skriva i %(folder)s.") % {"folder": data})
        return
    open_to_others = [path for path in _secret_places(data) if path.exists() and path.stat().st_mode & 0o077]
    if open_to_others:
        yield Finding(
            "folder",
            State.FAULT,
            _("Andra på maskinen kan läsa %(what)s. Rätta med --repair.") % {"what": open_to_others[0]},
            partial(_close, open_to_others),
        )
    kind = _file_system(data)
    if settings.OPTIONS.uses_sqlite and kind.startswith(("nfs", "cifs", "smb", "fuse.sshfs")):
        yield Finding(
            "folder", State.FAULT, _("Datamappen ligger på ett nätverk (%(kind)s). SQLite kräver en lokal disk.")
            % {"kind": kind},
        )  # fmt: skip
    if not open_to_others:
        yield Finding("folder", State.FINE, _("Datamappen %(folder)s är skyddad.") % {"folder": data})


def _secret_places(data: Path) -> list[Path]:
    keys = data / "keys"
    return [keys, keys / "tree", *keys.glob("*"), *(keys / "tree").glob("*"), *data.glob("narvaro.sqlite3*")]


def _close(paths: list[Path]) -> None:
    for path in paths:
        path.chmod(0o700 if path.is_dir() else 0o600)


def _file_system(path: Path) -> str:
    """Return the kind of file system that holds the path (Linux); "" where it cannot be told."""
    try:
        lines = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    mounts = sorted((line.split()[1:3] for line in lines), key=lambda each: len(each[0]))
    return next((kind for place, kind in reversed(mounts) if path.is_relative_to(place)), "")


def _disk() -> Iterator[Finding]:
    usage = shutil.disk_usage(settings.OPTIONS.data)
    free = {"free": f"{usage.free / 1e9:.1f}"}
    if usage.free < LEAST_FREE_BYTES:
        yield Finding("disk", State.FAULT, _("Disken är nästan full: %(free)s GB kvar. Frigör utrymme.") % free)
    elif usage.free < WANTED_FREE_BYTES:
        yield Finding("disk", State.WARNING, _("Bara %(free)s GB kvar på disken.") % free)
    else:
        yield Finding("disk", State.FINE, _("%(free)s GB kvar på disken.") % free)
    log = Path(settings.OPTIONS.data) / "narvaro.sqlite3-wal"
    if log.exists() and log.stat().st_size > LARGE_LOG_BYTES:
        yield Finding(
            "disk",
            State.WARNING,
            _("Databasens logg är %(size).1f GB. Något läser länge; starta om Närvaro.")
            % {"size": log.stat().st_size / 1e9},
        )


# --- The database ---------------------------------------------------------------------------------------------------


def _database(thorough: bool) -> Iterator[Finding]:
    if connection.vendor == "postgresql":
        version = int(str(_one("SHOW server_version_num")))
        encoding = str(_one("SHOW server_encoding"))
        if version < 150_000:
            yield Finding("database", State.FAULT, _("PostgreSQL är för gammal. Närvaro behöver 15 eller senare."))
        if encoding != "UTF8":
            yield Finding(
                "database", State.FAULT, _("Databasen har kodningen %(what)s, inte UTF8.") % {"what": encoding}
            )
        yield Finding("database", State.FINE, _("PostgreSQL %(version)s svarar.") % {"version": version // 10_000})
        return
    said = _all("PRAGMA integrity_check(1)" if thorough else "PRAGMA quick_check(1)")
    if said != [("ok",)]:
        sentence = _("Databasen är skadad: %(what)s. Återställ den senaste säkerhetskopian.")
        yield Finding("database", State.FAULT, sentence % {"what": said[0][0]})
        return
    strays = _all("PRAGMA foreign_key_check") if thorough else []
    if strays:
        yield Finding(
            "database", State.FAULT, _("Tabellen %(table)s pekar på något som saknas.") % {"table": strays[0][0]}
        )
    yield Finding("database", State.FINE, _("Databasen är hel."))


def _durability() -> Iterator[Finding]:
    """A commit must be on the disk before anybody is told of it (ARK-3)."""
    if connection.vendor == "postgresql":
        wanted = {
            "fsync": ("on",),
            "full_page_writes": ("on",),
            "synchronous_commit": ("on", "remote_apply", "remote_write"),
        }
        wrong = [name for name, values in wanted.items() if str(_one(f"SHOW {name}")) not in values]
    else:
        held = {"journal_mode": str(_one("PRAGMA journal_mode")), "synchronous": str(_one("PRAGMA synchronous"))}
        wrong = [name for name, value in {"journal_mode": "wal", "synchronous": "2"}.items() if held[name] != value]
    if wrong:
        sentence = _("Databasen skriver inte säkert till disk: %(what)s. Handlingar kan gå förlorade vid strömavbrott.")
        yield Finding("durability", State.FAULT, sentence % {"what": ", ".join(wrong)})
    else:
        yield Finding("durability", State.FINE, _("Det som bekräftas står på disken."))


def _migrations() -> Iterator[Finding]:
    from narvaro.web import serving  # noqa: PLC0415

    waiting, unknown = serving.migrations()
    if unknown:
        sentence = _("Databasen är skriven av en nyare Närvaro (%(what)s).")
        yield Finding("migrations", State.FAULT, sentence % {"what": unknown[0]})
    if waiting:
        sentence = _("Databasen behöver uppdateras (%(count)s steg). Det sker vid start, eller med --repair.")
        yield Finding(
            "migrations", State.FAULT, sentence % {"count": len(waiting)}, partial(serving.prepare, with_files=False)
        )
    if not waiting and not unknown:
        yield Finding("migrations", State.FINE, _("Databasen är uppdaterad."))


def _guards() -> Iterator[Finding]:
    from narvaro.core import wall  # noqa: PLC0415
    from narvaro.records import guards  # noqa: PLC0415
    from narvaro.web import serving  # noqa: PLC0415

    def repair() -> None:
        with serving.alone():
            serving.stand_guard()

    missing, open_to_others = guards.missing(), wall.missing()
    if missing:
        sentence = _("Databasens spärr %(what)s saknas. Rätta med --repair, och kör sedan narvaro verify.")
        yield Finding("guards", State.FAULT, sentence % {"what": missing[0]}, repair)
    else:
        yield Finding("guards", State.FINE, _("Spärrarna mot ändring och radering finns."))
    if open_to_others:
        sentence = _("Muren mellan myndigheter saknas på tabellen %(what)s. Rätta med --repair.")
        yield Finding("wall", State.FAULT, sentence % {"what": open_to_others[0]}, repair)
    elif connection.vendor == "postgresql":
        if _one("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"):
            sentence = _(
                "Databasrollen går förbi muren mellan myndigheter. Anslut med en roll utan särskilda rättigheter."
            )
            yield Finding("wall", State.WARNING, sentence)
        else:
            yield Finding("wall", State.FINE, _("Muren mellan myndigheter står."))


def _keys() -> Iterator[Finding]:
    from narvaro.channels import queries as channels  # noqa: PLC0415
    from narvaro.connectors.port import ReconnectNeeded  # noqa: PLC0415
    from narvaro.core import keys, queries, rotation  # noqa: PLC0415
    from narvaro.core.types import Actor  # noqa: PLC0415

    try:
        keys.unseal(keys.seal(b"x", "doctor"), "doctor")
        keys.public_signing_key()
    except (keys.CannotOpen, ValueError, StopIteration):
        sentence = _("Nycklarna i mappen keys går inte att läsa. Återställ dem från säkerhetskopian.")
        yield Finding("keys", State.FAULT, sentence)
        return
    lost = rotation.unsealable()
    for authority in queries.all_authorities():
        for channel in channels.channels(Actor.system(authority, "doctor")):
            try:
                channels.account_of(channel).keeper.secrets()
            except ReconnectNeeded:
                continue  # never connected, or by hand
            except keys.CannotOpen as problem:
                yield Finding("keys", State.FAULT, f"{channel.name}: {problem}")
                lost += 1
    if lost:
        yield Finding("keys", State.FAULT, _("%(count)s hemligheter går inte att öppna.") % {"count": lost})
    else:
        yield Finding("keys", State.FINE, _("Nycklarna går att läsa, och hemligheterna att öppna."))


def _clock() -> Iterator[Finding]:
    moment = datetime.now(UTC)
    ahead = _one("SELECT MAX(at) FROM core_treehead")
    newest = _moment(ahead)
    if newest and newest > moment + timedelta(minutes=2):
        sentence = _("Klockan går fel: något bevarades %(at)s, som inte har inträffat ännu. Ställ klockan.")
        yield Finding("clock", State.FAULT, sentence % {"at": f"{newest:%Y-%m-%d %H:%M} UTC"})
        return
    if connection.vendor == "postgresql":
        theirs = _moment(_one("SELECT clock_timestamp()"))
        if theirs and abs((theirs - moment).total_seconds()) > 5:
            yield Finding("clock", State.FAULT, _("Databasserverns klocka och den här maskinens går olika."))
            return
    yield Finding("clock", State.FINE, _("Klockan är %(at)s.") % {"at": f"{moment:%Y-%m-%d %H:%M:%S} UTC"})


# --- The work -------------------------------------------------------------------------------------------------------


def _worker() -> Iterator[Finding]:
    from narvaro.core import jobs  # noqa: PLC0415

    heard = jobs.last_heartbeat()
    if heard is None:
        yield Finding("worker", State.WARNING, _("Ingen arbetare har startats ännu. Kör narvaro run."))
    elif datetime.now(UTC) - heard > SILENT:
        sentence = _("Arbetaren har inte hörts sedan %(at)s. Starta narvaro run eller narvaro worker.")
        yield Finding("worker", State.FAULT, sentence % {"at": f"{heard:%Y-%m-%d %H:%M} UTC"})
    else:
        yield Finding("worker", State.FINE, _("Arbetaren arbetar."))


def _due() -> Iterator[Finding]:
    """What should have been done more than five minutes ago (P5)."""
    late = connection.ops.adapt_datetimefield_value(datetime.now(UTC) - LATE)
    looks = (
        (_("jobb"), "SELECT COUNT(*) FROM core_job WHERE state = 'ready' AND run_after < %s"),
        (_("brev"), "SELECT COUNT(*) FROM core_letter WHERE sent_at IS NULL AND last_error = '' AND not_before < %s"),
        (
            _("svar att skicka"),
            "SELECT COUNT(*) FROM publishing_publication WHERE state = 'queued' AND not_before < %s",
        ),
        (
            _("svar som fastnat under sändning"),
            "SELECT COUNT(*) FROM publishing_publication WHERE state = 'attempting' AND lease_until < %s",
        ),
        (
            _("kanaler att läsa"),
            "SELECT COUNT(*) FROM channels_channelreading r JOIN channels_channel c ON c.id = r.channel_id "
            "WHERE r.connection IN ('connected', 'transient') AND c.state <> 'closed' AND r.next_at < %s",
        ),
    )
    found = [(name, int(_one(sql, late) or 0)) for name, sql in looks]
    waiting = _one(
        "SELECT COUNT(*) FROM core_leaf l WHERE l.position IS NULL AND l.kind = 'version' AND EXISTS "
        "(SELECT 1 FROM records_version v WHERE v.id = l.subject_id AND v.captured_at < %s)",
        late,
    )
    found.append((_("handlingar utan plats i loggen"), int(waiting or 0)))
    undone = [(name, count) for name, count in found if count]
    for name, count in undone:
        sentence = _("%(count)s %(what)s skulle ha gjorts för mer än fem minuter sedan.")
        yield Finding("due", State.FAULT, sentence % {"count": count, "what": name})
    if not undone:
        yield Finding("due", State.FINE, _("Inget väntar som skulle ha varit gjort."))


def _dead_jobs() -> Iterator[Finding]:
    from narvaro.core import jobs  # noqa: PLC0415

    dead = jobs.dead_jobs()
    if dead:
        last = dead[0].last_error.strip().splitlines()[-1:] or [""]
        sentence = _("%(count)s jobb gavs upp. Det senaste: %(name)s. %(error)s")
        facts = {"count": len(dead), "name": dead[0].name, "error": last[0][:200]}
        yield Finding("jobs", State.FAULT, sentence % facts, lambda: [jobs.retry_dead(str(job.uid)) for job in dead])
    else:
        yield Finding("jobs", State.FINE, _("Inga jobb har getts upp."))


def _letters() -> Iterator[Finding]:
    from narvaro.core import letters  # noqa: PLC0415

    stuck = letters.stuck()
    if stuck:
        sentence = _("%(count)s brev har inte kunnat sändas. Det senaste felet: %(error)s")
        yield Finding("letters", State.FAULT, sentence % {"count": len(stuck), "error": stuck[0].last_error})
    else:
        yield Finding("letters", State.FINE, _("Inga brev har fastnat."))


def _channels() -> Iterator[Finding]:
    from narvaro.channels import queries as channels  # noqa: PLC0415
    from narvaro.core import queries  # noqa: PLC0415
    from narvaro.core.types import Actor  # noqa: PLC0415

    count = 0
    for authority in queries.all_authorities():
        for reading in channels.unhealthy(Actor.system(authority, "doctor")):
            count += 1
            yield Finding(
                "channels",
                State.FAULT,
                f"{reading.channel.name}: {reading.get_connection_display()}. {reading.last_error}",
            )
    if not count:
        yield Finding("channels", State.FINE, _("Ingen kanal behöver anslutas på nytt."))


def _files() -> Iterator[Finding]:
    from narvaro.core import queries  # noqa: PLC0415
    from narvaro.media import store  # noqa: PLC0415
    from narvaro.records.queries import is_wanted  # noqa: PLC0415

    old = time.time() - store.ORPHAN_AGE_SECONDS
    data = Path(settings.OPTIONS.data)
    orphans = missing = 0
    for authority in queries.all_authorities():
        wanted = set(_pointed_at(authority.pk))
        missing += sum(1 for digest in wanted if not _blob(data, authority.pk, digest).exists())
        for digest in store.digests(authority.pk):
            if digest not in wanted and _blob(data, authority.pk, digest).stat().st_mtime < old:
                orphans += 1
    if missing:
        sentence = _("%(count)s filer saknas i lagret. Återställ dem från säkerhetskopian.")
        yield Finding("files", State.FAULT, sentence % {"count": missing})
    if orphans:

        def sweep() -> None:
            for authority in queries.all_authorities():
                store.sweep_orphans(authority.pk, partial(is_wanted, authority.pk))

        sentence = _("%(count)s filer som inget pekar på. De tas bort varje dygn, eller med --repair.")
        yield Finding("files", State.WARNING, sentence % {"count": orphans}, sweep)
    if not missing and not orphans:
        yield Finding("files", State.FINE, _("Alla filer finns i lagret."))


def _pointed_at(authority_id: int) -> Iterator[str]:
    from narvaro.web.backup import POINTED_AT  # noqa: PLC0415

    for owner, digest in _all(POINTED_AT):
        if owner == authority_id:
            yield digest


def _blob(data: Path, authority_id: int, digest: str) -> Path:
    return data / "blobs" / str(authority_id) / digest[:2] / digest


def _mail() -> Iterator[Finding]:
    options = settings.OPTIONS
    if not options.smtp_host:
        state = State.FINE if options.is_local else State.WARNING
        yield Finding("mail", state, _("Ingen e-postserver är vald: brev läggs i datamappens utkorg."))
        return
    place = {"host": options.smtp_host, "port": options.smtp_port}
    connect = smtplib.SMTP_SSL if options.smtp_tls == "tls" else smtplib.SMTP
    try:
        with closing(connect(options.smtp_host, options.smtp_port, timeout=SMTP_SECONDS)) as server:
            server.ehlo()
            if options.smtp_tls == "starttls":
                server.starttls()
                server.ehlo()
            if options.smtp_user:
                server.login(options.smtp_user, options.smtp_password)
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        sentence = _("E-postservern %(host)s:%(port)s går inte att använda: %(what)s.")
        yield Finding("mail", State.FAULT, sentence % {**place, "what": error})
        return
    yield Finding("mail", State.FINE, _("E-postservern %(host)s:%(port)s svarar.") % place)


def _learner() -> Iterator[Finding]:
    from narvaro.inbox import queries  # noqa: PLC0415
    from narvaro.screening import learner  # noqa: PLC0415

    if queries.is_any_learner_on() and not learner.is_installed():
        sentence = _(
            "Förslagen i inkorgen är på, men scikit-learn är inte installerat: de lär inte om. "
            "Kör make install-learner, eller pip install 'narvaro[ml]'."
        )
        yield Finding("learner", State.WARNING, sentence)


def _all(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values) or None)
        return list(cursor.fetchall())


def _one(sql: str, *values: Any) -> Any:
    rows = _all(sql, *values)
    return rows[0][0] if rows else None


def _moment(value: Any) -> datetime | None:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)
