"""From a thread to a decision about it: one form, one transaction, and the item is taken care of."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from narvaro.base.clock import frozen
from narvaro.core.testing import an_actor, person_of
from narvaro.core.types import Role
from narvaro.inbox import actions, queries
from narvaro.inbox.testing import a_comment, reread
from narvaro.inbox.types import NotNow, Outcome, State
from narvaro.moderation import actions as packages
from narvaro.moderation import queries as moderation
from narvaro.moderation.types import How, MeasureState
from narvaro.policy.testing import a_rule
from narvaro.policy.types import Measure as Kind

pytestmark = pytest.mark.django_db
WHY = {"reasons": "Texten hotar en namngiven person."}


@pytest.fixture
def actor(authority):
    return an_actor(authority, role=Role.COMMUNICATIONS_LEAD)


def test_a_threat_is_removed_from_its_thread_and_the_item_is_done(authority, actor):
    incoming = a_comment(authority, "Jag ska slå dig på käften i morgon")

    decided = actions.moderate(actor=actor, uid=incoming.uid, kind=Kind.REMOVE, ground="BBS-5a", **WHY)

    assert reread(incoming).outcome == Outcome.MODERATED
    assert [m.state for m in queries.thread_page(actor, incoming.uid).measures] == [MeasureState.DECIDED]
    assert decided.code in moderation.measure_for(actor, decided.measure.uid).notice


def test_a_resident_who_shared_too_much_is_told_kindly_and_still_gets_an_answer(authority, actor):
    """GDPR-7: the number is hidden, and the question waits."""
    incoming = a_comment(authority, "Mitt personnummer är 811218-9876. När får jag besked?")

    decided = actions.moderate(
        actor=actor, uid=incoming.uid, kind=Kind.HIDE, ground="GDPR-7", reasons="Personnummer.", is_done=False
    )

    assert reread(incoming).state == State.OPEN
    assert "inte gjort något fel" in decided.measure.notice


def test_nothing_is_decided_while_an_answer_is_on_its_way(authority, actor):
    incoming = a_comment(authority, "Öppnar ni klockan åtta?")
    actions.answer(actor=actor, uid=incoming.uid, text="Ja.")

    with pytest.raises(NotNow):
        actions.moderate(actor=actor, uid=incoming.uid, kind=Kind.HIDE, ground="BBS-5a", **WHY)

    assert moderation.measures(actor) == []


def test_the_form_chooses_what_screening_found_and_shows_every_catalogue(authority, actor, client):
    rule, incoming = a_rule(authority), a_comment(authority, "Jag ska döda dig")
    client.force_login(person_of(actor))

    page = client.get(reverse("inbox:step", args=[incoming.uid, "moderera"]))

    text = page.content.decode()
    assert page.context["form"].initial.items() >= {"ground": "BBS-5a", "kind": Kind.REMOVE}.items()
    assert rule.title in text
    assert "Personnummer" in text


def test_no_ground_is_given_by_mistake(authority, actor, client):
    incoming = a_comment(authority, "Vad fint det blev vid ån")
    client.force_login(person_of(actor))
    address = reverse("inbox:step", args=[incoming.uid, "moderera"])
    form = client.get(address).context["form"]
    hidden = {"intent": form["intent"].value(), "seen_version": form["seen_version"].value()}

    refused = client.post(address, {**hidden, "kind": "hide", "ground": "", **WHY})

    assert not form["ground"].value()
    assert "ground" in refused.context["form"].errors
    assert moderation.measures(actor) == []


def test_a_decision_is_made_by_filling_in_the_form_and_leads_to_its_page(authority, actor, client):
    incoming = a_comment(authority, "Jag ska döda dig")
    client.force_login(person_of(actor))
    address = reverse("inbox:step", args=[incoming.uid, "moderera"])
    form = client.get(address).context["form"]
    hidden = {"intent": form["intent"].value(), "seen_version": form["seen_version"].value()}

    refused = client.post(address, {**hidden, "kind": "remove", "ground": "BBS-5a", "reasons": ""})
    made = client.post(address, {**hidden, "kind": "remove", "ground": "BBS-5a", "is_done": "on", **WHY})

    (measure,) = moderation.measures(actor)
    shown = client.get(reverse("moderation:measure", args=[measure.uid]))
    assert refused.status_code == 422
    assert made.status_code == 302
    assert "Texten hotar en namngiven person." in shown.content.decode()
    assert client.get(reverse("moderation:measures")).status_code == 200


def test_rf_5_who_is_blocked_is_told_until_when(authority, actor):
    rule = a_rule(authority, first=Kind.WARN)
    incoming = a_comment(authority, "Din idiot")

    with frozen(datetime(2026, 11, 21, 12, tzinfo=UTC)):
        decided = actions.moderate(
            actor=actor, uid=incoming.uid, kind=Kind.BLOCK, ground=rule.code, reasons="Skällsord.",
            why_stricter="Igen.", block_days=14,
        )  # fmt: skip

    assert "till och med 5 december 2026" in decided.measure.notice
    assert rule.title in decided.measure.notice


def test_bbs_10_a_decision_about_child_abuse_material_leads_straight_to_the_package_for_the_police(
    authority, actor, client
):
    incoming = a_comment(authority, "Se den här bilden")
    client.force_login(person_of(actor))
    address = reverse("inbox:step", args=[incoming.uid, "moderera"])
    form = client.get(address).context["form"]
    hidden = {"intent": form["intent"].value(), "seen_version": form["seen_version"].value()}
    why = {"reasons": "Bilden kan vara ett övergrepp.", "waive_notice_why": "Polisen utreder."}

    made = client.post(address, {**hidden, "kind": "remove", "ground": "BBS-5e", "is_done": "on", **why})
    there = client.get(made.url)

    (measure,) = moderation.measures(actor)
    assert made.url == reverse("moderation:package_of_measure", args=[measure.uid])
    assert there.context["is_bare"]
    assert "Se den här bilden" not in there.content.decode()


def test_a_decision_sent_twice_is_one_decision(authority, actor, client):
    incoming = a_comment(authority, "Jag ska döda dig")
    client.force_login(person_of(actor))
    address = reverse("inbox:step", args=[incoming.uid, "moderera"])
    form = client.get(address).context["form"]
    sent = {"intent": form["intent"].value(), "seen_version": form["seen_version"].value(), "kind": "remove",
            "ground": "BBS-5a", "is_done": "on", **WHY}  # fmt: skip

    first = client.post(address, sent)
    again = client.post(address, sent)

    assert (first.status_code, again.status_code) == (302, 409)
    assert len(moderation.measures(actor)) == 1


def test_rf_4_the_form_shows_what_was_said_to_the_author_before_in_this_channel(authority, actor, client):
    rule = a_rule(authority, first=Kind.WARN)
    first = a_comment(authority, "Din idiot")
    actions.moderate(actor=actor, uid=first.uid, kind=Kind.WARN, ground=rule.code, reasons="Skällsord.")
    second = a_comment(authority, "Din idiot igen", channel=first.channel)
    client.force_login(person_of(actor))

    page = client.get(reverse("inbox:step", args=[second.uid, "moderera"]))

    assert [measure.kind for measure in page.context["earlier"]] == [Kind.WARN]


def test_sm_18_a_measure_already_made_in_the_app_is_noted_afterwards(authority, actor, client):
    incoming = a_comment(authority, "Jag ska döda dig")
    client.force_login(person_of(actor))
    address = reverse("inbox:step", args=[incoming.uid, "moderera"])
    form = client.get(address).context["form"]
    hidden = {"intent": form["intent"].value(), "seen_version": form["seen_version"].value()}

    client.post(address, {**hidden, "kind": "remove", "ground": "BBS-5a", "is_made": "on", "is_done": "on", **WHY})

    (measure,) = moderation.measures(actor)
    assert (measure.how, measure.state) == (How.IN_APP, MeasureState.CARRIED_OUT)
    assert measure.notice_waived_why == "Gjord i plattformens app."
    assert reread(incoming).outcome == Outcome.MODERATED


def test_a_reminder_is_not_something_made_in_an_app(authority, actor, client):
    incoming, rule = a_comment(authority, "Din idiot"), a_rule(authority, first=Kind.WARN)
    client.force_login(person_of(actor))
    address = reverse("inbox:step", args=[incoming.uid, "moderera"])
    form = client.get(address).context["form"]
    hidden = {"intent": form["intent"].value(), "seen_version": form["seen_version"].value()}

    refused = client.post(address, {**hidden, "kind": "warn", "ground": rule.code, "is_made": "on", **WHY})

    assert "kind" in refused.context["form"].errors
    assert reread(incoming).state == State.OPEN


def test_sm_12_a_block_made_in_the_app_enters_the_register_and_ends(authority, actor):
    incoming = a_comment(authority, "Din idiot")
    rule = a_rule(authority, first=Kind.WARN)

    actions.moderate(
        actor=actor, uid=incoming.uid, kind=Kind.BLOCK, ground=rule.code, is_made=True, block_days=7, **WHY
    )

    (block,) = moderation.blocks(actor)
    assert (block.until_at - block.from_at).days in (6, 7)


def test_sm_18_a_package_for_the_police_tells_what_was_done_in_the_inbox_too(authority, actor):
    incoming = a_comment(authority, "Jag ska döda dig")
    actions.moderate(actor=actor, uid=incoming.uid, kind=Kind.REMOVE, ground="BBS-5a", **WHY)

    made = packages.make_package(actor=actor, item=incoming.item)

    assert ["inbox.incoming", incoming.pk] in made.as_made["subjects"]


def test_the_thread_leads_to_a_package_for_the_police(authority, actor, client):
    incoming = a_comment(authority, "Jag ska döda dig")
    client.force_login(person_of(actor))

    page = client.get(reverse("inbox:thread", args=[incoming.uid])).content.decode()

    assert reverse("moderation:package_of_item", args=[incoming.item.uid]) in page
    assert reverse("moderation:emergency") in page
