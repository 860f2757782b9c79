"""How it went with what is out: said in a few words, beside what is known of it without knowing anything of anybody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from narvaro.base import clock
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.connectors.port import Published, Visibility
from narvaro.core import audit
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.decisions.types import Outcome
from narvaro.links import actions as links
from narvaro.links import queries as known_links
from narvaro.plans import actions as plans
from narvaro.plans.models import Plan
from narvaro.plans.testing import answers, exact
from narvaro.publishing import actions, queries
from narvaro.publishing.actions.evaluation import evaluate_message
from narvaro.publishing.models import Publication
from narvaro.publishing.queries import evaluation
from narvaro.publishing.rules.evaluation import figure_words, half_within, wait_words
from narvaro.records import actions as records
from narvaro.records.testing import a_kept, an_item

GOAL = "200 anmälningar till sagostunden före juni."


@pytest.mark.one_database
def test_answers_are_told_by_the_half_that_came_first_and_figures_are_sentences():
    assert half_within([]) is None
    assert half_within([60, 7200, 180, -5]) == 120
    assert [wait_words(each) for each in (4, 1799, 5400, 60 * 3600)] == ["1 min", "29 min", "2 tim", "2 dagar"]
    assert figure_words({}) == ["Inga kommentarer har kommit."]
    assert figure_words({
        "comments": 3, "answered": 2, "answer_seconds": 1800, "gone": 1, "links": 1, "clicks": 12, "corrections": 1,
        "channels": [{"name": "Biblioteket", "likes": 4, "replies": 0}, {"name": "Tyst"}],
    }) == [
        "3 kommentarer har kommit. 2 är besvarade, hälften inom 30 min.",
        "Biblioteket: 4 gilla-markeringar, 0 svar enligt plattformen.",
        "Korta länkar följdes 12 gånger.", "1 rättelse.", "1 kommentar finns inte kvar på plattformen.",
    ]  # fmt: skip


def out(actor, channel, text="Sagostund på lördag.", **values):
    """Return a message that the platform has taken, under the name of its text."""
    actor_message = actions.save_message(actor=actor, text=text, channels={channel: ""}, purpose="crisis", **values)
    sent = actions.send_message(actor=actor, uid=actor_message.uid)
    shown(actor, text)
    return sent


def shown(actor, text):
    Publication.objects.of(actor).filter(state="queued").update(not_before=clock.now())
    attempt = actions.claim_attempt()
    item = an_item(text, remote_id=text, is_own=True)
    actions.store_outcome(attempt, Published(item))


def beneath(authority, channel, root, text, **values):
    return a_kept(
        authority, text, channel=channel, root_remote_id=root, parent_remote_id=values.pop("under", root), **values
    )


@pytest.mark.django_db
def test_gdpr_1_what_is_known_is_counted_and_kept_beside_what_was_learned(authority, lead, channel):
    link = links.make_link(actor=lead, target="https://www.storkoping.example/sagor", agreed=True)
    text = f"Sagostund på lördag. {known_links.address_of(link)}"
    message = out(lead, channel, text)
    now = clock.now()
    asked = [beneath(authority, channel, text, f"Fråga {n}", at=now - timedelta(hours=2)) for n in range(4)]
    beneath(authority, channel, text, "Hemligt", visibility=Visibility.PRIVATE)
    actions.publish_answer(actor=lead, item=asked[0], text="Klockan tio.")
    shown(lead, "Klockan tio.")
    at = now - timedelta(hours=1)
    beneath(authority, channel, text, "Gratis.", under=asked[1].remote_id, is_own=True, at=at)
    records.store_counts(channel=channel, items=[an_item(remote_id=text, counts={"likes": 7, "views": 900})])
    links.clicks.add(link)

    first = evaluate_message(actor=lead, uid=message.uid, went="partly", wanted="Fler ska komma.", seen_version=0)
    second = evaluate_message(actor=lead, uid=message.uid, went="as_wanted", wanted="Fler ska komma.", learned="Bra.")

    assert first.figures | {"answer_seconds": 0} == {
        "comments": 4, "gone": 0, "answered": 2, "answer_seconds": 0, "links": 1, "clicks": 1, "corrections": 0,
        "taken_away": 0, "channels": [{"name": channel.name, "likes": 7}],
    }  # fmt: skip
    assert 3600 < first.figures["answer_seconds"] < 7300
    known = evaluation.evaluated(lead, message, queries.channels_of(lead, message))
    assert [each.content["went"] for each in known.versions] == ["as_wanted", "partly"]
    assert second.version == 2
    told = str(audit.timeline(lead, message))
    assert "utvärderade inlägget" in told
    assert "ändrade utvärderingen" in told


@pytest.mark.django_db
def test_only_what_is_out_is_evaluated_and_only_by_those_who_may_post_there(authority, lead, channel):
    message = out(lead, channel)
    draft = actions.save_message(actor=lead, text="Utkast", channels={channel: ""})
    values = {"uid": message.uid, "went": "not", "wanted": "Fler."}

    with pytest.raises(NotPermitted):
        evaluate_message(actor=an_actor(authority, role=Role.AUDITOR), **values)
    with pytest.raises(NotFound):
        evaluate_message(actor=an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD), **values)
    for wrong in ({"uid": draft.uid}, {"wanted": " "}, {"went": "superb"}, {"goal": "Ett eget mål"}):
        with pytest.raises(Invalid):
            evaluate_message(actor=lead, **{**values, **wrong})
    evaluate_message(actor=lead, **values, seen_version=0)
    with pytest.raises(Stale):
        evaluate_message(actor=lead, **values, seen_version=0)

    assert evaluation.counted_by_went(lead) == {"as_wanted": 0, "partly": 0, "not": 1}


@pytest.mark.django_db
def test_a_goal_of_the_plan_is_chosen_and_a_campaigns_messages_are_seen_together(
    authority, lead, channel, django_assert_max_num_queries
):
    plan = plans.write_plan(actor=lead, channel=channel, answers=answers(goals=[GOAL]))
    plans.decide_plan(actor=lead, uid=plan.uid, outcome=Outcome.APPROVED, seen_hash=exact(lead, plan))
    campaign = actions.save_label(actor=lead, name="Läs mer", kind="campaign")
    marked, other = out(lead, channel, "=HYPERLÄNK", marks=[campaign]), out(lead, channel, "Öppet i dag.")
    evaluate_message(actor=lead, uid=other.uid, went="not", wanted="Annat.")
    client = signed_in(lead)
    address = reverse("publishing:message", args=[marked.uid])

    with django_assert_max_num_queries(12):
        page = client.get(address)
    unsaid = client.post(f"{address}utvardera/", filled(page, "evaluation_form", went="", goal=GOAL))
    saved = client.post(f"{address}utvardera/", filled(page, "evaluation_form", went="partly", goal=GOAL))
    together = client.get(reverse("publishing:label", args=[campaign.uid])).content.decode()
    with django_assert_max_num_queries(12):
        all_of_them = client.get(reverse("publishing:evaluations")).content.decode()
    of_one_way = client.get(f"{reverse('publishing:evaluations')}?gick=not").content.decode()
    table = client.get(f"{reverse('publishing:evaluations_csv')}?etikett={campaign.uid}").content.decode()

    assert Plan.objects.of(lead).get().in_force == 1
    assert unsaid.status_code == 422
    assert "Välj hur det gick." in unsaid.content.decode()
    assert saved.status_code == 302
    assert GOAL in together
    assert "Öppet i dag." not in together
    assert "HYPERLÄNK" in all_of_them
    assert "Öppet i dag." in all_of_them
    assert "HYPERLÄNK" not in of_one_way
    assert table.count("\r\n") == 2
    assert "'=HYPERLÄNK" in table
