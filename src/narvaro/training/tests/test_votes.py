"""Votes on a screen: counted once a browser, and tied to nobody."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils.crypto import get_random_string

from narvaro.channels.tests.pages import signed_in
from narvaro.core.models import AuditEntry, Intent
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Role
from narvaro.training import actions, queries
from narvaro.training.models import Ballot, Poll, Tally
from narvaro.training.testing import a_day, a_poll
from narvaro.training.types import PollClosed, VotedAlready
from narvaro.training.views.votes import COOKIE

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(authority) -> Actor:
    return an_actor(authority, role=Role.COMMUNICATIONS_LEAD)


def path_of(poll: Poll) -> str:
    return f"/utbildning/rosta/{poll.code}/"


def votes(client: Client, poll: Poll, answer: int = 0):
    page = client.get(path_of(poll))
    found = re.search(r'name="secret" value="([^"]+)"', page.content.decode())
    return client.post(path_of(poll), {"answer": str(answer), "secret": found[1] if found else ""})


def counted(lead: Actor, poll: Poll) -> list[int]:
    return list(Tally.objects.of(lead).filter(poll=poll).order_by("answer").values_list("votes", flat=True))


def test_a_room_votes_from_its_phones_without_signing_in(lead):
    poll = a_poll(lead)

    answers = [votes(Client(), poll, answer) for answer in (1, 1, 3)]

    assert [answer.status_code for answer in answers] == [302, 302, 302]
    assert counted(lead, poll) == [0, 2, 0, 1]


def test_two_votes_from_one_browser_count_once(lead):
    poll, phone = a_poll(lead), Client()

    first = votes(phone, poll, 0)
    again = phone.post(path_of(poll), {"answer": "1", "secret": phone.cookies[COOKIE].value})

    assert (first.status_code, again.status_code) == (302, 409)
    assert "Din röst är räknad" in again.content.decode()
    assert counted(lead, poll) == [1, 0, 0, 0]


def test_rf_4_no_vote_can_be_tied_to_anybody(lead):
    poll = a_poll(lead)
    phone = signed_in(lead)  # even somebody who is signed in votes as nobody
    before = AuditEntry.objects.of(lead).count()

    votes(phone, poll, 2)

    # One number for each answer, and that some browser has voted: no row leads from one to the other, or to a person.
    assert {field.name for field in Tally._meta.concrete_fields} == {"id", "authority", "poll", "answer", "votes"}
    assert {field.name for field in Ballot._meta.concrete_fields} == {"id", "authority", "poll", "digest"}
    assert AuditEntry.objects.of(lead).count() == before
    assert not Intent.objects.of(lead).exists()
    (ballot,) = Ballot.objects.of(lead)
    secret = phone.cookies[COOKIE].value
    assert secret not in ballot.digest
    everything = []
    with connection.cursor() as cursor:
        for table in ("training_ballot", "training_tally", "training_poll"):
            cursor.execute(f"SELECT * FROM {table}")
            everything += [str(value) for row in cursor.fetchall() for value in row]
    assert "127.0.0.1" not in everything
    assert secret not in everything
    assert str(lead.person_id) not in (ballot.digest, str(ballot.poll_id) if ballot.poll_id != lead.person_id else "")


def test_the_only_cookie_is_one_that_stops_double_votes_on_that_page(lead):
    poll, phone = a_poll(lead), Client()

    phone.get("/utbildning/rosta/")
    assert phone.cookies == {}
    votes(phone, poll)

    assert set(phone.cookies) == {COOKIE}
    cookie = phone.cookies[COOKIE]
    assert (cookie["path"], cookie["samesite"], cookie["httponly"]) == (path_of(poll), "Strict", True)
    assert int(cookie["max-age"]) <= 12 * 3600
    assert settings.SESSION_COOKIE_NAME not in phone.cookies


def test_a_vote_that_another_page_sends_is_not_counted(lead):
    poll, phone = a_poll(lead), Client()
    phone.get(path_of(poll))

    without = Client().post(path_of(poll), {"answer": "0", "secret": get_random_string(32)})
    guessed = phone.post(path_of(poll), {"answer": "0", "secret": get_random_string(32)})

    assert (without.status_code, guessed.status_code) == (403, 403)
    assert "Tillåt kakan" in guessed.content.decode()
    assert counted(lead, poll) == [0, 0, 0, 0]


def test_rf_4_what_was_voted_shows_from_the_third_vote_on(lead):
    poll = a_poll(lead)
    screen = signed_in(lead)
    place = f"/utbildning/moten/{poll.meeting.uid}/fall/1/"

    for expected in ((), (), ("x",)):
        votes(Client(), poll, 1)
        assert bool(queries.votes_in(lead, poll).rows) is bool(expected)

    page = screen.get(place).content.decode()
    assert "3 röster" in page
    assert re.search(r'<progress class="votes__bar" max="3" value="3"', page)
    token = re.search(r'id="votes"[^>]*data-poll-token="([^"]+)"', page)
    assert screen.get(f"{place}lage/?token={token[1]}").status_code == 204
    votes(Client(), poll, 0)
    assert 'id="votes"' in screen.get(f"{place}lage/?token={token[1]}").content.decode()


def test_a_closed_poll_takes_no_vote_and_forgets_who_has_voted(lead):
    poll = a_poll(lead)
    votes(Client(), poll)

    actions.close_poll(actor=lead, poll=poll)
    late = votes(Client(), poll)

    assert "stängd" in late.content.decode()
    assert counted(lead, poll)[0] == 1
    assert not Ballot.objects.of(lead).exists()
    with pytest.raises(PollClosed):
        actions.vote(actor=Actor.visitor(poll.authority), poll=poll, answer=0, secret="a")


def test_an_answer_that_is_none_and_a_code_that_is_none_are_refused(lead):
    poll = a_poll(lead)
    visitor = Actor.visitor(poll.authority)

    with pytest.raises(Invalid):
        actions.vote(actor=visitor, poll=poll, answer=9, secret="a")
    actions.vote(actor=visitor, poll=poll, answer=0, secret="a")
    with pytest.raises(VotedAlready):
        actions.vote(actor=visitor, poll=poll, answer=1, secret="a")
    for code in ("XXXXXX", "x", "' OR 1"):
        with pytest.raises(NotFound):
            queries.open_poll_by_code(code)
    assert Client().get("/utbildning/rosta/XXXXXX/").status_code == 404


def test_the_code_may_be_typed_in_small_letters_with_a_blank(lead):
    poll = a_poll(lead)
    typed = f" {poll.code[:3].lower()} {poll.code[3:].lower()}"

    assert Client().post("/utbildning/rosta/", {"code": typed}).url == path_of(poll)
    assert Client().post("/utbildning/rosta/", {"code": "hej"}).status_code == 422


def test_only_who_leads_opens_and_closes_a_poll_and_another_authoritys_is_missing(lead):
    day = a_day(lead)
    employee = an_actor(day.authority, role=Role.EMPLOYEE)
    stranger = an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD)
    poll = actions.open_poll(actor=lead, meeting=day, case="eldsjalen")

    with pytest.raises(NotPermitted):
        actions.open_poll(actor=employee, meeting=day, case="eldsjalen")
    with pytest.raises(NotPermitted):
        actions.close_poll(actor=employee, poll=poll)
    with pytest.raises(NotFound):
        queries.poll_for(stranger, poll.uid)
    assert actions.open_poll(actor=lead, meeting=day, case="eldsjalen").pk == poll.pk
