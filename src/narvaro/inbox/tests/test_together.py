"""One text answers many: each its own publication, exactly once, and what was left is told."""

from __future__ import annotations

import pytest
from django.urls import reverse

from narvaro.channels.testing import a_channel
from narvaro.channels.types import Platform
from narvaro.core.testing import an_actor, an_authority, person_of
from narvaro.core.types import Invalid, NotPermitted, Role
from narvaro.inbox import actions
from narvaro.inbox.actions import together as acting
from narvaro.inbox.actions.together import answer_together
from narvaro.inbox.testing import a_comment, reread
from narvaro.inbox.types import State
from narvaro.moderation import actions as moderation
from narvaro.publishing import queries as publishing
from narvaro.publishing.models import Publication, Together
from narvaro.publishing.types import State as Sending

pytestmark = pytest.mark.django_db
TEXT = "Vattnet är tjänligt igen. Läs mer på storkoping.example."


def asked(authority, channel, count: int = 3):
    return [a_comment(authority, f"Går det att dricka vattnet på gata {n}?", channel=channel) for n in range(count)]


def all_sent() -> list[Publication]:
    return list(Publication.objects.everywhere("test").order_by("pk"))


def test_each_gets_a_publication_of_its_own_in_its_own_thread(authority, channel, lead):
    rows = asked(authority, channel)

    found = answer_together(actor=lead, uids=[row.uid for row in rows], text=TEXT)

    sent = all_sent()
    assert [one.answers_id for one in sent] == [row.item_id for row in rows]
    assert len({one.key for one in sent}) == 3
    assert {one.together_id for one in sent} == {found.pk}
    assert all(one.text.startswith(TEXT) for one in sent)
    assert {reread(row).state for row in rows} == {State.ANSWERING}
    assert found.left == []


def test_what_cannot_be_answered_is_left_and_told_of_and_the_others_go_out(authority, channel, lead):
    first, second, third = asked(authority, channel)
    manual = a_comment(authority, "Hur är det med vattnet?", channel=a_channel(authority, platform=Platform.MANUAL))
    actions.answer(actor=lead, uid=second.uid, text="Redan på väg.")
    actions.mark_no_answer_needed(actor=lead, uid=third.uid)
    uids = [row.uid for row in (first, second, third, manual)]

    made = answer_together(actor=lead, uids=uids, text=TEXT)

    kept = publishing.together_for(lead, made.uid)
    assert [one.answers_id for one in publishing.parts_of(lead, kept)] == [first.item_id]
    assert [uid for uid, _why in kept.left] == [str(row.item.uid) for row in (second, third, manual)]
    assert all(why.endswith(".") for _uid, why in kept.left)


def test_chosen_twice_it_is_answered_once(authority, channel, lead):
    (row,) = asked(authority, channel, 1)

    answer_together(actor=lead, uids=[row.uid, row.uid], text=TEXT)

    assert len(all_sent()) == 1


def test_killed_in_the_middle_nobody_has_an_answer_and_sending_again_gives_each_one(
    authority, channel, lead, monkeypatch
):
    rows = asked(authority, channel)
    real, count = acting.answer, []

    class Killed(BaseException):
        pass

    def dies_at_the_second(**values: object):
        count.append(1)
        if len(count) == 2:
            raise Killed
        return real(**values)

    with monkeypatch.context() as dying:
        dying.setattr(acting, "answer", dies_at_the_second)
        with pytest.raises(Killed):
            answer_together(actor=lead, uids=[row.uid for row in rows], text=TEXT)
    left = all_sent()
    answer_together(actor=lead, uids=[row.uid for row in rows], text=TEXT)

    assert left == []
    assert len(all_sent()) == 3


def test_anothers_items_are_not_answered_and_who_only_reads_answers_nobody(authority, channel, lead):
    elsewhere = an_authority("Lillköping")
    theirs = a_comment(elsewhere)
    (ours,) = asked(authority, channel, 1)

    answer_together(actor=lead, uids=[ours.uid, theirs.uid], text=TEXT)
    with pytest.raises(NotPermitted):
        answer_together(actor=an_actor(authority, role=Role.AUDITOR), uids=[ours.uid], text=TEXT)
    with pytest.raises(Invalid):
        answer_together(actor=lead, uids=[], text=TEXT)

    assert [one.answers_id for one in all_sent()] == [ours.item_id]


def test_in_a_crisis_they_wait_to_be_approved_and_the_list_offers_it_first(authority, channel, lead, client):
    rows = asked(authority, channel)
    client.force_login(person_of(lead))
    before = client.get(reverse("inbox:inbox") + "?lista=alla").content.decode()
    moderation.start_crisis(actor=lead, why="Vattenläcka.")
    during = client.get(reverse("inbox:inbox") + "?lista=alla").content.decode()

    answer_together(actor=lead, uids=[row.uid for row in rows], text=TEXT)

    assert {one.state for one in all_sent()} == {Sending.AWAITING}
    offered = 'name="steg" value="svara"'
    assert before.count(f'class="menu__item" {offered}') == 1
    assert during.count(f'class="button button--small button--primary" {offered}') == 1


def test_it_is_written_once_for_those_chosen_and_followed_on_its_page(
    authority, channel, lead, client, django_assert_max_num_queries
):
    rows = asked(authority, channel, 6)
    client.force_login(person_of(lead))
    address = reverse("inbox:answer_together")
    chosen = {"item": [str(row.uid) for row in rows], "steg": "svara"}
    form = client.post(address, chosen).context["form"]
    sent = chosen | {"klar": "1", "intent": form["intent"].value()}

    empty = client.post(address, sent | {"text": ""})
    stopped = client.post(address, sent | {"text": "Ditt personnummer 811218-9876 finns hos oss."})
    made = client.post(address, sent | {"text": TEXT})
    again = client.post(address, sent | {"text": TEXT})
    client.get(made.url)
    with django_assert_max_num_queries(12):
        followed = client.get(made.url)
    same = client.get(made.url, {"token": followed.context["token"]})
    Publication.objects.everywhere("test").filter(pk=all_sent()[0].pk).update(state=Sending.REFUSED, reason="För lång.")
    changed = client.get(made.url, {"token": followed.context["token"]})

    assert (empty.status_code, stopped.status_code, made.status_code, again.status_code) == (422, 422, 302, 409)
    assert len(all_sent()) == 6
    assert Together.objects.everywhere("test").count() == 1
    assert "0 av 6 är publicerade." in followed.content.decode()
    assert same.status_code == 204
    assert "Gick inte som det skulle" in changed.content.decode()
