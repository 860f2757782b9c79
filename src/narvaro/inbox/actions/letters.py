"""The letters of the inbox: plain sentences with a link, in the reader's language, never a resident's words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation

from narvaro.core import letters
from narvaro.core.types import Actor
from narvaro.inbox.models import Incoming

if TYPE_CHECKING:
    from narvaro.core.models import Person

Words = Callable[[], tuple[str, str]]


def write_to(
    actor: Actor,
    person: Person,
    words: Words,
    *,
    kind: str,
    once_key: str,
    about: Incoming | None = None,
    not_before: datetime | None = None,
) -> None:
    """Write one letter to a person, in their language; `words` gives subject and body. The same notice once."""
    with translation.override(person.language):
        subject, body = words()
    letters.write(actor, [
        letters.Note(
            kind=kind, once_key=once_key, subject=subject, body=body, to_person_id=person.pk, not_before=not_before,
            subject_kind="inbox.incoming" if about else "", subject_id=about.pk if about else None,
        )
    ])  # fmt: skip


def write_to_address(actor: Actor, address: str, words: Words, *, kind: str, once_key: str, about: Incoming) -> None:
    """Write one letter to an address without an account, in the installation's language."""
    with translation.override(settings.OPTIONS.language):
        subject, body = words()
    letters.write(actor, [
        letters.Note(
            kind=kind, once_key=once_key, subject=subject, body=body, to_address=address,
            subject_kind="inbox.incoming", subject_id=about.pk,
        )
    ])  # fmt: skip


def address_of(path: str) -> str:
    """Return the full address of a page."""
    return f"{settings.OPTIONS.base_url.rstrip('/')}{path}"


def once(kind: str, person: Person, rows: Sequence[Incoming]) -> str:
    """Return the key of a letter about several items; told again only about other ones."""
    return f"{kind}:{person.pk}:{rows[0].pk}-{rows[-1].pk}:{len(rows)}:{rows[0].version}"
