"""What a guideline says about words to whoever wrote: offered, or the reason why nothing is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from narvaro.base import clock
from narvaro.channels.testing import a_channel
from narvaro.channels.types import Platform
from narvaro.core.testing import an_actor, person_of
from narvaro.core.types import Actor, Invalid, Role
from narvaro.inbox import actions as inbox_actions
from narvaro.inbox import queries as inbox
from narvaro.inbox.testing import a_comment, reread
from narvaro.media import queries as pictures
from narvaro.moderation import actions as moderation
from narvaro.moderation import rules
from narvaro.policy import actions
from narvaro.policy import queries as policy
from narvaro.policy.testing import a_rule
from narvaro.policy.types import Measure as Kind
from narvaro.publishing.models import Publication

pytestmark = pytest.mark.django_db

BY_GUIDELINE = "Enligt riktlinjen får den som skrev inget besked."


@pytest.fixture
def lead(authority) -> Actor:
    return an_actor(authority, role=Role.COMMUNICATIONS_LEAD)


def in_force(lead: Actor, **values: Any) -> None:
    row = actions.begin_guideline(actor=lead)
    actions.fill_in(
        actor=lead, uid=row.uid, title=row.title, adopting_body="KS", revising_body="KS", values=values
    )  # fmt: skip
    actions.adopt_guideline(
        actor=lead, uid=row.uid, body="KS", decided_on=clock.today(), paragraph="1", in_force_on=clock.today()
    )


def page_of(lead: Actor, comment) -> str:
    browser = Client()
    browser.force_login(person_of(lead))
    return browser.get(reverse("inbox:thread", args=[comment.uid])).content.decode()


def test_fl_2_a_late_question_offers_a_word_that_it_is_seen_and_no_machine_sends_it(authority, lead):
    in_force(lead, acknowledge_if_late=True)
    comment = a_comment(authority)
    in_time = inbox.thread_page(lead, comment.uid)

    with clock.frozen(comment.due_at + timedelta(minutes=1)):
        late, page = inbox.thread_page(lead, comment.uid), page_of(lead, comment)
        untouched = Publication.objects.of(lead).count()
        inbox_actions.acknowledge(actor=lead, uid=comment.uid)
        told = inbox.thread_page(lead, comment.uid)

    assert (in_time.offers_seen, late.offers_seen, told.offers_seen) == (False, True, False)
    assert in_time.token != late.token  # whoever has the page open is shown it too
    assert 'id="tell-seen"' in page
    assert reverse("inbox:step", args=[comment.uid, "sett"]) in page
    assert untouched == 0
    assert reread(comment).done_at is None  # the question still waits for its answer


def test_fl_2_where_the_guideline_says_no_the_word_is_not_offered(authority, lead):
    in_force(lead, acknowledge_if_late=False)
    comment = a_comment(authority)

    with clock.frozen(comment.due_at + timedelta(minutes=1)):
        page = page_of(lead, comment)

    assert 'id="tell-seen"' not in page
    assert reverse("inbox:step", args=[comment.uid, "sett"]) not in page


def test_fl_2_what_is_urgent_is_never_put_off_with_such_a_word(authority, lead):
    comment = a_comment(authority, "Jag orkar inte leva längre, jag tänker ta mitt liv i kväll")

    with clock.frozen(clock.now() + timedelta(days=9)):
        page = inbox.thread_page(lead, comment.uid)

    assert page.incoming.urgency
    assert not page.offers_seen


@pytest.mark.parametrize("tells", [True, False])
def test_fl_1_the_guideline_is_the_reason_why_nobody_is_told_and_stands_in_the_record(authority, lead, tells):
    in_force(lead, notify_author_on_removal=tells)
    threat = a_comment(authority, "Jag ska slå dig på käften i morgon")

    made = inbox_actions.moderate(
        actor=lead, uid=threat.uid, kind=Kind.REMOVE, ground="BBS-5a", reasons="Ett hot."
    ).measure  # fmt: skip

    assert bool(made.notice) is tells
    assert made.notice_waived_why == ("" if tells else BY_GUIDELINE)


def test_fl_1_whoever_wants_to_tell_all_the_same_does(authority, lead):
    in_force(lead, notify_author_on_removal=False)
    threat = a_comment(authority, "Jag ska slå dig på käften i morgon")

    made = inbox_actions.moderate(
        actor=lead, uid=threat.uid, kind=Kind.HIDE, ground="BBS-5a", reasons="Ett hot.", notice="Vi har dolt den."
    ).measure

    assert made.notice == "Vi har dolt den."


@pytest.mark.parametrize(("kind", "values"), [
    (Kind.HIDE, {}), (Kind.WARN, {}), (Kind.BLOCK, {"why_stricter": "Hotar.", "block_days": 7}),
])  # fmt: skip
def test_fl_9_a_decision_of_our_own_choice_is_told_of_whatever_the_guideline_says(authority, lead, kind, values):
    in_force(lead, notify_author_on_removal=False)
    rule = a_rule(authority, first=Kind.HIDE)
    comment = a_comment(authority, "Du är dum.")
    given = {"actor": lead, "kind": kind, "ground": rule.code, "reasons": "Påhopp.", **values}

    with pytest.raises(Invalid) as refused:
        moderation.decide_measure(item=comment.item, **given)
    made = inbox_actions.moderate(uid=comment.uid, **given).measure

    assert refused.value.field == "notice"
    assert made.notice


def test_dsa_2_at_a_place_that_may_be_our_own_forum_whoever_wrote_is_told_why(authority, lead):
    in_force(lead, notify_author_on_removal=False)
    own = a_comment(authority, "Jag ska slå dig", channel=a_channel(authority, platform=Platform.MANUAL))

    with pytest.raises(Invalid):
        moderation.decide_measure(actor=lead, item=own.item, kind=Kind.REMOVE, ground="BBS-5a", reasons="Ett hot.")

    ground = policy.ground_for(lead, "BBS-5a", own.channel_id)
    assert rules.owes_notice(Kind.REMOVE, ground, Platform.MANUAL)
    assert not rules.owes_notice(Kind.REMOVE, ground, Platform.MASTODON)


def test_gdpr_8_the_guideline_decides_under_which_age_guardians_consent_to_a_childs_picture(lead):
    before = pictures.child_age(lead)

    in_force(lead, image_consent_child_age=12)

    assert (before, pictures.child_age(lead)) == (15, 12)
