"""What the pages of publications promise."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from narvaro.base.ids import uuid7
from narvaro.channels.testing import a_channel
from narvaro.connectors.port import Visibility
from narvaro.core.testing import a_unit, an_actor, person_of
from narvaro.core.types import Actor, NotFound, Role
from narvaro.publishing import actions, queries
from narvaro.publishing.models import Publication
from narvaro.publishing.types import State
from narvaro.records.testing import a_kept

pytestmark = pytest.mark.django_db
STEPS = ("try_again", "let_be", "undo")


def signed_in(actor):
    client = Client()
    client.force_login(person_of(actor), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def an_answer(authority, actor, *, state=State.UNKNOWN, **kept):
    answer = actions.publish_answer(actor=actor, item=a_kept(authority, **kept), text="Klockan åtta.")
    Publication.objects.of(actor).filter(pk=answer.pk).update(state=state)
    return answer


def address(name, publication):
    return reverse(f"publishing:{name}", args=[publication.uid])


def test_every_refused_step_leads_back_to_its_publication(authority, lead):
    answer, client = an_answer(authority, lead), signed_in(lead)
    actions.let_be(actor=lead, publication=answer)

    for name in STEPS:
        refused = client.post(address(name, answer), {"intent": str(uuid7()), "has_looked": "on"})
        assert refused.status_code == 409, name
        assert f'href="{address("publication", answer)}"' in refused.content.decode()


@pytest.mark.parametrize("name", STEPS)
def test_a_steps_address_opened_after_a_sign_in_leads_to_its_publication(authority, lead, name):
    answer = an_answer(authority, lead)

    opened = signed_in(lead).get(address(name, answer))

    assert opened["Location"] == address("publication", answer)
    assert queries.publication_for(lead, answer.uid).settled_at is None


def test_who_only_reads_is_offered_nothing_to_decide(authority, lead):
    auditor = signed_in(an_actor(authority, role=Role.AUDITOR))
    unclear, queued = an_answer(authority, lead), an_answer(authority, lead, state=State.QUEUED)

    pages = [client.get(address("publication", unclear)).content.decode() for client in (auditor, signed_in(lead))]

    assert ["Skicka igen" in page for page in pages] == [False, True]
    assert "avgör om det ska skickas igen" in pages[0]
    assert address("undo", queued) not in auditor.get(address("publication", queued)).content.decode()


def test_a_publication_leads_back_to_its_thread_and_says_what_was_decided(authority, lead):
    answer, client = an_answer(authority, lead), signed_in(lead)
    actions.let_be(actor=lead, publication=answer)

    page = client.get(address("publication", answer)).content.decode()

    assert f'href="{reverse("inbox:of_record", args=[answer.answers.uid])}"' in page
    assert "det får vara som det är" in page
    assert "Vad hände?" not in page


def test_tf_4_an_answer_to_a_private_message_is_read_by_those_who_may_read_the_message(authority, lead):
    channel = a_channel(authority)
    own = an_actor(authority, person=channel.responsible)
    other = an_actor(authority, role=Role.REPRESENTATIVE, unit=a_unit(authority, "Simhallen"))
    answer = an_answer(authority, own, channel=channel, remote_id="dm", visibility=Visibility.PRIVATE)
    public = an_answer(authority, own, channel=channel, remote_id="open")

    seen = [{row.uid for row in queries.latest(actor)} for actor in (lead, own, other)]

    assert seen == [{answer.uid, public.uid}, {answer.uid, public.uid}, {public.uid}]
    assert [row.uid for row in queries.for_a_person(other)] == [public.uid]
    with pytest.raises(NotFound):
        queries.publication_for(other, answer.uid)
    assert signed_in(other).get(address("publication", answer)).status_code == 404


def test_what_went_out_by_itself_says_so(authority, lead):
    notice = an_answer(authority, Actor.system(authority, "notice"), state=State.QUEUED)
    client = signed_in(lead)

    for page in (reverse("publishing:unclear"), address("publication", notice)):
        assert "Automatiskt besked" in client.get(page).content.decode()


def test_older_answers_are_reached_and_lead_back_to_the_newest(authority, lead, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    answers = [an_answer(authority, lead, state=State.QUEUED) for _ in range(3)]
    client, newest = signed_in(lead), reverse("publishing:unclear")

    first = client.get(newest)
    second = client.get(newest + first.context["older_url"])

    assert [row.uid for row in second.context["latest"]] == [answers[0].uid]
    assert (first.context["newest_url"], second.context["newest_url"]) == ("", newest)
    assert second.context["older_url"] == ""
