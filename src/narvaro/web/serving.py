"""Starting the product: database brought up to date, guards in place, files collected, web and worker running."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import copy
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.db import connection, connections
from django.utils.module_loading import import_string

import narvaro
from narvaro.web.commands.console import Code, Stop
from narvaro.web.commands.language import _
from narvaro.web.options import Options

DRAIN_SECONDS = 10.0
# A thread that wants to go on asks the one that runs to step aside after so long. With Python's own 5 ms four visitors
# at once were answered a third as often: whoever reads the sockets waited for whoever wrote an answer.
STEP_ASIDE_SECONDS = 0.0005
USUAL_BODY_BYTES = 64 * 1024 * 1024
FORM_BYTES = 1024 * 1024  # what goes with a film in its form
FILM_PATH = "/bilder/film/lagg-till/"
_MIGRATION_LOCK = 0x4E41525641524F  # "NARVARO", for PostgreSQL's advisory lock
FOLLOWERS = ("narvaro.inbox.tasks.follow_feed", "narvaro.records.tasks.index_for_search")
log = logging.getLogger("narvaro.serving")


# --- Before the first request ---------------------------------------------------------------------------------------


def prepare(*, with_files: bool) -> None:
    """
    Bring the database up to date, see that the guards stand, and collect the files that the pages need.

    Safe when several processes start at once: the others wait, and find it done.

    Raises:
        Stop: The database was written by a newer Närvaro.
    """
    with alone():
        _make_keys()
        migrate()
        stand_guard()
        if owner() != "default":
            connections[owner()].close()  # from here on nobody in this process may change the tables' shape
        if with_files:
            collect_files()


def _make_keys() -> None:
    """Let the first use make the first keys: two processes that did it at once would each make their own."""
    from narvaro.core import keys  # noqa: PLC0415

    keys.is_sealed_with_newest(b"")
    keys.public_signing_key()


def migrate() -> list[str]:
    """
    Apply the migrations that are missing; returns their names, [] when there was nothing to do.

    Raises:
        Stop: The database was written by a newer Närvaro.
    """
    from django.core.management import call_command  # noqa: PLC0415 - slow to load

    waiting, unknown = migrations()
    if unknown:
        raise Stop(
            _("Databasen är skriven av en nyare Närvaro (%(what)s). Starta den versionen eller en senare.")
            % {"what": unknown[0]},
            Code.WRONG_USE,
        )
    if waiting:
        log.info("Uppdaterar databasen: %s steg", len(waiting))
        call_command("migrate", database=owner(), interactive=False, verbosity=0)
    return waiting


def owner() -> str:
    """Return the alias of the database as the role that owns the tables; the product's own when no other is named."""
    return "owner" if "owner" in settings.DATABASES else "default"


def migrations() -> tuple[list[str], list[str]]:
    """Return the migrations that wait to be applied, and those applied that this version does not know."""
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    executor = MigrationExecutor(connections[owner()])  # a new database lets only its owner make tables
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    ours = executor.loader.migrated_apps
    known = set(executor.loader.graph.nodes) | set(executor.loader.replacements)
    unknown = [key for key in executor.loader.applied_migrations if key[0] in ours and key not in known]
    return [f"{m.app_label}.{m.name}" for m, _backwards in plan], [".".join(key) for key in sorted(unknown)]


def stand_guard() -> list[str]:
    """
    Put back the guards and the wall between authorities when any part is missing; returns the guards that were.

    Raises:
        Stop: What was missing could not be put back.

    Law: ARK-1, TF-7
    """
    from narvaro.core import wall  # noqa: PLC0415 - models are ready only now
    from narvaro.records import guards  # noqa: PLC0415

    open_to_others = wall.missing()
    if open_to_others:
        log.warning("Muren mellan myndigheter saknades och byggs: %s", ", ".join(open_to_others))
        wall.build(owner())
    missing = guards.missing()
    if missing:
        log.warning("Databasens spärrar saknades och sätts upp igen: %s", ", ".join(missing))
        guards.install(owner())
    if guards.missing() or wall.missing():
        raise Stop(_("Databasens spärrar gick inte att sätta upp. Kör narvaro doctor."), Code.FAULT)
    return missing


def collect_files() -> bool:
    """Collect and compress the pages' files when any of them has changed; returns whether there was anything to do."""
    from django.core.management import call_command  # noqa: PLC0415

    mark = Path(settings.STATIC_ROOT) / ".collected"
    wanted = _files_digest()
    if mark.exists() and mark.read_text(encoding="ascii") == wanted:
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(wanted, encoding="ascii")
    return True


def _files_digest() -> str:
    """Return a digest over name, size and time of every file that would be collected."""
    from django.contrib.staticfiles.finders import get_finders  # noqa: PLC0415

    found = blake2b(f"{narvaro.__version__} {settings.STATIC_ROOT}".encode(), digest_size=16)
    for finder in get_finders():
        for name, storage in finder.list([]):
            about = Path(storage.path(name)).stat()
            found.update(f"{name}\0{about.st_size}\0{about.st_mtime_ns}\n".encode())
    return found.hexdigest()


@contextmanager
def alone() -> Iterator[None]:
    """Hold the lock under which an installation is prepared and its keys are changed: here, and in the database."""
    folder = Path(settings.OPTIONS.data)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ExitStack() as stack:
        file = stack.enter_context((folder / "prepare.lock").open("w"))
        fcntl.flock(file, fcntl.LOCK_EX)
        if connection.vendor == "postgresql":
            _sql("SELECT pg_advisory_lock(%s)", _MIGRATION_LOCK)
            stack.callback(_sql, "SELECT pg_advisory_unlock(%s)", _MIGRATION_LOCK)
        yield


def _sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


# --- While it runs --------------------------------------------------------------------------------------------------


def bound_socket(options: Options) -> socket.socket:
    """
    Return a socket bound to the address that was chosen.

    Raises:
        Stop: Something else listens there, or the address is not this machine's; says what to do.
    """
    family = socket.AF_INET6 if ":" in options.listen else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((options.listen, options.port))
        bound.listen(1024)  # who comes while we get ready waits; and a second start is refused at once
    except OSError as error:
        bound.close()
        raise _cannot_listen(options, error) from None
    return bound


def _cannot_listen(options: Options, error: OSError) -> Stop:
    port = options.port
    if error.errno == errno.EADDRINUSE:
        sentence = _(
            "Port %(port)s är upptagen av ett annat program. Välj en annan, till exempel PORT=%(other)s, "
            "eller stäng det andra programmet."
        )
        return Stop(sentence % {"port": port, "other": port + 1 if port < 65535 else port - 1}, Code.TEMPORARY)
    if error.errno in (errno.EACCES, errno.EPERM):
        sentence = _("Port %(port)s kräver särskilda rättigheter. Välj en port över 1023.")
        return Stop(sentence % {"port": port}, Code.WRONG_USE)
    sentence = _("Det går inte att lyssna på %(address)s (%(why)s). Rätta NARVARO_LISTEN.")
    return Stop(sentence % {"address": options.listen, "why": error.strerror or error}, Code.WRONG_USE)


def _channel_class(usual: Any, film_bytes: int) -> Any:
    """Return how requests are read: one to the page that takes films may be as large as a film, no other."""
    from waitress.channel import HTTPChannel  # type: ignore[import-untyped]  # noqa: PLC0415
    from waitress.parser import HTTPRequestParser  # type: ignore[import-untyped]  # noqa: PLC0415

    roomy = copy(usual)
    roomy.max_request_body_size = max(USUAL_BODY_BYTES, film_bytes + FORM_BYTES)

    class Parser(HTTPRequestParser):  # type: ignore[misc]
        def parse_header(self, header_plus: bytes) -> None:
            super().parse_header(header_plus)
            if self.path == FILM_PATH and settings.SESSION_COOKIE_NAME in self.headers.get("COOKIE", ""):
                self.adj = roomy

    class Channel(HTTPChannel):  # type: ignore[misc]
        parser_class = Parser

    return Channel


class WebServer:
    """The pages, on a few threads, until told to stop; requests that have begun are finished."""

    def __init__(self, bound: socket.socket, options: Options) -> None:
        from waitress.server import create_server  # type: ignore[import-untyped]  # noqa: PLC0415

        from narvaro.web.wsgi import application  # noqa: PLC0415

        sys.setswitchinterval(STEP_ASIDE_SECONDS)
        import_module(settings.ROOT_URLCONF)  # what is wrong with the pages shows now, not to the first visitor
        self._server: Any = create_server(
            application,
            sockets=[bound],
            threads=options.web_threads,
            ident=None,
            max_request_body_size=USUAL_BODY_BYTES,
            channel_timeout=60,
            # Our own middleware believes the stated number of proxies, and nothing else.
            clear_untrusted_proxy_headers=options.trusted_proxies == 0,
        )
        self._server.channel_class = _channel_class(self._server.adj, options.film_megabytes * 1_000_000)
        self._stopping = threading.Event()

    def run(self) -> None:
        """Answer until `stop` is called; then finish what has begun, at most 10 s."""
        while not self._stopping.is_set():
            self._turn(1.0)
        self._server.accepting = False
        self._server.del_channel()
        self._server.socket.close()
        last = time.monotonic() + DRAIN_SECONDS
        while self._is_busy() and time.monotonic() < last:
            self._turn(0.1)
        self._server.task_dispatcher.shutdown(timeout=1)

    def stop(self) -> None:
        """Ask the server to stop; may be called from a signal handler or another thread."""
        self._stopping.set()
        self._server.pull_trigger()

    def _turn(self, seconds: float) -> None:
        self._server.asyncore.loop(timeout=seconds, map=self._server._map, use_poll=True, count=1)

    def _is_busy(self) -> bool:
        return any(c.requests or c.total_outbufs_len for c in list(self._server.active_channels.values()))


def run_web(options: Options, said: Callable[[], None], *, with_worker: bool) -> None:
    """Serve the pages, and do the work in the background when `with_worker`, until SIGTERM or Ctrl+C."""
    bound = bound_socket(options)
    try:
        prepare(with_files=True)
        server = WebServer(bound, options)
        worker = _worker(options) if with_worker else None
        with _told_to_stop(server.stop):
            if worker:
                worker.start()
            said()
            server.run()
            if worker:
                worker.stop()
    finally:
        bound.close()


def run_worker(options: Options, said: Callable[[], None]) -> None:
    """Do the work in the background until SIGTERM or Ctrl+C."""
    prepare(with_files=False)
    stopping = threading.Event()
    worker = _worker(options)
    with _told_to_stop(stopping.set):
        worker.start()
        said()
        stopping.wait()
        worker.stop()


def _worker(options: Options) -> Any:
    from narvaro.core.jobs import Worker  # noqa: PLC0415

    return Worker(threads=options.worker_threads)


@contextmanager
def _told_to_stop(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` at SIGTERM and SIGINT; a second one ends the process at once, which loses nothing either."""

    def told(number: int, frame: FrameType | None) -> None:
        for each in before:
            signal.signal(each, signal.SIG_DFL)
        log.info("Närvaro avslutas")
        stop()

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        signal.signal(number, told)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def memory_mb() -> float:
    """Return this process's resident memory in MB (Linux); 0 where it cannot be told."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


# --- What a person may ask for at once, that the worker does in its own time ------------------------------------------


def read_channel(reading: Any) -> Any:
    """Read one channel that was claimed, as the worker would; returns what was kept (`records.types.Captured`)."""
    return import_string("narvaro.records.tasks.read_channel")(reading)


def follow_feeds() -> None:
    """Let those who follow the records' feed catch up now: triage and the search index."""
    for name in FOLLOWERS:
        try:
            job = import_string(name)
        except ImportError:  # a capability that is not part of this house
            continue
        job.call()
