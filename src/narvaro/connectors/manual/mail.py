"""A forwarded notification e-mail (.eml), split into drafts of items."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.utils import parseaddr, parsedate_to_datetime

from narvaro.base.text import plain_text
from narvaro.connectors.client import storable
from narvaro.connectors.manual.pasted import Draft, split_pasted

MAX_MAIL_BYTES = 25_000_000
MOST_PARTS = 200

_NO_TEXT = "E-postmeddelandet innehåller ingen text. Klistra in texten i stället."
# What the standard library raises when headers or parts within parts are not what it thinks of.
_TRIPPED = (RecursionError, AttributeError, LookupError, ValueError, TypeError, AssertionError, MessageError)
_FORWARDED = re.compile(
    r"^\W*(?:-{2,}.*|Från|From|Skickat|Sent|Datum|Date|Till|To|Kopia|Cc|Ämne|Subject)(?::.*|-+\s*)?$", re.IGNORECASE
)


class MailError(Exception):
    """The file is no e-mail that can be read. `str()` is a Swedish sentence to the person who chose it."""


def split_email(content: bytes) -> list[Draft]:
    """
    Return the drafts in an e-mail: what it notifies about, its forwarded copy or its attached e-mail.

    The text is never shortened: what is not understood stays in a draft for a person to edit, an e-mail that cannot be
    taken apart at all in a single one.

    Raises:
        MailError: It is empty, larger than `MAX_MAIL_BYTES`, or holds no text.

    Law: none.
    """
    if len(content) > MAX_MAIL_BYTES:
        raise MailError("E-postmeddelandet är för stort.")
    try:
        return _drafts(content)
    except _TRIPPED:
        return _as_it_stands(content)


def _drafts(content: bytes) -> list[Draft]:
    message = message_from_bytes(content, policy=policy.default)
    inner = _attached(message) or message
    body = _body(inner)
    if not body.strip():
        raise MailError(_NO_TEXT)
    sent_at, sender = _date(inner), _sender(inner)
    drafts = split_pasted(_unheaded(body), now=sent_at)
    if not drafts:
        drafts = [Draft("", body.strip(), source=body)]
    first = drafts[0]
    drafts[0] = replace(first, author=first.author or sender, published_at=first.published_at or sent_at)
    return drafts


def _as_it_stands(content: bytes) -> list[Draft]:
    """Return all that stands below the headers as one draft: odd signs and all, but nothing is lost."""
    body = re.split(rb"\r?\n\r?\n", content, maxsplit=1)[-1]
    try:
        text = storable(body.decode("utf-8"))
    except UnicodeDecodeError:
        text = storable(body.decode("cp1252", "replace"))
    if not text.strip():
        raise MailError(_NO_TEXT)
    return [Draft("", text.strip(), source=text)]


def _attached(message: Message) -> Message | None:
    for count, each in enumerate(message.walk()):
        if count > MOST_PARTS:
            break
        if each.get_content_type() == "message/rfc822" and each.is_multipart():
            inner = each.get_payload(0)
            if isinstance(inner, Message):
                return inner
    return None


def _body(message: Message) -> str:
    plain, html = [], []
    for count, each in enumerate(message.walk()):
        if count > MOST_PARTS:
            break
        if each.is_multipart() or each.get_content_disposition() == "attachment":
            continue
        kind = each.get_content_type()
        if kind == "text/plain":
            plain.append(_text(each))
        elif kind == "text/html":
            html.append(plain_text(_text(each)))
    said = "\n".join(plain)
    return said if said.strip() else "\n".join(html)


def _text(part: Message) -> str:
    try:
        if isinstance(part, EmailMessage):
            found = part.get_content()
            if isinstance(found, str):
                return storable(found)
    except (LookupError, ValueError, KeyError, AttributeError):
        pass  # an unknown or wrong character set: as well as can be
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else str(part.get_payload()).encode("utf-8", "replace")
    try:
        return storable(content.decode("utf-8"))
    except UnicodeDecodeError:
        return storable(content.decode("cp1252", "replace"))


def _unheaded(body: str) -> str:
    """Leave out the copied headers of a forwarded message at the top; text further down is never touched."""
    lines = body.splitlines(keepends=True)
    at = 0
    while at < len(lines) and (not lines[at].strip() or _FORWARDED.match(lines[at].strip())):
        at += 1
    return "".join(lines[at:]) or body


def _date(message: Message) -> datetime | None:
    try:
        at = parsedate_to_datetime(str(message.get("date", "")))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at if at.tzinfo else None


def _sender(message: Message) -> str:
    try:
        name, address = parseaddr(str(message.get("from", "")))
    except (ValueError, TypeError, IndexError):
        return ""
    return storable(name or address)
