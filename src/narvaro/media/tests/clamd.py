"""A scanner on loopback that speaks clamd's INSTREAM strictly: a wrong length or a missing end is no answer."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

EVIL = b"X5O!P%@AP"  # how the test file of scanners begins
MOST = 1 << 20


@contextmanager
def a_clamd(answer: bytes | None = None) -> Iterator[str]:
    """Yield the address of a scanner that finds something in files that hold `EVIL`; or always says `answer`."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(10)
    thread = threading.Thread(target=_serve, args=(listening, answer), daemon=True)
    thread.start()
    try:
        yield f"tcp://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)  # lets go whoever waits for the next
        listening.close()
        thread.join(5)


def _serve(listening: socket.socket, answer: bytes | None) -> None:
    while True:
        try:
            line, _peer = listening.accept()
        except OSError:
            return
        with line:
            line.settimeout(5)
            try:
                said = answer if answer is not None else _scanned(line)
                line.sendall(said + b"\0" if said else b"")
            except OSError:
                continue


def _scanned(line: socket.socket) -> bytes:
    if _exactly(line, 10) != b"zINSTREAM\0":
        return b"UNKNOWN COMMAND"
    content = b""
    while length := struct.unpack("!L", _exactly(line, 4))[0]:
        content += _exactly(line, length)
        if len(content) > MOST:
            return b"INSTREAM size limit exceeded. ERROR"
    return b"stream: Eicar-Signature FOUND" if EVIL in content else b"stream: OK"


def _exactly(line: socket.socket, count: int) -> bytes:
    got = b""
    while len(got) < count:
        more = line.recv(count - len(got))
        if not more:
            raise ConnectionError
        got += more
    return got
