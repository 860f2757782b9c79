"""Advice from the communications department about a comment or a draft: asked in one form, answered beside it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from narvaro.base.clock import frozen, now
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.core import waiting
from narvaro.core.models import Letter
from narvaro.core.testing import an_actor, person_of
from narvaro.core.types import Invalid, NotFound, NotPermitted, Role
from narvaro.inbox import actions, queries, tasks
from narvaro.inbox.models import Advice
from narvaro.inbox.testing import a_comment
from narvaro.inbox.types import NotNow
from narvaro.records.models import Version

pytestmark = pytest.mark.django_db
QUESTION = "Kan vi lova något om öppettiderna?"


@pytest.fixture
def incoming(authority):
    return a_comment(authority, "När öppnar ni?")


@pytest.fixture
def asking(authority, incoming):
    return an_actor(authority, person=incoming.channel.responsible)


def letters_to(actor, kind):
    return list(Letter.objects.everywhere("test").filter(to_person_id=actor.person_id, kind=kind))


def test_advice_is_asked_from_a_draft_waits_for_communications_and_is_answered_beside_the_comment(
    lead, incoming, asking
):
    page = f"/inkorg/{incoming.uid}/"
    client, answering = signed_in(asking), signed_in(lead)
    begun = client.post(f"{page}steg/rad/", {"text": "Vi öppnar kanske i mars."})
    client.post(f"{page}steg/rad/", filled(begun, question=QUESTION))

    assert begun.status_code == 200
    assert "Vi öppnar kanske i mars." in begun.content.decode()
    (wait,) = [each for each in waiting.today(lead) if each.place == "advice"]
    assert wait.link == f"{page}#rad"
    assert len(letters_to(lead, "inbox.advice_asked")) == 1
    assert QUESTION in client.get(page).content.decode()

    shown = answering.get(page)
    asked = shown.context["page"].advice[0]
    empty = answering.post(f"{page}rad/", filled(shown, "advise_form", advice=str(asked.uid)))
    answering.post(f"{page}rad/", filled(shown, "advise_form", advice=str(asked.uid), text="Lova inget."))

    body = client.get(page).content.decode()
    assert empty.status_code == 422
    assert "Lova inget." in body
    assert lead.name in body
    assert [each for each in waiting.today(lead) if each.place == "advice"] == []
    assert len(letters_to(asking, "inbox.advice_given")) == 1
    assert not Version.objects.everywhere("test").filter(text__contains="Lova inget").exists()


def test_advice_is_given_once_and_by_communications_only(authority, lead, incoming, asking):
    advice = actions.ask_advice(actor=asking, uid=incoming.uid, question=QUESTION)
    stranger = an_actor(authority, role=Role.REPRESENTATIVE)

    with pytest.raises(NotPermitted):
        actions.give_advice(actor=stranger, advice_uid=advice.uid, text="Lova allt.")
    with pytest.raises(Invalid):
        actions.give_advice(actor=lead, advice_uid=advice.uid, text=" ")
    actions.give_advice(actor=lead, advice_uid=advice.uid, text="Lova inget.")
    with pytest.raises(NotNow):
        actions.give_advice(actor=lead, advice_uid=advice.uid, text="Lova allt.")

    assert queries.advice_for(asking, advice.uid).answer == "Lova inget."


def test_somebody_else_must_lead_communications_and_a_reader_asks_nothing(authority, incoming, asking):
    with pytest.raises(Invalid, match="Ingen annan leder"):
        actions.ask_advice(actor=asking, uid=incoming.uid, question=QUESTION)
    alone = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    with pytest.raises(Invalid):
        actions.ask_advice(actor=alone, uid=incoming.uid, question=QUESTION)
    with pytest.raises(NotPermitted):
        actions.ask_advice(actor=an_actor(authority, role=Role.AUDITOR), uid=incoming.uid, question=QUESTION)


def test_what_was_answered_without_waiting_asks_for_no_advice_and_is_weeded_as_notes_are(
    authority, lead, incoming, asking
):
    advice = actions.ask_advice(actor=asking, uid=incoming.uid, question=QUESTION)
    actions.mark_no_answer_needed(actor=asking, uid=incoming.uid)

    tasks.remind.call()

    assert [each for each in waiting.today(lead) if each.place == "advice"] == []
    with frozen(now() + timedelta(days=31)):
        actions.weed_notes(authority=authority)
    assert not Advice.objects.of(lead).exists()
    with pytest.raises(NotFound):
        queries.advice_for(lead, advice.uid)
    assert person_of(asking).is_active
