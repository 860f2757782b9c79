"""
A server on loopback that answers exactly what a test says, however rude.

    def answers(call: Call) -> Said:
        return Said(429, headers={"retry-after": "7"})

    with Scripted(answers) as server:
        ...  # server.base_url, server.calls
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Call:
    """One request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    asked: str = ""  # the query as it came, where a name may stand more than once

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Said:
    """
    One answer.

    `drip` sends the body in these pieces with `pause_seconds` between; `hang_up` closes the connection
    without a word; `length` lies about the length.
    """

    status: int = 200
    body: Any = b""  # bytes as they are; anything else as JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    drip: Iterator[bytes] | None = None
    pause_seconds: float = 0.05
    hang_up: bool = False
    length: int | None = None


class Scripted:
    """The running server; a context manager. `calls` is what it was asked."""

    def __init__(self, answers: Callable[[Call], Said]) -> None:
        self.calls: list[Call] = []
        self._stopped = threading.Event()
        outer = self

        class Speaker(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 20

            def _speak(self) -> None:
                place = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                call = Call(self.command, place.path, dict(parse_qsl(place.query)), headers, body, place.query)
                outer.calls.append(call)
                outer._say(self, answers(call))

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _speak

            def log_message(self, *_said: Any) -> None:
                """Stay quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Speaker)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self.base_url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def _say(self, speaker: BaseHTTPRequestHandler, said: Said) -> None:
        if said.hang_up:
            speaker.close_connection = True
            speaker.connection.shutdown(socket.SHUT_RDWR)
            return
        body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
        kind = "application/json" if body[:1] != b"<" else "text/html; charset=utf-8"
        headers = {"content-type": kind, **{name.lower(): value for name, value in said.headers.items()}}
        try:
            speaker.send_response_only(said.status)  # no Date of our own: a test may lie about it
            for name, value in headers.items():
                speaker.send_header(name, value)
            if said.drip is not None:
                speaker.send_header("connection", "close")
                speaker.end_headers()
                for piece in said.drip:
                    speaker.wfile.write(piece)
                    speaker.wfile.flush()
                    if self._stopped.wait(said.pause_seconds):
                        break
                speaker.close_connection = True
                return
            speaker.send_header("content-length", str(len(body) if said.length is None else said.length))
            if said.length is not None:
                speaker.send_header("connection", "close")
                speaker.close_connection = True
            speaker.end_headers()
            speaker.wfile.write(body)
        except OSError:
            speaker.close_connection = True
