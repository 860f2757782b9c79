"""The authority's own words in an answer: one quiet line or one question, and never a stop."""

from __future__ import annotations

import pytest
from django.urls import reverse

from narvaro.base.ids import uuid7
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import signed_in
from narvaro.core.testing import a_unit, an_actor, person_of
from narvaro.core.types import Role
from narvaro.inbox.testing import a_comment
from narvaro.policy import actions as policy
from narvaro.publishing.models import Publication

pytestmark = pytest.mark.django_db
ANSWER = "Älgparken öppnar på lördag."


@pytest.fixture
def worker(authority):
    return an_actor(authority, role=Role.REPRESENTATIVE, unit=a_unit(authority))


@pytest.fixture
def comment(authority, worker):
    channel = a_channel(authority, responsible=person_of(worker))
    return a_comment(authority, "När öppnar ni på lördag?", channel=channel)


def minding(authority, **how):
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    row = policy.add_words(actor=lead, name="Djuren", words="älgpark*", heard_in="outgoing", **how)
    policy.switch_words(actor=lead, uid=row.uid, on=True)


def answered(worker, comment, **how):
    sent = {"kind": "answer", "text": ANSWER, "intent": str(uuid7()), "seen_version": str(comment.version), **how}
    return signed_in(worker).post(reverse("inbox:thread", args=[comment.uid]), sent)


def test_own_words_are_one_quiet_line_that_asks_nothing(authority, worker, comment):
    minding(authority)

    checked = (
        signed_in(worker)
        .post(reverse("inbox:check", args=[comment.uid]), {"kind": "answer", "text": ANSWER})
        .content.decode()
    )
    done = answered(worker, comment)

    assert "Ert eget ord på listan Djuren." in checked
    assert "Älgparken</q>" in checked
    assert "check--fix" not in checked
    assert done.status_code == 302
    assert Publication.objects.of(worker).count() == 1


def test_own_words_ask_once_where_the_authority_chose_that(authority, worker, comment):
    minding(authority, asks=True)

    asked = answered(worker, comment)
    agreed = answered(worker, comment, agreed="on")

    assert asked.status_code == 422
    assert "Ert eget ord på listan Djuren." in asked.content.decode()
    assert agreed.status_code == 302
    assert Publication.objects.of(worker).count() == 1


def test_words_for_comments_say_nothing_of_answers(authority, worker, comment):
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    row = policy.add_words(actor=lead, name="Djuren", words="älgpark*")
    policy.switch_words(actor=lead, uid=row.uid, on=True)

    checked = signed_in(worker).post(reverse("inbox:check", args=[comment.uid]), {"kind": "answer", "text": ANSWER})

    assert "Djuren" not in checked.content.decode()
