"""What screening says names the sentence; what is planned is read again when the rules are newer than its reading."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from narvaro import screening
from narvaro.base import clock
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.core import waiting
from narvaro.core.testing import an_actor, person_of
from narvaro.core.types import Invalid, Role
from narvaro.policy import actions as policy
from narvaro.publishing import actions, queries
from narvaro.publishing.actions.letting_out import let_out_held
from narvaro.publishing.actions.screening_again import hold_what_rules_stop_now
from narvaro.publishing.models import Publication
from narvaro.publishing.queries.checks import sentence_around
from narvaro.publishing.queries.held import standing_words
from narvaro.publishing.types import MessageState, State

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
JUST_BEFORE = datetime(2026, 10, 2, 5, 59, 30, tzinfo=UTC)


@pytest.fixture
def channel(authority, lead):
    return a_channel(authority, responsible=person_of(lead))


@pytest.mark.parametrize(
    ("text", "sentence", "kind"),
    [
        ("Badet öppnar i dag. Frågor om 19121212-1212 tar vi på plats. Välkomna!",
         "Frågor om 19121212-1212 tar vi på plats.", "stops"),
        ("Hej!\nRing 08-465 004 00 om ditt ärende\nHälsningar badet", "Ring 08-465 004 00 om ditt ärende", "stops"),
        ("Hej! Beslutet är fattat, vi avslår din ansökan. Välkommen att ringa oss.",
         "Beslutet är fattat, vi avslår din ansökan.", "asks"),
    ],
)  # fmt: skip
def test_what_stops_or_is_asked_about_says_which_sentence_and_why(lead, text, sentence, kind):
    checks = queries.checks_of(lead, text, kind=screening.Kind.POST)
    told = checks.stops + checks.asks

    assert any(f"”{sentence}”" in each and not each.startswith("”") for each in told), told


@pytest.mark.one_database
def test_a_sentence_without_an_end_is_cut_around_what_was_found():
    text = "ord " * 100 + "här " + "ord " * 100

    assert len(sentence_around(text, 400, 404)) < 160
    assert sentence_around("Hej.", 0, 0) == ""


def test_a_blocked_post_says_the_sentence_keeps_the_text_and_sends_nothing(lead, channel):
    desk, new = signed_in(lead), "/publicerat/nytt/"
    text = "Badet öppnar i dag. Frågor om 19121212-1212 tar vi på plats."

    page = desk.post(new, filled(desk.get(new), text=text, channels=[str(channel.uid)]))

    assert (page.status_code, page.context["form"]["text"].value()) == (422, text)
    assert "Det gäller ”Frågor om 19121212-1212 tar vi på plats.”" in page.content.decode()
    assert not Publication.objects.of(lead).exists()


def planned(lead, channel, text):
    with clock.frozen(MORNING):
        message = actions.save_message(
            actor=lead, text=text, channels={channel: ""}, day=date(2026, 10, 2), clock=time(8, 0)
        )
        actions.send_message(actor=lead, uid=message.uid)


def test_newer_rules_hold_what_they_find_for_a_person_once_and_let_the_rest_go(lead, channel):
    planned(lead, channel, "Gratis fika i biblioteket på lördag.")
    planned(lead, channel, "Sagostund på söndag.")
    with clock.frozen(JUST_BEFORE):
        assert hold_what_rules_stop_now() == 0
        words = policy.add_words(actor=lead, name="Löften", words="gratis fika", heard_in="outgoing", asks=True)
        policy.switch_words(actor=lead, uid=words.uid, on=True)

        assert (hold_what_rules_stop_now(), hold_what_rules_stop_now()) == (1, 0)
        waits = waiting.today(lead)
        held = Publication.objects.of(lead).get(state=State.AWAITING)
        actions.release(actor=lead, publication=held)
        assert hold_what_rules_stop_now() == 0

    assert "reglerna har ändrats" in waits[0].title
    assert "Löften" in held.reason
    assert "”Gratis fika i biblioteket på lördag.”" in held.reason
    assert {row.state for row in Publication.objects.of(lead)} == {State.QUEUED}
    assert waiting.counts(lead) == {}


def test_what_was_asked_about_and_agreed_to_is_not_held_for_the_same_words(lead, channel):
    planned(lead, channel, "Beslutet är fattat, vi avslår din ansökan.")
    words = policy.add_words(actor=lead, name="Annat", words="kaffe", heard_in="outgoing", asks=True)
    policy.switch_words(actor=lead, uid=words.uid, on=True)

    with clock.frozen(JUST_BEFORE):
        assert hold_what_rules_stop_now() == 0


def held_post(lead, channel, words="gratis fika", *, text="Gratis fika i biblioteket på lördag."):
    planned(lead, channel, text)
    made = policy.add_words(actor=lead, name="Löften", words=words, heard_in="outgoing", asks=True)
    policy.switch_words(actor=lead, uid=made.uid, on=True)
    assert hold_what_rules_stop_now() == 1
    return Publication.objects.of(lead).get(state=State.AWAITING)


def test_what_newer_rules_hold_is_read_and_let_out_with_a_reason_on_its_own_page(authority, lead, channel):
    with clock.frozen(JUST_BEFORE):
        held = held_post(lead, channel)
        desk, page = signed_in(lead), f"/publicerat/{held.uid}/"
        listed = desk.get("/publicerat/utkast/?lista=vantar").content.decode()
        planned_list = desk.get("/publicerat/utkast/?lista=planerat").content.decode()
        crisis = desk.get("/moderering/kris/godkanna/").content.decode()
        shown = desk.get(page)
        silent = desk.post(f"{page}slapp/", filled(shown, "let_out_form", why=""), follow=True).content.decode()
        other = an_actor(authority, role=Role.REPRESENTATIVE)
        refused = signed_in(other).post(f"{page}slapp/", filled(shown, "let_out_form", why="Nej."))
        desk.post(f"{page}slapp/", filled(desk.get(page), "let_out_form", why="Fikat är gratis."))

    for each in (listed, shown.content.decode()):
        assert "”Gratis fika i biblioteket på lördag.”" in each
        assert page in each or "Låt det gå ut" in each
    assert "Hålls inne av nya regler" in planned_list
    assert held.text not in crisis
    assert ("ska" in silent, refused.status_code) == (True, 403)
    row = Publication.objects.of(lead).get()
    assert (row.state, row.release_why) == (State.QUEUED, "Fikat är gratis.")


def test_gdpr_7_what_the_rules_stop_is_never_let_out_as_it_stands_and_mended_it_is_a_draft_again(lead, channel):
    with clock.frozen(JUST_BEFORE):
        held = held_post(lead, channel)
        Publication.objects.of(lead).filter(pk=held.pk).update(text="Fråga 19121212-1212.")
        with pytest.raises(Invalid, match="Ändra det först"):
            let_out_held(actor=lead, uid=held.uid, why="Ändå.")
        assert signed_in(lead).get(f"/publicerat/{held.uid}/").context["let_out_form"] is None
        message = queries.messages(lead, MessageState.PLANNED)[0]
        actions.save_message(actor=lead, uid=message.uid, text="Fika på lördag.", channels={channel: ""})

    assert not Publication.objects.of(lead).filter(state=State.AWAITING).exists()
    assert waiting.counts(lead) == {}


def test_a_message_says_whether_it_is_planned_on_its_way_or_sent(lead, channel):
    planned(lead, channel, "Sagostund på söndag.")
    message, publication = queries.messages(lead, MessageState.PLANNED)[0], Publication.objects.of(lead).get()
    words = []
    with clock.frozen(MORNING):
        words.append(standing_words(message, [publication]))
    with clock.frozen(JUST_BEFORE + timedelta(minutes=2)):
        words.append(standing_words(message, [publication]))
        publication.state = State.DELIVERED
        words.append(standing_words(message, [publication]))

    assert [str(each) for each in words] == ["Planerat", "På väg ut", "Skickat"]
