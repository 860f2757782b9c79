"""What the lists of the inbox promise, and one step with several at once."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.channels.testing import a_channel
from narvaro.core.testing import a_unit, an_actor, person_of
from narvaro.core.types import Role
from narvaro.inbox import actions
from narvaro.inbox.models import Note
from narvaro.inbox.testing import a_comment, reread
from narvaro.inbox.tests.pages.desk import body, seen, thread_url
from narvaro.inbox.types import Outcome, State

pytestmark = pytest.mark.django_db


def test_a_list_shows_who_wrote_what_where_and_by_when(client, comment):
    html = seen(client, reverse("inbox:inbox"))

    assert "En medborgare" in html
    assert "När öppnar simhallen på lördag?" in html
    assert comment.channel.name in html
    assert 'class="deadline' in html
    assert "thread-row--unread" in html


@pytest.mark.parametrize("name", ["mina", "enhet", "utan", "sena", "akuta", "vilande", "alla", "klara"])
def test_every_list_can_be_opened_and_says_kindly_when_it_is_empty(client, name):
    html = seen(client, f"{reverse('inbox:inbox')}?lista={name}")

    assert 'class="empty' in html
    assert 'aria-current="page"' in html


def test_a_list_that_is_none_of_ours_is_refused_with_a_sentence(client):
    answer = client.get(f"{reverse('inbox:inbox')}?lista=hemlig")

    assert answer.status_code == 422
    assert "Den listan finns inte" in body(answer)


def test_what_is_missing_or_none_of_ours_leads_to_the_inbox(client, comment):
    for url in (
        f"{reverse('inbox:inbox')}?lista=nya", thread_url(comment, "?lista=nya"),
        reverse("inbox:thread", args=[uuid4()]), reverse("inbox:step", args=[uuid4(), "vila"]),
    ):  # fmt: skip
        answer = client.get(url)
        assert answer.status_code in (404, 422), url
        assert 'class="button button--primary" href="/inkorg/"' in body(answer), url


def test_every_item_is_reached_by_paging(client, authority, channel):
    wanted = {str(a_comment(authority, f"Fråga nummer {n}?", channel=channel).uid) for n in range(30)}
    found, url = set(), f"{reverse('inbox:inbox')}?lista=alla"
    for _ in range(5):
        html = seen(client, url)
        found |= set(re.findall(r'id="t-([0-9a-f-]{36})"', html))
        more = re.search(r'href="([^"]+)" rel="next"', html)
        if more is None:
            break
        url = more[1].replace("&amp;", "&")

    assert found == wanted


def test_the_list_and_how_far_down_stay_in_the_address(client, comment):
    html = seen(client, f"{reverse('inbox:inbox')}?lista=alla")

    assert f"/inkorg/{comment.uid}/?lista=alla#" in html


def test_polling_answers_with_nothing_until_something_changes(client, worker, authority, channel, comment):
    url = reverse("inbox:live_list")
    token = re.search(r'data-poll-token="([^"]+)"', seen(client, f"{url}?lista=alla"))[1]
    still = client.get(url, {"lista": "alla", "token": token})
    a_comment(authority, "En ny fråga?", channel=channel)
    changed = client.get(url, {"lista": "alla", "token": token})

    assert still.status_code == 204
    assert changed.status_code == 200
    assert "En ny fråga?" in body(changed)
    assert 'id="list"' in body(changed)


def test_what_is_urgent_stands_first_with_whom_it_has_reached(client, authority, channel):
    a_comment(authority, "Jag orkar inte leva längre, jag ska ta mitt liv i kväll.", channel=channel)

    html = seen(client, reverse("inbox:inbox"))

    assert html.index('id="alarms"') < html.index('id="threads"')
    assert "Risk för självmord" in html


def test_several_are_marked_at_once_and_can_be_taken_back(client, authority, channel):
    rows = [a_comment(authority, f"Tack för {n}", channel=channel) for n in range(3)]
    uids = [str(row.uid) for row in rows]

    done = client.post(
        reverse("inbox:bulk") + "?lista=alla", {"intent": str(uuid7()), "item": uids, "steg": "inget-svar"}
    )
    html = seen(client, done["Location"])
    after = {reread(row).outcome for row in rows}
    undone = client.post(reverse("inbox:undo_bulk") + "?lista=alla", {"intent": str(uuid7()), "item": uids})

    assert after == {Outcome.NO_ANSWER_NEEDED}
    assert "Ångra" in html
    assert "3 markerade: inget svar behövs." in html
    assert undone.status_code == 302
    assert {reread(row).state for row in rows} == {State.OPEN}
    assert "De är som de var" in seen(client, undone["Location"])


def test_a_bulk_step_says_what_it_left_as_it_was(client, worker, authority, channel):
    rows = [a_comment(authority, f"Fråga {n}?", channel=channel) for n in range(2)]
    actions.mark_no_answer_needed(actor=worker, uid=rows[0].uid)
    uids = [str(row.uid) for row in rows]

    done = client.post(reverse("inbox:bulk"), {"intent": str(uuid7()), "item": uids, "steg": "besvarad"})

    html = seen(client, done["Location"])
    assert "1 lämnades som den var" in html
    assert "Markerad: besvarad av annan." in html
    assert reread(rows[0]).outcome == Outcome.NO_ANSWER_NEEDED


def test_the_same_bulk_step_sent_twice_is_refused_and_does_nothing_twice(client, comment):
    posted = {"intent": str(uuid7()), "item": [str(comment.uid)], "steg": "besvarad"}
    first = client.post(reverse("inbox:bulk"), posted)
    second = client.post(reverse("inbox:bulk"), posted)

    assert first.status_code == 302
    assert second.status_code == 409
    assert "redan gjort" in body(second)


@pytest.mark.parametrize("name", ["tilldela", "vidare", "vila"])
def test_a_bulk_step_that_needs_more_asks_first(client, authority, comment, name):
    other, colleague = a_unit(authority, "Simhallen"), None
    colleague = an_actor(authority, role=Role.DEPUTY, unit=other)
    posted = {"intent": str(uuid7()), "item": [str(comment.uid)], "steg": name}

    question = client.post(reverse("inbox:bulk"), posted)
    empty = client.post(reverse("inbox:bulk"), posted | {"klar": "1"})
    answers = {
        "tilldela": {"person_uid": str(person_of(colleague).uid)},
        "vidare": {"unit_uid": str(other.uid)},
        "vila": {"when": "tomorrow"},
    }
    done = client.post(reverse("inbox:bulk"), posted | {"klar": "1"} | answers[name])

    assert question.status_code == 200
    assert str(comment.uid) in body(question)
    assert empty.status_code == 422
    assert done.status_code == 302
    row = reread(comment)
    assert {
        "tilldela": row.person_id == colleague.person_id,
        "vidare": row.unit_id == other.pk,
        "vila": row.state == State.SNOOZED,
    }[name]


def test_addresses_that_are_only_sent_to_lead_back_when_a_sign_in_opens_them(client, authority, worker, comment):
    an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    actions.escalate(actor=worker, uid=comment.uid, text="Vad gör vi?")
    note = actions.add_note(actor=worker, uid=comment.uid, text="Internt.")
    answer = actions.answer(actor=worker, uid=comment.uid, text="Nio.")
    thread, lists = f"/inkorg/{comment.uid}/?lista=mina", "/inkorg/?lista=mina"

    for name, args, back in (
        ("bulk", [], lists), ("undo_bulk", [], lists), ("discuss", [comment.uid], f"{thread}#samtal"),
        ("decide", [comment.uid], f"{thread}#samtal"), ("file_note", [note.uid], thread),
        ("undo_answer", [answer.uid], f"/publicerat/{answer.uid}/"),
    ):  # fmt: skip
        assert client.get(reverse(f"inbox:{name}", args=args))["Location"] == back, name
    assert Note.objects.of(worker).get().kept_item_id is None


def test_a_bulk_step_with_nothing_chosen_goes_back_to_the_list(client):
    answer = client.post(reverse("inbox:bulk") + "?lista=sena", {"steg": "inget-svar"})

    assert answer["Location"] == "/inkorg/?lista=sena"


def test_a_late_item_says_since_when(client, authority, unit, worker):
    channel = a_channel(
        authority, unit=unit, responsible=person_of(worker), in_operation_from=now() - timedelta(days=60)
    )
    a_comment(authority, "När öppnar ni?", channel=channel, at=now() - timedelta(days=20))

    assert "försenad sedan" in seen(client, f"{reverse('inbox:inbox')}?lista=alla")
