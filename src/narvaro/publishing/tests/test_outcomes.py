"""Every publication ends delivered once, or before a person; nothing is sent twice by a machine."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from narvaro.base import clock
from narvaro.connectors.port import NotThere, Published, Refused, Transient, Unknown, Visibility
from narvaro.core import waiting
from narvaro.core.actions import end_person
from narvaro.core.models import Authority
from narvaro.core.testing import an_actor, an_authority, person_of
from narvaro.core.types import NotFound, NotPermitted, Role, Stale
from narvaro.publishing import actions, queries
from narvaro.publishing.models import Publication
from narvaro.publishing.types import State
from narvaro.records.testing import a_kept, an_item

pytestmark = pytest.mark.django_db
LATER = timedelta(seconds=actions.UNDO_SECONDS + 1)


def an_answer(text: str = "Klockan åtta."):
    authority = an_authority()
    actor = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    return actor, actions.publish_answer(actor=actor, item=a_kept(authority), text=text)


def attempted():
    with clock.frozen(clock.now() + LATER):
        return actions.claim_attempt()


def reread(actor, publication):
    return queries.publication_for(actor, publication.uid)


def test_an_answer_can_be_undone_until_it_begins_to_be_sent():
    actor, answer = an_answer()

    assert actions.claim_attempt() is None
    actions.undo(actor=actor, publication=answer)

    assert attempted() is None
    assert reread(actor, answer).state == State.CANCELLED


def test_undoing_what_is_being_sent_is_refused():
    actor, answer = an_answer()
    attempted()

    with pytest.raises(Stale):
        actions.undo(actor=actor, publication=answer)


def test_p01_a_publication_is_claimed_for_one_attempt_only():
    an_answer()

    first, second = attempted(), attempted()

    assert first is not None
    assert second is None


def test_a_delivered_answer_is_kept_with_its_remote_id_and_waits_for_nobody():
    actor, answer = an_answer()

    actions.store_outcome(attempted(), Published(item=an_item("Klockan åtta.", remote_id="ute-1", is_own=True)))

    found = reread(actor, answer)
    assert (found.state, found.remote_id) == (State.DELIVERED, "ute-1")
    assert found.kept_item.origin == "drawn_up"
    assert waiting.counts(actor) == {}


def test_p04_a_worker_that_vanished_leaves_an_unclear_outcome_and_not_a_second_try():
    actor, answer = an_answer()
    attempt = attempted()
    long_ago = clock.now() - timedelta(days=1)
    Publication.objects.everywhere("test").filter(pk=answer.pk).update(lease_until=long_ago)

    assert actions.sweep_expired() == 1

    assert reread(actor, answer).state == State.UNKNOWN
    assert attempted() is None
    assert waiting.counts(actor) == {"publications": 1}
    actions.store_outcome(attempt, Published(item=an_item("Klockan åtta.", remote_id="sent", is_own=True)))
    assert reread(actor, answer).state == State.DELIVERED


def test_a_platform_that_said_wait_before_anything_was_sent_is_tried_later():
    actor, answer = an_answer()

    actions.store_outcome(attempted(), Refused("Vänta", error=Transient("Vänta", retry_after_seconds=600)))

    found = reread(actor, answer)
    assert found.state == State.QUEUED
    assert found.not_before > clock.now() + timedelta(seconds=500)


def test_a_refused_answer_is_put_before_its_author_with_the_reason():
    actor, answer = an_answer()

    actions.store_outcome(attempted(), Refused("Texten är för lång för plattformen."))

    assert reread(actor, answer).reason == "Texten är för lång för plattformen."
    assert [p.pk for p in queries.for_a_person(actor)] == [answer.pk]


def test_what_became_of_an_answer_by_somebody_who_has_left_is_put_before_those_who_lead():
    actor, _answer = an_answer()
    authority = Authority.objects.get(pk=actor.authority_id)
    administrator, lead = (an_actor(authority, role=r) for r in (Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD))
    end_person(actor=administrator, person_uid=person_of(actor).uid)

    actions.store_outcome(attempted(), Refused("Texten är för lång för plattformen."))

    assert waiting.of_person(lead, person_of(actor).pk) == []
    assert waiting.counts(lead) == {"publications": 1}


def test_p02_before_a_new_try_the_latest_posts_are_shown_and_p23_the_try_is_a_row_of_its_own():
    actor, answer = an_answer()
    actions.store_outcome(attempted(), Unknown("Inget svar"))
    similar = (an_item("Klockan sju.", is_own=True),)

    actions.store_settling(reread(actor, answer), NotThere(certain=True, similar=similar))
    again = actions.try_again(actor=actor, publication=reread(actor, answer))

    assert reread(actor, answer).similar[0]["text"] == "Klockan sju."
    assert again.pk != answer.pk
    assert again.key != answer.key
    assert again.retry_of_id == answer.pk
    with pytest.raises(Stale):
        actions.try_again(actor=actor, publication=reread(actor, answer))


def test_an_uncertain_absence_is_looked_for_again_and_in_the_end_put_before_a_person():
    actor, answer = an_answer()
    actions.store_outcome(attempted(), Unknown("Inget svar"))

    actions.store_settling(reread(actor, answer), NotThere(certain=False))
    assert reread(actor, answer).state == State.UNKNOWN
    Publication.objects.everywhere("test").filter(pk=answer.pk).update(settle_attempts=99)
    actions.store_settling(reread(actor, answer), NotThere(certain=False))

    assert reread(actor, answer).state == State.ABSENT


def test_tf_4_an_answer_to_a_private_message_is_private():
    authority = an_authority()
    actor = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    item = a_kept(authority, visibility=Visibility.PRIVATE)

    answer = actions.publish_answer(actor=actor, item=item, text="Vi ringer dig.")

    assert answer.visibility == "private"


def test_only_those_who_answer_publish_and_another_organisations_answer_looks_missing():
    _actor, answer = an_answer()
    auditor = an_actor(an_authority(), role=Role.AUDITOR)

    with pytest.raises(NotPermitted):
        actions.publish_answer(actor=auditor, item=answer.answers, text="Hej")
    with pytest.raises(NotFound):
        queries.publication_for(auditor, answer.uid)


def test_the_page_of_an_unclear_answer_sends_again_only_once_a_person_has_looked(client):
    actor, answer = an_answer()
    actions.store_outcome(attempted(), Unknown("Inget svar"))
    client.force_login(person_of(actor), backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(reverse("publishing:publication", args=[answer.uid]))
    intent = str(page.context["form"]["intent"].value())
    address = reverse("publishing:try_again", args=[answer.uid])

    unlooked = client.post(address, {"intent": intent})
    looked = client.post(address, {"intent": intent, "has_looked": "on"})
    doubled = client.post(address, {"intent": intent, "has_looked": "on"})

    assert (unlooked.status_code, looked.status_code, doubled.status_code) == (422, 302, 409)
    assert Publication.objects.of(actor).count() == 2
