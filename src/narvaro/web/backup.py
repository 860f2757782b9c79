"""
Backup of a running installation into one tar file, and its restoration into an empty folder.

The database is copied first, as it stands at one moment; files come after, since files are only added: every
one that the copy points at is then there. Keys are read before and after the copy, so that a change of keys
in between leaves none behind. The last parts are a list of SHA-256 sums that `sha256sum -c` understands, and
a manifest: an archive without them was cut off.

Law: ARK-1, ARK-15, SEC-1
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from narvaro.web.commands.language import _
from narvaro.web.commands.reasons import reason

FORMAT = "narvaro-backup-1"
DATABASE = "narvaro.sqlite3"
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
MAX_MANIFEST_BYTES = 64 * 1024 * 1024
PIECE_BYTES = 1 << 20

# What an archive may hold, and nothing else: no links, no devices, no way out of the folder.
_MEMBERS = re.compile(
    r"database/(?:narvaro\.sqlite3|[a-z0-9_]{1,63}\.copy)"
    r"|keys/(?:sealing\.keys|secret_key|tree/[0-9a-f-]{1,40}\.pem)"
    r"|blobs/[0-9]{1,18}/[0-9a-f]{2}/[0-9a-f]{64}"
    r"|manifest\.json|SHA256SUMS"
)
POINTED_AT = (
    "SELECT authority_id, payload_digest FROM records_version WHERE payload_in_store AND payload_digest <> '' "
    "UNION SELECT authority_id, digest FROM records_file WHERE digest <> '' "
    "UNION SELECT authority_id, digest FROM media_picture WHERE digest <> '' ORDER BY 1, 2"
)
_LEDGERS = (
    "SELECT a.slug, COALESCE(t.size, 0), (SELECT h.root FROM core_treehead h WHERE h.authority_id = a.id "
    "AND h.size = t.size ORDER BY h.id DESC LIMIT 1), "
    "(SELECT COUNT(*) FROM core_leaf l WHERE l.authority_id = a.id), "
    "(SELECT COUNT(*) FROM records_version v WHERE v.authority_id = a.id) "
    "FROM core_authority a LEFT JOIN core_tree t ON t.authority_id = a.id ORDER BY a.id"
)

Query = Callable[[str], Iterator[tuple[Any, ...]]]
Progress = Callable[[int], None]


class BackupError(Exception):
    """A backup cannot be made or restored. `str()` is a sentence to the person at the command line."""


@dataclass(frozen=True, slots=True)
class LedgerState:
    """How much an authority's ledger held: what a restored one must hold too."""

    authority: str
    size: int
    root: str  # hex; "" for an empty log
    leaves: int  # with those that still wait for a place
    versions: int


@dataclass(slots=True)
class Manifest:
    """What an archive is, written last."""

    format: str = FORMAT
    narvaro: str = ""
    begun_at: str = ""
    engine: str = ""  # sqlite, postgresql
    migrations: list[list[str]] = field(default_factory=list)
    tables: dict[str, list[str]] = field(default_factory=dict)  # PostgreSQL: the columns of each, in order
    ledgers: list[LedgerState] = field(default_factory=list)
    members: int = 0
    blobs: int = 0
    missing: list[str] = field(default_factory=list)  # pointed at, but not in the store
    damaged: list[str] = field(default_factory=list)  # in the store, but with other bytes than their name says
    sums: str = ""  # SHA-256 of the list of sums

    @classmethod
    def parsed(cls, content: bytes) -> Manifest:
        """Raises BackupError when it is no manifest of a version we know."""
        try:
            told = json.loads(content)
            ledgers = [LedgerState(**each) for each in told.pop("ledgers")]
            manifest = cls(**told, ledgers=ledgers)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise BackupError(_("Arkivets innehållsförteckning går inte att läsa.")) from None
        if manifest.format != FORMAT:
            raise BackupError(
                _("Arkivet har formatet %(format)s, som den här versionen inte känner.") % {"format": manifest.format}
            )
        return manifest


# --- Making ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """A running installation: its folder, and the database that it uses."""

    data: Path
    version: str
    url: str = ""  # postgresql://...; "" for SQLite in the folder


def make(source: Source, target: Path, *, progress: Progress | None = None) -> Manifest:
    """
    Write a backup of everything that was committed before now.

    Args:
        target: A file that does not exist; readable by its owner only, since it holds the keys.
        progress: Told the number of files done.

    Raises:
        BackupError: The target exists, the disk is full, or the database cannot be read.
    """
    if target.exists():
        raise BackupError(
            _("%(file)s finns redan. Välj ett annat namn, så att ingen säkerhetskopia skrivs över.") % {"file": target}
        )
    if not target.parent.is_dir():
        raise BackupError(_("Mappen %(folder)s finns inte.") % {"folder": target.parent})
    manifest = Manifest(narvaro=source.version, begun_at=datetime.now(UTC).isoformat(timespec="seconds"))
    part = target.with_name(target.name + ".part")
    try:
        with tempfile.TemporaryDirectory(prefix=".narvaro-backup-", dir=target.parent) as room:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                _write(source, file, Path(room), manifest, progress or (lambda _done: None))
                file.flush()
                os.fsync(file.fileno())
        part.rename(target)
        _sync(target.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise BackupError(_("Säkerhetskopian kunde inte skrivas: %(why)s.") % {"why": reason(error)}) from None
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return manifest


def _write(source: Source, file: IO[bytes], room: Path, manifest: Manifest, progress: Progress) -> None:
    keys = _keys(source.data)
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
        archive = _Archive(tar, progress)
        with _snapshot(source, room) as (tables, query, copies):
            manifest.engine, manifest.tables = "postgresql" if source.url else "sqlite", tables
            manifest.migrations = [[str(a), str(n)] for a, n in query("SELECT app, name FROM django_migrations")]
            manifest.ledgers = ledgers(query)
            wanted = [(int(authority_id), str(digest)) for authority_id, digest in query(POINTED_AT)]
            for name, copy in copies():
                archive.add_file(f"database/{name}", copy)
                copy.unlink()
        for name, content in _with(keys, _keys(source.data)).items():
            archive.add_bytes(f"keys/{name}", content)
        for authority_id, digest in wanted:
            _add_blob(archive, source.data, authority_id, digest, manifest)
        sums = archive.sums()
        manifest.members, manifest.sums = archive.count, sha256(sums).hexdigest()
        archive.add_bytes(SUMS, sums)
        archive.add_bytes(MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode())


class _Archive:
    """A tar file being written, with the sum of every member."""

    def __init__(self, tar: tarfile.TarFile, progress: Progress) -> None:
        self._tar, self._progress = tar, progress
        self._sums: list[str] = []

    @property
    def count(self) -> int:
        return len(self._sums)

    def add_bytes(self, name: str, content: bytes) -> str:
        return self._add(name, len(content), io.BytesIO(content))

    def add_file(self, name: str, path: Path) -> str:
        with path.open("rb") as file:
            return self._add(name, os.fstat(file.fileno()).st_size, file)

    def sums(self) -> bytes:
        return "".join(self._sums).encode()

    def _add(self, name: str, size: int, file: IO[bytes]) -> str:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, 0o600, int(datetime.now(UTC).timestamp())
        summed = _Summed(file)
        self._tar.addfile(member, summed)
        digest = summed.sum.hexdigest()
        self._sums.append(f"{digest}  {name}\n")
        self._progress(len(self._sums))
        return digest


class _Summed:
    """Sums what is read through it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.sum = file, sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self.sum.update(piece)
        return piece


def _add_blob(archive: _Archive, data: Path, authority_id: int, digest: str, manifest: Manifest) -> None:
    name = f"blobs/{authority_id}/{digest[:2]}/{digest}"
    try:
        found = archive.add_file(name, data / name)
    except FileNotFoundError:
        manifest.missing.append(name)
        return
    manifest.blobs += 1
    if found != digest:
        manifest.damaged.append(name)


def _keys(data: Path) -> dict[str, bytes]:
    """Return the key files as they are now, by name."""
    folder = data / "keys"
    names = ["sealing.keys", "secret_key", *(f"tree/{path.name}" for path in sorted((folder / "tree").glob("*.pem")))]
    return {name: (folder / name).read_bytes() for name in names if (folder / name).exists()}


def _with(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the newer keys, and behind them every older one that was dropped while the database was copied."""
    both = {**before, **after}
    if "sealing.keys" in before and "sealing.keys" in after:
        lines = after["sealing.keys"].splitlines()
        lines += [line for line in before["sealing.keys"].splitlines() if line not in lines]
        both["sealing.keys"] = b"\n".join(lines) + b"\n"
    return both


Copies = Callable[[], Iterator[tuple[str, Path]]]
Snapshot = tuple[dict[str, list[str]], Query, Copies]  # columns of each table, questions, the files it consists of


@contextmanager
def _snapshot(source: Source, room: Path) -> Iterator[Snapshot]:
    """Yield the database as it stands at one moment."""
    with _postgresql(source.url, room) if source.url else _sqlite(source.data / DATABASE, room) as made:
        yield made


@contextmanager
def _sqlite(path: Path, room: Path) -> Iterator[Snapshot]:
    if not path.exists():
        raise BackupError(_("Det finns ingen databas i %(folder)s.") % {"folder": path.parent})
    copy = room / DATABASE
    try:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as live:
            # One read of one moment, whoever writes meanwhile; and pages that once held disposed text stay behind.
            live.execute("VACUUM INTO ?", [str(copy)])
        with closing(sqlite3.connect(copy)) as still:
            yield {}, lambda sql: iter(still.execute(sql)), lambda: iter([(DATABASE, copy)])
    except sqlite3.Error as error:
        raise BackupError(_("Databasen kunde inte kopieras: %(why)s.") % {"why": error}) from None


@contextmanager
def _postgresql(url: str, room: Path) -> Iterator[Snapshot]:
    import psycopg  # noqa: PLC0415 - only where it is installed
    from psycopg import sql  # noqa: PLC0415

    try:
        with psycopg.connect(url) as live:
            live.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            tables = _columns(live)
            names = sql.SQL(", ").join(map(sql.Identifier, tables))
            live.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(names))

            def copies() -> Iterator[tuple[str, Path]]:
                for table, columns in tables.items():
                    path = room / f"{table}.copy"
                    with (
                        path.open("wb") as file,
                        live.cursor().copy(
                            sql.SQL("COPY {} ({}) TO STDOUT").format(
                                sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
                            )
                        ) as out,
                    ):
                        for piece in out:
                            file.write(piece)
                    yield path.name, path

            yield tables, lambda query: iter(live.execute(query)), copies
    except psycopg.Error as error:
        raise BackupError(_("Databasen kunde inte kopieras: %(why)s") % {"why": str(error).splitlines()[0]}) from None


def _columns(connection: Any) -> dict[str, list[str]]:
    """Return the tables of the schema in use with the columns that are stored, in order."""
    rows = connection.execute(
        "SELECT c.table_name, c.column_name FROM information_schema.columns c "
        "JOIN information_schema.tables t USING (table_schema, table_name) "
        "WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER' "
        "ORDER BY c.table_name, c.ordinal_position"
    )
    tables: dict[str, list[str]] = {}
    for table, column in rows:
        tables.setdefault(table, []).append(column)
    return tables


# --- Restoring ------------------------------------------------------------------------------------------------------


def unpack(archive: Path, target: Path, *, progress: Progress | None = None) -> Manifest:
    """
    Take an archive out into an empty folder, every byte checked against its sums, whole or not at all.

    Raises:
        BackupError: The folder is not empty, or the archive is cut off, changed, or no backup of ours.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BackupError(
            _("%(file)s är inte tom. Återställ till en ny mapp, så att inget skrivs över.") % {"file": target}
        )
    was_there = target.exists()
    room = target / ".restoring"
    try:
        room.mkdir(parents=True, mode=0o700)
        target.chmod(0o700)
        manifest = _taken_out(archive, room, progress or (lambda _done: None))
        database = room / "database" / DATABASE
        if database.exists():
            database.rename(room / DATABASE)
            database.parent.rmdir()
        os.sync()
        for path in room.iterdir():
            path.rename(target / path.name)
        room.rmdir()
        _sync(target)
    except OSError as error:
        _clear(target, keep_folder=was_there)
        raise BackupError(_("Säkerhetskopian kunde inte återställas: %(why)s.") % {"why": reason(error)}) from None
    except BaseException:
        _clear(target, keep_folder=was_there)
        raise
    return manifest


def _taken_out(archive: Path, room: Path, progress: Progress) -> Manifest:
    found: dict[str, str] = {}
    try:
        with tarfile.open(archive, "r:") as tar:  # plain tar only: nothing in it can swell
            for member in tar:
                if member.name in found:
                    raise BackupError(
                        _("Arkivet har %(name)s två gånger. Det är ingen säkerhetskopia.") % {"name": member.name[:80]}
                    )
                found[member.name] = _take(tar, member, room)
                progress(len(found))
    except (tarfile.TarError, EOFError):
        raise BackupError(_("Arkivet är avkortat eller skadat, och inget har återställts.")) from None
    manifest = _checked(found, room)
    for name in (MANIFEST, SUMS):
        (room / name).unlink()
    return manifest


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, room: Path) -> str:
    """Write one member; returns its SHA-256 in hex."""
    is_plain = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not getattr(member, "sparse", None)
    if not is_plain or not _MEMBERS.fullmatch(member.name):
        raise BackupError(
            _("Arkivet innehåller %(name)s, som inte hör hemma i en säkerhetskopia.") % {"name": repr(member.name[:80])}
        )
    if member.name in (MANIFEST, SUMS) and member.size > MAX_MANIFEST_BYTES * (16 if member.name == SUMS else 1):
        raise BackupError(_("Arkivets innehållsförteckning är orimligt stor."))
    path = room / member.name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    summed, left = sha256(), member.size
    source = tar.extractfile(member)
    with path.open("xb") as file:
        path.chmod(0o600)
        while source is not None and left:
            piece = source.read(min(PIECE_BYTES, left))
            if not piece:
                raise BackupError(_("Arkivet är avkortat, och inget har återställts."))
            summed.update(piece)
            file.write(piece)
            left -= len(piece)
    return summed.hexdigest()


def _checked(found: dict[str, str], room: Path) -> Manifest:
    """Return the manifest when everything in the archive is what it says, and all of it is there."""
    if MANIFEST not in found or SUMS not in found:
        raise BackupError(_("Arkivet är avkortat eller ingen säkerhetskopia från Närvaro. Inget har återställts."))
    manifest = Manifest.parsed((room / MANIFEST).read_bytes())
    if found[SUMS] != manifest.sums:
        raise BackupError(_("Arkivets kontrollsummor har ändrats. Inget har återställts."))
    promised = {}
    for line in (room / SUMS).read_text(encoding="ascii").splitlines():
        digest, _blanks, name = line.partition("  ")
        promised[name] = digest
    taken = {name: digest for name, digest in found.items() if name not in (MANIFEST, SUMS)}
    for name, digest in promised.items():
        if name not in taken:
            raise BackupError(_("Arkivet är avkortat: %(name)s saknas. Inget har återställts.") % {"name": name})
        if taken[name] != digest:
            raise BackupError(_("%(name)s i arkivet har ändrats. Inget har återställts.") % {"name": name})
    if len(taken) != len(promised) or len(promised) != manifest.members:
        raise BackupError(_("Arkivet innehåller annat än det säger. Inget har återställts."))
    if manifest.engine == "sqlite" and f"database/{DATABASE}" not in taken:
        raise BackupError(_("Arkivet saknar databas. Inget har återställts."))
    return manifest


def engine_of(archive: Path) -> str:
    """Return "sqlite" or "postgresql" from how an archive begins. Raises BackupError when it is no backup."""
    try:
        with tarfile.open(archive, "r:") as tar:
            first = tar.next()
    except (tarfile.TarError, EOFError):
        raise BackupError(_("Filen är ingen säkerhetskopia från Närvaro.")) from None
    except OSError as error:
        raise BackupError(_("%(file)s kan inte läsas: %(why)s.") % {"file": archive, "why": reason(error)}) from None
    name = first.name if first else ""
    if not name.startswith("database/"):
        raise BackupError(_("Filen är ingen säkerhetskopia från Närvaro."))
    return "sqlite" if name == f"database/{DATABASE}" else "postgresql"


def is_empty_postgresql(url: str) -> bool:
    """Whether nothing stands in the database. Raises BackupError when it cannot be reached."""
    import psycopg  # noqa: PLC0415

    try:
        with psycopg.connect(url) as live:
            return not _columns(live)
    except psycopg.Error as error:
        raise BackupError(_("Databasen kan inte nås: %(why)s") % {"why": str(error).splitlines()[0]}) from None


def load_postgresql(folder: Path, tables: Mapping[str, list[str]], connection: Any) -> None:
    """
    Read the tables of an unpacked archive into a database that has their structure, in one transaction.

    Args:
        tables: The columns of each, as the manifest names them.
        connection: A psycopg connection to a database at the archive's own migrations, with nothing kept in it.

    Raises:
        BackupError: A table or column of the archive is not in the database.
    """
    from psycopg import sql  # noqa: PLC0415

    here = _columns(connection)
    strange = [table for table, columns in tables.items() if not set(columns) <= set(here.get(table, ()))]
    if strange:
        raise BackupError(
            _("Databasen saknar %(table)s. Återställ med samma version som gjorde säkerhetskopian.")
            % {"table": strange[0]}
        )
    with connection.transaction():
        connection.execute("SET CONSTRAINTS ALL DEFERRED")
        guarded = [row[0] for row in connection.execute("SELECT relname FROM pg_class WHERE relrowsecurity")]
        for table in guarded:  # PostgreSQL copies into no table behind row-level security; it stands again below
            connection.execute(sql.SQL("ALTER TABLE {} DISABLE ROW LEVEL SECURITY").format(sql.Identifier(table)))
        for table in here:
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        for table, columns in tables.items():
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
            with (folder / f"{table}.copy").open("rb") as file, connection.cursor().copy(into) as copy:
                while piece := file.read(PIECE_BYTES):
                    copy.write(piece)
            if "id" in columns:
                _advance_sequence(connection, table)
        for table in guarded:
            connection.execute(sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(sql.Identifier(table)))


def _advance_sequence(connection: Any, table: str) -> None:
    """Let the next row get a number after the last; numbers that were given and lost are not given again."""
    from psycopg import sql  # noqa: PLC0415

    (sequence,) = connection.execute("SELECT pg_get_serial_sequence(%s, 'id')", [f'"{table}"']).fetchone()
    if sequence:
        name = sql.Identifier(table)
        connection.execute(
            sql.SQL("SELECT setval({}, m.last) FROM (SELECT MAX(id) AS last FROM {}) m WHERE m.last > 0").format(
                sql.Literal(sequence), name
            )
        )


def ledgers(query: Query) -> list[LedgerState]:
    """Return how much each ledger holds now."""
    return [
        LedgerState(slug, size, bytes(root).hex() if root else "", leaves, versions)
        for slug, size, root, leaves, versions in query(_LEDGERS)
    ]


def free_bytes(folder: Path) -> int:
    """Return how much room is left on the disk that holds the folder."""
    return shutil.disk_usage(folder).free


def _clear(target: Path, *, keep_folder: bool) -> None:
    for path in target.iterdir() if target.exists() else ():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    if not keep_folder and target.exists():
        target.rmdir()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
