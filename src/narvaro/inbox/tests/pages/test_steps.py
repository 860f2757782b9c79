"""What every other step with an item promises, on its page."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from narvaro.base.ids import uuid7
from narvaro.core.models import Letter
from narvaro.core.testing import a_unit, an_actor, person_of
from narvaro.core.types import Role
from narvaro.inbox import actions
from narvaro.inbox.models import Escalation
from narvaro.inbox.testing import a_comment, reread
from narvaro.inbox.tests.pages.desk import (
    EVERY_QUERY,
    an_answer,
    body,
    cost,
    seen,
    sent,
    signed_in,
    step_url,
    thread_url,
)
from narvaro.inbox.types import Outcome, State
from narvaro.publishing.models import Publication
from narvaro.records.models import RegistryEntry

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "outcome"), [("inget-svar", Outcome.NO_ANSWER_NEEDED), ("besvarad", Outcome.ANSWERED_BY_OTHER)]
)
def test_one_key_closes_and_goes_on_to_the_next(client, authority, channel, comment, name, outcome):
    following = a_comment(authority, "Och söndag?", channel=channel)

    done = client.post(step_url(comment, name, "?lista=mina"), sent(comment, nasta=str(following.uid)))
    html = seen(client, done["Location"])

    assert reread(comment).outcome == outcome
    assert done["Location"].startswith(f"/inkorg/{following.uid}/?lista=mina")
    assert "Ångra" in html
    assert "Och söndag?" in html


def test_a_step_that_goes_on_offers_to_take_it_back_in_the_pane_that_a_phone_shows(client, authority, channel, comment):
    following = a_comment(authority, "Och på söndag?", channel=channel)

    done = client.post(step_url(comment, "inget-svar"), sent(comment, nasta=str(following.uid)))
    html = seen(client, done["Location"])

    assert html.count("Markerad: inget svar behövs. Här är nästa i listan.") == 1
    assert html.index('id="thread"') < html.index("Här är nästa i listan.")


def test_the_keys_are_on_the_page(client, comment):
    html = seen(client, thread_url(comment))

    assert set(re.findall(r'data-key="(.)"', html)) >= {"r", "a", "e", "n", "b"}


def test_a_stale_step_is_refused(client, authority, unit, comment):
    posted = sent(comment)
    actions.take(actor=an_actor(authority, role=Role.DEPUTY, unit=unit), uid=comment.uid)

    refused = client.post(step_url(comment, "inget-svar"), posted)

    assert refused.status_code == 409
    assert reread(comment).state == State.OPEN


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("inget-svar", {}), ("besvarad", {}), ("ta", {}), ("vila", {"when": "soon"}),
        ("annan-myndighet", {"authority": "Regionen"}), ("sett", {"text": "Vi har sett det."}),
        ("registrator", {"note": "Fråga.", "is_done": "on"}),
    ],
)  # fmt: skip
def test_a_step_while_an_answer_is_on_its_way_says_what_to_do_and_leads_back(client, worker, comment, name, values):
    client.post(thread_url(comment), an_answer(comment))

    refused = client.post(step_url(comment, name, "?lista=alla"), sent(reread(comment), **values))

    assert refused.status_code == 409
    assert "Vänta tills det är publicerat, eller ångra det" in body(refused)
    assert f'href="/inkorg/{comment.uid}/?lista=alla"' in body(refused)
    assert all(value in body(refused) for value in values.values() if value not in ("soon", "on"))
    assert reread(comment).state == State.ANSWERING
    assert Publication.objects.of(worker).count() == 1


def test_every_refused_step_leads_back_to_its_thread(client, authority, worker, comment):
    twice, stale = sent(comment), sent(comment)
    client.post(step_url(comment, "ta"), twice)
    note = actions.add_note(actor=worker, uid=comment.uid, text="Internt.")
    client.post(thread_url(comment), an_answer(reread(comment)))
    publication = Publication.objects.of(worker).get()
    Publication.objects.of(worker).update(state="attempting")
    auditor = signed_in(an_actor(authority, role=Role.AUDITOR))

    refused = [
        client.post(step_url(comment, "ta"), twice),
        client.post(step_url(comment, "inget-svar"), stale | {"intent": str(uuid7())}),
        client.post(reverse("inbox:undo_answer", args=[publication.uid]), {"intent": str(uuid7())}),
        auditor.post(step_url(comment, "inget-svar"), sent(reread(comment))),
        auditor.post(reverse("inbox:file_note", args=[note.uid]), {"intent": str(uuid7())}),
        auditor.post(thread_url(comment), an_answer(reread(comment))),
    ]

    assert [answer.status_code for answer in refused] == [409, 409, 409, 403, 403, 403]
    for answer in refused:
        assert f'href="/inkorg/{comment.uid}/?lista=' in body(answer)


def test_an_opened_link_to_a_one_click_step_does_nothing(client, comment):
    answer = client.get(step_url(comment, "inget-svar"))

    assert answer.status_code == 302
    assert reread(comment).state == State.OPEN


def test_an_urgent_item_shows_numbers_and_a_reply_and_is_taken_with_one_press(client, worker, authority, channel):
    urgent = a_comment(authority, "Jag orkar inte leva längre, jag ska ta mitt liv i kväll.", channel=channel)

    html = seen(client, thread_url(urgent))
    taken = client.post(step_url(urgent, "akut"), sent(urgent))
    after = seen(client, taken["Location"])
    reply = client.post(thread_url(urgent), an_answer(reread(urgent), "", insert="akut"))

    for number in ("112", "1177", "90101"):
        assert f"<strong>{number}</strong>" in html
    assert "Jag tar den" in html
    assert "har tagit den" in after
    assert "Du är inte ensam" in body(reply)


@pytest.mark.parametrize("number", ["", "0123-45 67 89"])
def test_the_card_shows_the_social_emergency_number_or_that_112_puts_people_through(client, authority, channel, number):
    authority.social_emergency_phone = number
    authority.save()
    in_need = a_comment(authority, "Jag orkar inte leva längre, jag ska ta mitt liv i kväll.", channel=channel)
    threat = a_comment(authority, "Jag ska döda dig, handläggare.", channel=channel)

    card, other = seen(client, thread_url(in_need)), seen(client, thread_url(threat))

    assert ('href="tel:0123456789"' in card) == bool(number)
    assert ("vid fara för liv, och socialjouren utanför kontorstid" in card) == (not number)
    assert "vår socialjour" not in other
    assert len(cost(client, thread_url(in_need))) <= EVERY_QUERY


def test_every_step_that_asks_shows_its_question(client, comment):
    from narvaro.inbox.views.steps import QUESTIONS

    for name in QUESTIONS:
        answer = client.get(step_url(comment, name))
        assert answer.status_code == 200, name
        assert "<h1>" in body(answer)


def test_assigning_passing_on_and_resting(client, authority, comment):
    other = a_unit(authority, "Simhallen")
    colleague = an_actor(authority, role=Role.DEPUTY, unit=other)
    client.post(step_url(comment, "tilldela"), sent(comment, person_uid=str(person_of(colleague).uid)))
    assigned = reread(comment).person_id
    client.post(step_url(comment, "vidare"), sent(reread(comment), unit_uid=str(other.uid), why="De vet."))
    passed = reread(comment).unit_id
    unset = client.post(step_url(comment, "vila"), sent(reread(comment), when="day"))
    client.post(step_url(comment, "vila"), sent(reread(comment), when="soon"))

    assert assigned == colleague.person_id
    assert passed == other.pk
    assert unset.status_code == 422
    assert reread(comment).state == State.SNOOZED


def test_acknowledging_keeps_the_question_open_and_referring_leads_elsewhere(client, worker, comment):
    shown = seen(client, step_url(comment, "sett"))
    client.post(step_url(comment, "sett"), sent(comment, text="Tack, vi återkommer."))
    after = reread(comment)
    client.post(step_url(comment, "hanvisa"), sent(after, to="phone", target="0123-45 67 89", text=""))

    assert "Tack, vi har sett din fråga" in shown
    assert after.acknowledged_at is not None
    assert after.state == State.OPEN
    assert "0123-45 67 89" in Publication.objects.of(worker).order_by("-pk")[0].text


@pytest.mark.parametrize(("name", "values"), [("sett", {}), ("hanvisa", {"to": "phone", "target": "0123-45 67 89"})])
def test_what_reads_as_a_decision_is_asked_about_once_also_where_it_is_a_referral_or_a_notice(
    client, worker, comment, name, values
):
    text = "Vi beviljar din ansökan om bygglov."
    page = client.get(step_url(comment, name))
    asked = client.post(step_url(comment, name), sent(comment, text=text, **values))
    agreed = client.post(step_url(comment, name), sent(comment, text=text, agreed="on", **values))

    assert "Jag har läst det och vill publicera ändå" not in body(page)
    assert asked.status_code == 422
    assert "Jag har läst det och vill publicera ändå" in body(asked)
    assert agreed.status_code == 302
    assert Publication.objects.of(worker).count() == 1


@pytest.mark.parametrize(("name", "values"), [("sett", {}), ("hanvisa", {"to": "phone", "target": "0123-45 67 89"})])
def test_gdpr_7_personal_data_stops_every_step_that_publishes(client, worker, comment, name, values):
    text = "Vi ser på ärendet för 19811218-9876."

    refused = client.post(step_url(comment, name), sent(comment, text=text, **values))

    assert refused.status_code == 422
    assert text in body(refused)
    assert not Publication.objects.of(worker).exists()


def test_the_registrar_gets_the_thread_with_an_edited_note(client, worker, comment):
    shown = seen(client, step_url(comment, "registrator"))
    client.post(step_url(comment, "registrator"), sent(comment, note="Fråga om öppettider."))

    assert "inkommen" in shown
    assert RegistryEntry.objects.of(worker).get().suggested_note == "Fråga om öppettider."


def test_criticism_is_put_before_the_nearest_manager_who_decides(client, authority, unit, worker, comment):
    manager = an_actor(authority, role=Role.UNIT_MANAGER, unit=unit)
    client.post(step_url(comment, "chef"), sent(comment, text="Ska vi svara på det här?"))
    escalation = Escalation.objects.of(worker).get()
    boss = signed_in(manager)
    html = seen(boss, thread_url(comment))
    boss.post(reverse("inbox:discuss", args=[comment.uid]), {"talk-intent": str(uuid7()), "talk-text": "Ja, kort."})
    decided = boss.post(
        reverse("inbox:decide", args=[comment.uid]),
        {"decide-intent": str(uuid7()), "decide-decision": "answer", "decide-seen_version": escalation.version},
    )
    after = seen(client, thread_url(comment))

    assert "Ska vi svara på det här?" in html
    assert decided.status_code == 302
    assert "Ja, kort." in after
    assert "Vi svarar" in after


def test_what_is_written_to_the_manager_and_by_the_manager_comes_back_with_its_fault(
    client, authority, unit, worker, comment
):
    boss = signed_in(an_actor(authority, role=Role.UNIT_MANAGER, unit=unit))
    client.post(step_url(comment, "chef"), sent(comment, text="Ska vi svara?"))
    long = "Ett långt inlägg. " * 400
    talk, decide = (reverse(f"inbox:{name}", args=[comment.uid]) for name in ("discuss", "decide"))

    said = client.post(talk, {"talk-intent": str(uuid7()), "talk-text": long})
    decided = boss.post(decide, {"decide-intent": str(uuid7()), "decide-text": "Därför att det brådskar."})

    assert (said.status_code, decided.status_code) == (422, 422)
    assert long.strip() in said.content.decode()
    assert "Därför att det brådskar." in body(decided)
    for answer in (said, decided):
        assert 'class="message-box message-box--error error-summary"' in body(answer)
    boss.post(decide, {"decide-intent": str(uuid7()), "decide-decision": "answer"})
    assert client.post(talk, {"talk-intent": str(uuid7()), "talk-text": "Sent."}).status_code == 409


def test_a_colleague_without_an_account_answers_once_behind_a_link(client, comment):
    client.post(step_url(comment, "sakkunnig"), sent(comment, to_address="vet@storkoping.example", question="När?"))
    letter = Letter.objects.everywhere("test").get(to_address="vet@storkoping.example")
    path = re.search(r"https?://[^/\s]+(/\S+)", letter.body)[1]
    stranger = Client()
    html = seen(stranger, path)
    empty = stranger.post(path, {"name": "", "text": ""})
    thanks = stranger.post(path, {"name": "Badmästaren", "text": "Klockan nio."})
    used = stranger.get(path)

    assert path.startswith("/fraga/")
    assert "När öppnar simhallen på lördag?" in html
    assert empty.status_code == 422
    assert "Tack för hjälpen" in body(thanks)
    assert used.status_code == 404
    assert "gäller inte längre" in body(used)
    assert "Klockan nio." in seen(client, thread_url(comment))


def test_what_is_sealed_shows_no_text_anywhere(client, worker, comment):
    client.post(step_url(comment, "forsegla"), sent(comment, why="Misstänkt material."))

    for url in (thread_url(comment), f"{reverse('inbox:inbox')}?lista=alla", step_url(comment, "tilldela")):
        html = seen(client, url)
        assert "När öppnar simhallen" not in html
        assert "En medborgare" not in html


def test_sealing_needs_a_reason(client, comment):
    refused = client.post(step_url(comment, "forsegla"), sent(comment, why=""))

    assert refused.status_code == 422
    assert 'class="error-list' in body(refused)
    assert reread(comment).item.sealed_at is None
