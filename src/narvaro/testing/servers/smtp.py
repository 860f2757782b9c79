"""
A mail server on loopback that delivers to nobody and keeps every letter for the test to read.

    with MailServer() as mail:
        ...                       # NARVARO_SMTP_HOST=mail.host, NARVARO_SMTP_PORT=mail.port
        (letter,) = mail.wait_for(1)
        assert letter.to == ("chef@storkoping.example",)
"""

from __future__ import annotations

import email
import email.policy
import threading
from dataclasses import dataclass
from email.message import EmailMessage
from types import TracebackType
from typing import Literal, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from narvaro.testing.servers.processes import ServerFailed, free_port

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter as the server took it: who it was handed in for, and what stands in it."""

    sender: str
    to: tuple[str, ...]  # as in the envelope, blind copies included
    message: EmailMessage
    raw: bytes

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """The plain text part, or "" where there is none."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The HTML part, or "" where there is none."""
        return self._part("html")

    def _part(self, kind: Literal["plain", "html"]) -> str:
        body = self.message.get_body(preferencelist=(kind,))
        return str(body.get_content()).replace("\r\n", "\n") if body else ""


class MailServer:
    """
    A mail server in a thread of its own, on a free port of 127.0.0.1; a context manager.

    Set `refusal` to a reply such as "451 4.3.0 Try later" to have letters refused from then on, and to
    "" to take them again.
    """

    def __init__(self) -> None:
        self.host = HOST
        self.port = free_port()
        self.refusal = ""
        self._letters: list[Letter] = []
        self._news = threading.Condition()
        self._controller = Controller(self, hostname=HOST, port=self.port, ready_timeout=10)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._controller.stop()

    @property
    def letters(self) -> tuple[Letter, ...]:
        """What has come so far, in order."""
        with self._news:
            return tuple(self._letters)

    def wait_for(self, count: int, *, seconds: float = 10) -> tuple[Letter, ...]:
        """
        Return the letters as soon as there are `count` of them.

        Raises:
            ServerFailed: They did not come in time; the message names those that did.
        """
        with self._news:
            if not self._news.wait_for(lambda: len(self._letters) >= count, timeout=seconds):
                came = [letter.subject for letter in self._letters]
                raise ServerFailed(f"{count} letters were awaited for {seconds:g} s, and these came: {came}")
            return tuple(self._letters)

    def forget(self) -> None:
        """Empty the box."""
        with self._news:
            self._letters.clear()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take one letter. Called by the server for each."""
        if self.refusal:
            return self.refusal
        raw = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        message = email.message_from_bytes(raw, policy=email.policy.default)
        letter = Letter(str(envelope.mail_from), tuple(envelope.rcpt_tos), message, raw)
        with self._news:
            self._letters.append(letter)
            self._news.notify_all()
        return "250 2.0.0 Kept"
