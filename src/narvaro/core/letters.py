"""
E-mail as rows: a letter is written in the transaction that causes it and sent afterwards, once.

Recipients are resolved when the letter is sent: who has left or is away meanwhile does not get it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import links
from narvaro.core.jobs import real_now
from narvaro.core.models import Letter, Person
from narvaro.core.types import Actor

LINK = "[[länk]]"
INVITATION = "invitation"
NEW_PASSWORD = "new_password"  # noqa: S105 - a kind of letter
LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 12
SECRET = "link."  # noqa: S105 - a beginning of kinds of letters
"""Letters whose kind begins so carry a one-time link; what they said is forgotten once they are sent."""
log = logging.getLogger("narvaro.letters")


@dataclass(frozen=True, slots=True)
class Note:
    """A letter to write. `once_key` makes the same notice be written once however often it is asked for."""

    kind: str
    once_key: str
    subject: str
    body: str
    to_person_id: int | None = None
    to_address: str = ""
    not_before: datetime | None = None
    subject_kind: str = ""
    subject_id: int | None = None


def write(actor: Actor, notes: Sequence[Note]) -> None:
    """Write letters in the caller's transaction; those already written are left alone."""
    Letter.objects.bulk_create(
        [
            Letter(
                authority_id=actor.authority_id, kind=n.kind, once_key=n.once_key[:120], subject=n.subject[:200],
                body=n.body, to_person_id=n.to_person_id, to_address=n.to_address, subject_kind=n.subject_kind,
                subject_id=n.subject_id, not_before=n.not_before or now(),
            )
            for n in notes
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def send_due(*, limit: int = 50) -> int:
    """
    Send letters that are due, each under a lease. Returns how many went out.

    A letter whose sending was cut off is sent again after the lease: one notice too many is better than
    none, which is the opposite of what holds for posts.
    """
    sent = 0
    for letter in _claimed(limit):
        address = _address(letter)
        if not address:
            _mark(letter, error="Mottagaren finns inte längre.", give_up=True)
            continue
        body = f"{_with_link(letter)}\n\n{settings.OPTIONS.base_url}\n"
        message = EmailMessage(letter.subject, body, to=[address], headers={"Auto-Submitted": "auto-generated"})
        try:
            message.send()
        except Exception as error:  # any fault of the mail server: it is tried again
            log.warning("Brevet %s kunde inte sändas: %s", letter.uid, error)
            _mark(letter, error=str(error)[:300], give_up=letter.attempts >= MAX_ATTEMPTS)
            continue
        _mark(letter)
        sent += 1
    return sent


def stuck(*, limit: int = 50) -> list[Letter]:
    """Return letters that have failed at least once and are not sent, in all authorities, for `doctor`."""
    return list(_stuck(Letter.objects.everywhere("show stuck letters"))[:limit])


def stuck_for(actor: Actor, *, limit: int = 50) -> list[Letter]:
    """Return the authority's letters that have failed at least once and are not sent, newest first."""
    return list(_stuck(Letter.objects.of(actor)).select_related("to_person")[:limit])


def retry(actor: Actor, letter_uid: UUID) -> bool:
    """Let a stuck letter be tried again at once, from its first attempt; False when it is not among them."""
    rows = Letter.objects.of(actor).filter(uid=letter_uid, sent_at=None)
    return rows.update(attempts=0, lease_until=None) == 1


def invitation(actor: Actor, person: Person, *, key: str) -> Note:
    """Return the letter in which somebody new chooses a password. The link is made when it is sent."""
    body = _(
        "Hej %(name)s!\n\n"
        "%(inviter)s har lagt till dig i Närvaro, där er myndighet tar hand om sociala medier. "
        "Välj ditt lösenord här:\n\n%(link)s\n\n"
        "Länken gäller i tre dagar och kan användas en gång. Har den gått ut får du en ny på inloggningssidan "
        "under Har du glömt lösenordet?"
    ) % {"name": person.get_short_name(), "inviter": actor.name or _("Administratören"), "link": LINK}
    return Note(
        INVITATION, f"invitation:{key}", _("Välj ditt lösenord i Närvaro"), body, to_person_id=person.pk,
        subject_kind=person._meta.label_lower, subject_id=person.pk,
    )  # fmt: skip


def new_password(person: Person, *, key: str) -> Note:
    """Return the letter with which somebody chooses a new password. The link is made when it is sent."""
    body = _(
        "Hej %(name)s!\n\nNågon har bett om ett nytt lösenord till ditt konto i Närvaro. Välj det här:\n\n%(link)s\n\n"
        "Länken gäller i tre dagar och kan användas en gång. Var det inte du behöver du inte göra något: "
        "ditt nuvarande lösenord gäller."
    ) % {"name": person.get_short_name(), "link": LINK}
    return Note(
        NEW_PASSWORD, f"new-password:{key}", _("Välj ett nytt lösenord i Närvaro"), body, to_person_id=person.pk,
        subject_kind=person._meta.label_lower, subject_id=person.pk,
    )  # fmt: skip


def address_changed(old_address: str, *, key: str) -> Note:
    """Return the letter that tells the old address that the account has a new one."""
    body = _(
        "Administratören har bytt den e-postadress som du loggar in med i Närvaro. "
        "Den här adressen gäller inte längre. Kontakta administratören om du inte känner igen bytet."
    )
    return Note("address_changed", f"address:{key}", _("Din adress i Närvaro är bytt"), body, to_address=old_address)


def two_step_removed(person: Person, *, key: str) -> Note:
    """Return the letter that tells somebody that their second step is gone."""
    body = _(
        "Administratören har tagit bort din tvåstegsverifiering i Närvaro. Logga in med ditt lösenord och lägg in den "
        "på nytt under Mina inställningar. Kontakta administratören om du inte har bett om det."
    )
    title = _("Din tvåstegsverifiering i Närvaro är borttagen")
    return Note("two_step_removed", f"two-step:{key}", title, body, to_person_id=person.pk)


def _with_link(letter: Letter) -> str:
    """The secret of the link stands in the letter that goes out, never in the database."""
    if letter.kind in (INVITATION, NEW_PASSWORD) and letter.to_person is not None:
        return letter.body.replace(LINK, links.choose_password(letter.to_person))
    return letter.body


def _stuck(rows: QuerySet[Letter]) -> QuerySet[Letter]:
    return rows.filter(sent_at=None).exclude(last_error="").order_by("-id")


def _claimed(limit: int) -> list[Letter]:
    free = Q(lease_until=None) | Q(lease_until__lt=real_now())
    with transaction.atomic():
        rows = Letter.objects.everywhere("send letters").filter(
            free, sent_at=None, not_before__lte=now(), attempts__lt=MAX_ATTEMPTS
        )
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        letters = list(rows.select_related("to_person").order_by("not_before", "id")[:limit])
        Letter.objects.everywhere("send letters").filter(pk__in=[letter.pk for letter in letters]).update(
            lease_until=real_now() + LEASE, attempts=F("attempts") + 1
        )
    return letters


def _address(letter: Letter) -> str:
    if letter.to_person is not None:
        return letter.to_person.email if letter.to_person.is_active else ""
    return letter.to_address


def _mark(letter: Letter, *, error: str = "", give_up: bool = False) -> None:
    rows = Letter.objects.everywhere("send letters").filter(pk=letter.pk)
    if not error:
        rows.update(sent_at=now(), lease_until=None, last_error="")
        if letter.kind.startswith(SECRET):
            rows.update(body="")  # it held a one-time link, which nobody but the receiver needs
        return
    wait = timedelta(minutes=min(2**letter.attempts, 240))
    attempts = MAX_ATTEMPTS if give_up else F("attempts")
    rows.update(lease_until=real_now() + wait, last_error=error, attempts=attempts)
