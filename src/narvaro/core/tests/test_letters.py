"""Letters: written once in the transaction that causes them, sent once, never lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction

from narvaro.base import clock
from narvaro.core import letters
from narvaro.core.jobs import real_now
from narvaro.core.letters import Note
from narvaro.core.models import Letter, Person
from narvaro.core.testing import a_person, an_actor, an_authority
from narvaro.core.types import Actor
from narvaro.testing.servers.smtp import MailServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail(settings) -> Iterator[MailServer]:
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.host, server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        yield server


def a_note(key: str = "1", **values: object) -> Note:
    given = {"to_address": "chef@storkoping.example", **values}
    return Note("reminder", key, "Svara före 15.30", "En kommentar väntar på svar. Å, ä och ö.", **given)


def only(actor: Actor) -> Letter:
    return Letter.objects.of(actor).get()


def test_a_letter_comes_once_with_its_words(mail):
    actor = an_actor(an_authority())
    letters.write(actor, [a_note()])

    assert (letters.send_due(), letters.send_due()) == (1, 0)

    (letter,) = mail.letters
    assert (letter.subject, letter.to) == ("Svara före 15.30", ("chef@storkoping.example",))
    assert "Å, ä och ö." in letter.text
    assert letter.message["Auto-Submitted"] == "auto-generated"


def test_the_same_notice_is_written_once_in_each_authority(mail):
    one, other = an_actor(an_authority()), an_actor(an_authority())

    for actor in (one, one, other):
        letters.write(actor, [a_note()])
    letters.send_due()

    assert len(mail.letters) == 2


def test_a_letter_belongs_to_the_transaction_that_causes_it(mail):
    actor = an_actor(an_authority())

    with transaction.atomic():
        letters.write(actor, [a_note()])
        transaction.set_rollback(True)

    assert letters.send_due() == 0


def test_a_refused_letter_is_kept_shown_and_tried_again(mail):
    actor = an_actor(an_authority())
    letters.write(actor, [a_note()])
    mail.refusal = "451 4.3.0 Try later"

    letters.send_due()
    refused = only(actor)
    mail.refusal = ""
    letters.retry(actor, refused.uid)
    letters.send_due()

    assert (refused.sent_at, refused.attempts) == (None, 1)
    assert "Try later" in refused.last_error
    assert len(mail.letters) == 1
    assert letters.stuck_for(actor) == []


def test_a_refused_letter_waits_before_the_next_try(mail):
    actor = an_actor(an_authority())
    letters.write(actor, [a_note()])
    mail.refusal = "451 4.3.0 Try later"
    letters.send_due()
    mail.refusal = ""

    assert letters.send_due() == 0
    assert only(actor).lease_until > real_now()


def test_a_letter_is_given_up_at_last_and_still_shown(mail):
    actor = an_actor(an_authority())
    letters.write(actor, [a_note()])
    mail.refusal = "550 5.1.1 No such user"
    for _attempt in range(letters.MAX_ATTEMPTS + 3):
        Letter.objects.of(actor).update(lease_until=None)
        letters.send_due()

    assert only(actor).attempts == letters.MAX_ATTEMPTS
    assert [letter.pk for letter in letters.stuck_for(actor)] == [only(actor).pk]


def test_a_letter_whose_sending_was_cut_off_goes_after_its_lease(mail):
    actor = an_actor(an_authority())
    letters.write(actor, [a_note()])
    Letter.objects.of(actor).update(lease_until=real_now() + timedelta(minutes=5), attempts=1)

    during = letters.send_due()
    Letter.objects.of(actor).update(lease_until=real_now() - timedelta(seconds=1))

    assert (during, letters.send_due()) == (0, 1)


def test_a_letter_for_later_waits_until_then(mail):
    actor = an_actor(an_authority())
    moment = clock.now()
    letters.write(actor, [a_note(not_before=moment + timedelta(hours=10))])

    before = letters.send_due()
    with clock.frozen(moment + timedelta(hours=11)):
        after = letters.send_due()

    assert (before, after) == (0, 1)


def test_the_address_is_the_one_the_person_has_when_it_is_sent(mail):
    authority = an_authority()
    actor, person = an_actor(authority), a_person(authority)
    letters.write(actor, [a_note(to_address="", to_person_id=person.pk)])
    Person.objects.filter(pk=person.pk).update(email="ny@storkoping.example")

    letters.send_due()

    assert mail.letters[0].to == ("ny@storkoping.example",)


def test_who_has_left_gets_nothing(mail):
    authority = an_authority()
    actor, person = an_actor(authority), a_person(authority)
    letters.write(actor, [a_note(to_address="", to_person_id=person.pk)])
    Person.objects.filter(pk=person.pk).update(is_active=False)

    assert letters.send_due() == 0
    assert "finns inte längre" in only(actor).last_error


def test_one_bad_letter_holds_up_no_other(mail):
    authority = an_authority()
    actor, gone = an_actor(authority), a_person(authority)
    Person.objects.filter(pk=gone.pk).update(is_active=False)
    letters.write(actor, [a_note("1", to_address="", to_person_id=gone.pk), a_note("2"), a_note("3")])

    letters.send_due()

    assert len(mail.letters) == 2


def test_a_heading_with_a_line_break_never_becomes_a_header_of_its_own(mail):
    actor = an_actor(an_authority())
    letters.write(actor, [Note("x", "1", "Hej\nBcc: ond@example.org", "Text", to_address="a@storkoping.example")])

    letters.send_due()

    assert all(letter.to == ("a@storkoping.example",) for letter in mail.letters)
    assert not any(letter.message["Bcc"] for letter in mail.letters)
