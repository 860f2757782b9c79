"""What a channel still lacks to be looked after as the authority wants: reminders with a day, never a hindrance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, Protocol

from django.utils.translation import gettext as _

from narvaro.channels.types import Comments

_ACCESS_REVIEWED_EVERY = timedelta(days=92)
_TWO_STEP_CHECKED_EVERY = timedelta(days=365)
_FEWEST_ADMINISTRATORS = 2

Place = Literal["card", "custody", "people", "decision", "elsewhere"]


class Card(Protocol):
    """What is read of a channel's card."""

    staffed_hours: str
    elsewhere: str
    comments: str
    function_mailbox: str
    privacy_url: str
    legal_basis: str
    administrators: int | None
    administrators_reviewed_on: date | None
    two_step_verified_on: date | None
    archive_owner: str
    next_review_on: date | None


@dataclass(frozen=True, slots=True)
class Lack:
    """Something to mend: what, where, until when, and the provision it comes from ("" is good practice)."""

    key: str
    text: str
    place: Place
    due: date
    law: str = ""
    mender: str = ""  # a role; "" is who leads the unit
    link: str = ""  # where it is mended, when that is no page of the register
    stops: bool = False  # new posts of ours, now


def lacks_of(
    card: Card, *, purpose: str, has_deputy: bool, has_left: bool, first: date, on: date, has_assignments: bool = True
) -> list[Lack]:
    """
    Return what a channel in use lacks on a day, most urgent first.

    Args:
        has_left: The responsible or the deputy has left the authority.
        first: By when what was never there is wanted.
        has_assignments: Those who answer have been named by whoever leads them.

    Law: SEC-2, BBS-2, OSL-5
    """
    found = [
        *_of_people(first, on, has_deputy=has_deputy, has_left=has_left, has_assignments=has_assignments),
        *_never_told(card, purpose, first),
        *_grown_old(card, first, on),
    ]
    return sorted(found, key=lambda lack: lack.due)


def _of_people(first: date, on: date, *, has_deputy: bool, has_left: bool, has_assignments: bool) -> Iterator[Lack]:
    if has_left:
        yield Lack("left", _("Någon som svarar för kanalen har slutat. Utse en annan."), "people", on, "SEC-2")
    elif not has_deputy:
        yield Lack("deputy", _("Utse en ersättare, så att någon svarar när den ansvariga är borta."), "people", first,
                   "SEC-2")  # fmt: skip
    elif not has_assignments:
        yield Lack("unassigned", _("Chefen ger den som svarar för kanalen uppdraget."), "people", first, "SEC-2")


def _never_told(card: Card, purpose: str, first: date) -> Iterator[Lack]:
    wanted: tuple[tuple[str, Any, str, Place, str], ...] = (
        ("purpose", purpose, _("Skriv i en mening vad kanalen är till för."), "people", ""),
        ("hours", card.staffed_hours or card.comments == Comments.CLOSED, _("Skriv när någon är där."), "card", ""),
        ("elsewhere", card.elsewhere, _("Skriv vart man annars kan vända sig."), "card", ""),
        ("mailbox", card.function_mailbox, _("Skriv vilken funktionsbrevlåda kontot är registrerat på."), "card",
         "SEC-2"),
        ("privacy", card.privacy_url, _("Länka till sidan om hur personuppgifter behandlas."), "card", "GDPR-2"),
        ("basis", card.legal_basis, _("Skriv den rättsliga grunden för personuppgifterna."), "card", "GDPR-1"),
        ("archive", card.archive_owner, _("Skriv vem som svarar för arkivet."), "card", "ARK-1"),
    )  # fmt: skip
    for key, value, text, place, law in wanted:
        if not value:
            yield Lack(key, text, place, first, law)


def _grown_old(card: Card, first: date, on: date) -> Iterator[Lack]:
    if (card.administrators or 0) < _FEWEST_ADMINISTRATORS:
        yield Lack("administrators", _("Se till att minst två kan styra kontot."), "custody", first, "SEC-2")
    reviewed = card.administrators_reviewed_on
    if reviewed is None or reviewed + _ACCESS_REVIEWED_EVERY <= on:
        due = reviewed + _ACCESS_REVIEWED_EVERY if reviewed else first
        yield Lack("access", _("Se över vilka som kan styra kontot. Gör det varje kvartal."), "custody", due, "SEC-2")
    checked = card.two_step_verified_on
    if checked is None or checked + _TWO_STEP_CHECKED_EVERY <= on:
        due = checked + _TWO_STEP_CHECKED_EVERY if checked else first
        yield Lack("two_step", _("Kontrollera att kontot har tvåstegsinloggning. Gör det varje år."), "custody", due,
                   "SEC-2")  # fmt: skip
    if card.next_review_on is not None and card.next_review_on <= on:
        yield Lack("review", _("Dagen för översyn av kanalen är här."), "card", card.next_review_on)
