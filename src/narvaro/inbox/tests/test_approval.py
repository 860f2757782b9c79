"""In a crisis somebody else reads what people send before it goes out; what the law asks for never waits."""

from __future__ import annotations

import pytest
from django.urls import reverse

from narvaro.channels.testing import a_channel
from narvaro.core import waiting
from narvaro.core.models import Letter
from narvaro.core.testing import an_actor, an_authority, person_of
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.inbox import actions
from narvaro.inbox.actions.together import answer_together
from narvaro.inbox.testing import a_comment, reread
from narvaro.inbox.types import State
from narvaro.moderation import actions as moderation
from narvaro.moderation import oversight
from narvaro.policy.types import Measure as Kind
from narvaro.publishing import actions as publishing
from narvaro.publishing import queries as publications
from narvaro.publishing.models import Publication
from narvaro.publishing.types import State as Sending

pytestmark = pytest.mark.django_db


@pytest.fixture
def author(authority):
    return an_actor(authority, role=Role.REPRESENTATIVE)


def answered(actor: Actor, channel, text: str = "Vattnet är tjänligt.") -> Publication:
    incoming = a_comment(channel.authority, channel=channel)
    return actions.answer(actor=actor, uid=incoming.uid, text=text)


def state_of(publication: Publication) -> str:
    return str(Publication.objects.everywhere("test").get(pk=publication.pk).state)


def is_sent() -> bool:
    """Whether the machine finds anything to send, whatever time it is."""
    Publication.objects.everywhere("test").filter(state=Sending.QUEUED).update(not_before="2020-01-01T00:00Z")
    return publishing.claim_attempt() is not None


def test_without_a_crisis_nothing_waits_for_anybody(channel, author):
    assert state_of(answered(author, channel)) == Sending.QUEUED


def test_in_a_crisis_an_answer_waits_until_one_press_lets_it_out(channel, lead, author):
    moderation.start_crisis(actor=lead, why="Vattenläcka.")

    publication = answered(author, channel)
    held = (state_of(publication), is_sent())
    waits = [wait.link for wait in waiting.today(lead) if wait.subject_kind == publishing.KIND]
    moderation.approve(actor=lead, publication_uid=publication.uid)

    assert held == (Sending.AWAITING, False)
    assert waits == ["/moderering/kris/godkanna/"]
    assert state_of(publication) == Sending.QUEUED
    assert is_sent()
    assert [wait for wait in waiting.today(lead) if wait.subject_kind == publishing.KIND] == []


def test_only_the_channels_in_crisis_wait_and_only_where_that_is_chosen(authority, channel, lead, author):
    other, free = a_channel(authority), a_channel(authority)
    moderation.start_crisis(actor=lead, why="Brand.", channel_uid=channel.uid)
    moderation.start_crisis(actor=lead, why="Brand.", channel_uid=free.uid, asks_approval=False)

    states = [state_of(answered(author, each)) for each in (channel, other, free)]

    assert states == [Sending.AWAITING, Sending.QUEUED, Sending.QUEUED]


def test_what_was_sent_before_the_crisis_goes_out(channel, lead, author):
    publication = answered(author, channel)

    moderation.start_crisis(actor=lead, why="Storm.")

    assert state_of(publication) == Sending.QUEUED


def test_bbs_5_removing_and_the_words_about_it_never_wait(channel, lead, author):
    moderation.start_crisis(actor=lead, why="Storm.")
    incoming = a_comment(channel.authority, "Jag ska slå dig på käften i morgon", channel=channel)

    measure = actions.moderate(
        actor=author, uid=incoming.uid, kind=Kind.REMOVE, ground="BBS-5a", reasons="Hotar en namngiven person."
    ).measure

    assert measure.notice_publication is not None
    assert state_of(measure.notice_publication) == Sending.QUEUED
    assert moderation.claim_carrying() is not None


def test_nobody_approves_who_is_not_asked_to(authority, channel, lead, author):
    colleague, named = (an_actor(authority, role=Role.REPRESENTATIVE) for _each in range(2))
    moderation.start_crisis(actor=lead, why="Storm.", approver_uid=person_of(named).uid)
    first, second = answered(author, channel), answered(author, channel)

    with pytest.raises(NotPermitted):
        moderation.approve(actor=colleague, publication_uid=first.uid)
    moderation.approve(actor=named, publication_uid=first.uid)
    moderation.approve(actor=lead, publication_uid=second.uid)

    assert [state_of(each) for each in (first, second)] == [Sending.QUEUED, Sending.QUEUED]


def test_ones_own_words_are_approved_only_in_an_emergency_and_with_a_reason(channel, lead):
    moderation.start_crisis(actor=lead, why="Storm.")
    publication = answered(lead, channel)

    with pytest.raises(Invalid) as refused:
        moderation.approve(actor=lead, publication_uid=publication.uid)
    held = state_of(publication)
    moderation.approve(actor=lead, publication_uid=publication.uid, why="Utrymning nu, ingen annan svarar.")

    assert refused.value.field == "why"
    assert held == Sending.AWAITING
    kept = Publication.objects.everywhere("test").get(pk=publication.pk)
    assert (kept.state, kept.release_why) == (Sending.QUEUED, "Utrymning nu, ingen annan svarar.")


def test_approved_twice_it_goes_out_once(channel, lead, author):
    moderation.start_crisis(actor=lead, why="Storm.")
    publication = answered(author, channel)
    moderation.approve(actor=lead, publication_uid=publication.uid)

    with pytest.raises(Stale):
        moderation.approve(actor=lead, publication_uid=publication.uid)

    assert Publication.objects.everywhere("test").count() == 1


def test_what_is_sent_back_never_goes_out_its_author_hears_why_and_the_question_is_open_again(channel, lead, author):
    moderation.start_crisis(actor=lead, why="Storm.")
    incoming = a_comment(channel.authority, channel=channel)
    publication = actions.answer(actor=author, uid=incoming.uid, text="Allt är lugnt.")
    with pytest.raises(Invalid):
        moderation.send_back(actor=lead, publication_uid=publication.uid, why=" ")

    moderation.send_back(actor=lead, publication_uid=publication.uid, why="Vänta på räddningsledaren.")
    actions.settle_answers()

    assert state_of(publication) == Sending.CANCELLED
    assert reread(incoming).state == State.OPEN
    (letter,) = Letter.objects.everywhere("test").filter(kind="moderation.sent_back")
    assert letter.to_person_id == author.person_id
    assert "Vänta på räddningsledaren." in letter.body


def test_an_author_takes_back_what_waits(channel, lead, author, client):
    moderation.start_crisis(actor=lead, why="Storm.")
    incoming = a_comment(channel.authority, channel=channel)
    publication = actions.answer(actor=author, uid=incoming.uid, text="Allt är lugnt.")
    client.force_login(person_of(author))
    page = client.get(reverse("inbox:thread", args=[incoming.uid])).content.decode()
    assert reverse("inbox:undo_answer", args=[publication.uid]) in page
    assert "Väntar på godkännande" in page

    actions.undo_answer(actor=author, publication_uid=publication.uid)

    assert state_of(publication) == Sending.CANCELLED
    assert [wait for wait in waiting.today(lead) if wait.subject_kind == publishing.KIND] == []


def test_when_the_crisis_is_over_nothing_goes_out_by_itself_and_its_author_sends_it(channel, lead, author):
    moderation.start_crisis(actor=lead, why="Storm.")
    publication = answered(author, channel)
    (crisis,) = oversight.crises(lead)
    moderation.end_crisis(actor=lead, uid=crisis.uid, why="Vinden har mojnat.")
    held = (state_of(publication), is_sent())

    moderation.approve(actor=author, publication_uid=publication.uid)

    assert held == (Sending.AWAITING, False)
    assert state_of(publication) == Sending.QUEUED


def test_another_authoritys_words_look_missing(channel, lead, author):
    moderation.start_crisis(actor=lead, why="Storm.")
    publication = answered(author, channel)
    stranger = an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD)

    with pytest.raises(NotFound):
        moderation.approve(actor=stranger, publication_uid=publication.uid)
    assert publications.awaiting(stranger) == []


def test_it_is_begun_and_approved_on_its_pages(channel, lead, author, client, django_assert_max_num_queries):
    client.force_login(person_of(lead))
    form = client.get(reverse("moderation:crises")).context["start_form"]
    sent = {"intent": form["intent"].value(), "channel": "", "why": "Storm.", "asks_approval": "on",
            "approver": str(person_of(author).uid)}  # fmt: skip
    begun = client.post(reverse("moderation:crises"), sent)
    publication, own = answered(author, channel), answered(lead, channel)
    address = reverse("moderation:approvals")
    client.get(address)
    with django_assert_max_num_queries(12):
        shown = client.get(address)
    rows = {row["publication"].pk: row for row in shown.context["rows"]}

    def pressed(one: Publication, **values: str):
        form = rows[one.pk]["approve_form"]
        prefix = f"a{one.pk}"
        return client.post(
            reverse("moderation:approve", args=[one.uid]),
            {f"{prefix}-intent": form["intent"].value()} | {f"{prefix}-{k}": v for k, v in values.items()},
        )

    approved = pressed(publication)
    refused = pressed(own)
    waiting_page = client.get(reverse("publishing:publication", args=[own.uid])).content.decode()

    assert begun.status_code == approved.status_code == 302
    assert oversight.crises(lead)[0].approver == person_of(author)
    assert rows[own.pk]["is_own"]
    assert refused.status_code == 422
    assert (state_of(publication), state_of(own)) == (Sending.QUEUED, Sending.AWAITING)
    assert "Det väntar på godkännande." in waiting_page


# --- One text to many ---------------------------------------------------------------------------------------------


def to_many(actor: Actor, channels, text: str = "Vattnet är tjänligt."):
    rows = [a_comment(channels[0].authority, channel=each) for each in channels]
    return answer_together(actor=actor, uids=[row.uid for row in rows], text=text)


def parts_of(actor: Actor, together) -> list[str]:
    return [part.state for part in publications.parts_of(actor, together)]


def test_one_text_to_many_is_approved_with_one_press(channel, lead, author):
    moderation.start_crisis(actor=lead, why="Vattenläcka.")
    together = to_many(author, [channel] * 3)

    count = moderation.approve_together(actor=lead, together_uid=together.uid)

    assert count == 3
    assert parts_of(lead, together) == [Sending.QUEUED] * 3
    assert [wait for wait in waiting.today(lead) if wait.subject_kind == publishing.KIND] == []
    with pytest.raises(Stale):
        moderation.approve_together(actor=lead, together_uid=together.uid)


def test_one_text_to_many_waits_once_in_each_channel_until_all_of_it_is_decided(authority, channel, lead, author):
    other = a_channel(authority)
    moderation.start_crisis(actor=lead, why="Storm.")
    together = to_many(author, [channel, other, channel, other, channel])
    first, _second, third, *_rest = publications.parts_of(lead, together)

    def waits() -> int:
        return len([wait for wait in waiting.today(lead) if wait.subject_kind == publishing.KIND])

    begun = waits()
    actions.undo_answer(actor=author, publication_uid=first.uid)
    one_taken_back = waits()
    moderation.approve(actor=lead, publication_uid=third.uid)
    one_approved = waits()
    moderation.approve_together(actor=lead, together_uid=together.uid)

    assert (begun, one_taken_back, one_approved, waits()) == (2, 2, 2, 0)


def test_one_press_lets_out_what_the_actor_approves_and_no_more(authority, channel, lead, author):
    other, named = a_channel(authority), an_actor(authority, role=Role.REPRESENTATIVE)
    moderation.start_crisis(actor=lead, why="Brand.", channel_uid=channel.uid, approver_uid=person_of(named).uid)
    moderation.start_crisis(actor=lead, why="Brand.", channel_uid=other.uid)
    together = to_many(author, [channel, other])

    with pytest.raises(NotPermitted):
        moderation.approve_together(actor=author, together_uid=together.uid)
    first = moderation.approve_together(actor=named, together_uid=together.uid)
    after_named = parts_of(lead, together)
    second = moderation.approve_together(actor=lead, together_uid=together.uid)

    assert (first, second) == (1, 1)
    assert after_named == [Sending.QUEUED, Sending.AWAITING]
    assert parts_of(lead, together) == [Sending.QUEUED] * 2


def test_nobody_approves_ones_own_text_to_many_without_a_reason(channel, lead):
    moderation.start_crisis(actor=lead, why="Storm.")
    together = to_many(lead, [channel] * 2)

    with pytest.raises(Invalid):
        moderation.approve_together(actor=lead, together_uid=together.uid)
    held = parts_of(lead, together)
    moderation.approve_together(actor=lead, together_uid=together.uid, why="Utrymning nu.")

    assert held == [Sending.AWAITING] * 2
    assert parts_of(lead, together) == [Sending.QUEUED] * 2


def test_one_text_to_many_that_is_sent_back_gives_its_author_one_letter(channel, lead, author):
    moderation.start_crisis(actor=lead, why="Storm.")
    together = to_many(author, [channel] * 3)
    with pytest.raises(Invalid):
        moderation.send_back_together(actor=lead, together_uid=together.uid, why=" ")

    moderation.send_back_together(actor=lead, together_uid=together.uid, why="Vänta på räddningsledaren.")

    assert parts_of(lead, together) == [Sending.CANCELLED] * 3
    (letter,) = Letter.objects.everywhere("test").filter(kind="moderation.sent_back")
    assert "Vänta på räddningsledaren." in letter.body
    assert reverse("inbox:together", args=[together.uid]) in letter.body


def test_another_authoritys_text_to_many_looks_missing(channel, lead, author):
    moderation.start_crisis(actor=lead, why="Storm.")
    together = to_many(author, [channel])
    stranger = an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD)

    for act in (moderation.approve_together, moderation.send_back_together):
        with pytest.raises(NotFound):
            act(actor=stranger, together_uid=together.uid, why="Skäl.")


def test_one_text_to_many_is_one_thing_on_the_page(channel, lead, author, client, django_assert_max_num_queries):
    moderation.start_crisis(actor=lead, why="Storm.")
    together = to_many(author, [channel] * 5)
    client.force_login(person_of(lead))
    client.get(reverse("moderation:approvals"))
    with django_assert_max_num_queries(12):
        shown = client.get(reverse("moderation:approvals"))
    (row,) = shown.context["rows"]

    refused = client.post(row["back_url"], {f"tb{together.pk}-intent": row["back_form"]["intent"].value()})
    pressed = client.post(row["approve_url"], {f"ta{together.pk}-intent": row["approve_form"]["intent"].value()})
    again = client.post(row["approve_url"], {f"ta{together.pk}-intent": row["approve_form"]["intent"].value()})

    assert row["count"] == 5
    assert "Samma svar till 5 kommentarer" in shown.content.decode()
    assert (refused.status_code, pressed.status_code, again.status_code) == (422, 302, 409)
    assert parts_of(lead, together) == [Sending.QUEUED] * 5


def test_a_page_of_many_that_wait_is_light_and_says_how_many_more_there_are(channel, lead, author, client):
    moderation.start_crisis(actor=lead, why="Storm.")
    for number in range(43):
        answered(author, channel, text=f"Svar {number}. " + "Vattnet är tjänligt igen. " * 15)
    client.force_login(person_of(lead))

    page = client.get(reverse("moderation:approvals"))

    assert len(page.content) < 150_000
    assert "3 till väntar" in page.content.decode()
