"""The learner: off until a person says so, learns what people decide, suggests beside the work, or keeps silent."""

from __future__ import annotations

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from narvaro.channels.tests.pages import signed_in
from narvaro.connectors.port import Kind, Visibility
from narvaro.core import audit, jobs
from narvaro.core.testing import a_unit, an_actor, an_authority
from narvaro.core.types import NotFound, NotPermitted, Role, Stale
from narvaro.inbox import actions, learning, queries, rules, tasks
from narvaro.inbox.models import Incoming, Learner, Suggestion, Training
from narvaro.inbox.testing import a_comment, reread, take_in
from narvaro.inbox.types import List, NotNow, Outcome, Standing
from narvaro.moderation import actions as moderation
from narvaro.policy.types import Measure
from narvaro.records import actions as records
from narvaro.records.testing import a_page, an_item
from narvaro.screening import learner as screening_learner
from narvaro.screening.learner import Class

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.seldom]

PLACES = ("simhallen", "biblioteket", "älgparken", "skolan", "bussen", "snöröjningen", "torget", "ishallen")
SAID = {
    Class.TRIVIAL: ("Tack för bilden från {}", "Vad fint det blev vid {}", "Heja {}, härligt jobbat"),
    Class.ANSWER: ("När öppnar {}", "Vad kostar {} för barn", "Vem ansvarar för {}"),
}
BATCHES, IN_A_BATCH = 5, 50


@pytest.fixture(autouse=True)
def once(monkeypatch):
    """Learn in a process of its own, as always, but of the same decisions only once: they teach the same."""
    real = screening_learner.learn_apart

    def remembered(stream):
        asked = tuple(stream)
        if asked not in _LEARNT:
            _LEARNT[asked] = real(stream)
        return _LEARNT[asked]

    monkeypatch.setattr(screening_learner, "learn_apart", remembered)


_LEARNT: dict[tuple[screening_learner.Decision, ...], screening_learner.Learnt] = {}


def decided(authority, lead, channel, *, noise: bool = False, batches: int = BATCHES) -> None:
    """Let a town write, and its people decide, a batch at a time: as one expects, or at random."""
    chance = random.Random(7)
    for _ in range(batches):
        became = [chance.choice(list(SAID)) for _ in range(IN_A_BATCH)]
        shown = [chance.choice(list(SAID)) for _ in became] if noise else became
        items = [an_item(chance.choice(SAID[each]).format(chance.choice(PLACES))) for each in shown]
        records.capture(channel=channel, page=a_page(*items))
        take_in(authority)
        rows = Incoming.objects.of(lead).filter(done_at=None).select_related("item")
        of = {row.item.remote_id: row.uid for row in rows}
        for kind, outcome in ((Class.TRIVIAL, Outcome.NO_ANSWER_NEEDED), (Class.ANSWER, Outcome.ANSWERED_BY_OTHER)):
            uids = [of[item.remote_id] for item, each in zip(items, became, strict=True) if each == kind]
            actions.close_many(actor=lead, uids=uids, outcome=outcome)


def learnt(authority, lead, channel, **values) -> Training | None:
    decided(authority, lead, channel, **values)
    actions.switch_learner(actor=lead, on=True)
    tasks.suggest.call()
    return learning.latest_training(lead)


def suggested(actor, incoming) -> str:
    found = queries.thread_page(actor, incoming.uid).suggestion
    return found.suggested if found else ""


# --- Learning --------------------------------------------------------------------------------------------------------


def test_it_learns_what_people_decide_and_suggests_about_what_comes(authority, lead, channel):
    training = learnt(authority, lead, channel)

    question = a_comment(authority, "När öppnar ishallen", channel=channel)
    praise = a_comment(authority, "Tack för bilden från torget", channel=channel)
    tasks.suggest.call()

    assert (training.learnt_from, training.held_out) == (200, 50)
    assert training.right > 1.4 * training.guessing
    assert learning.overview(lead).standing == Standing.SPEAKS
    assert suggested(lead, question) == "answer"
    assert suggested(lead, praise) == "trivial"


def test_a_suggestion_changes_nothing_about_the_item(authority, lead, channel):
    learnt(authority, lead, channel)
    incoming = a_comment(authority, "När öppnar ishallen", channel=channel)
    listed = [card.incoming.pk for card in queries.list_page(lead, List.ALL).cards]
    before = Incoming.objects.of(lead).filter(pk=incoming.pk).values().get()

    tasks.suggest.call()

    assert suggested(lead, incoming)
    assert Incoming.objects.of(lead).filter(pk=incoming.pk).values().get() == before
    assert [card.incoming.pk for card in queries.list_page(lead, List.ALL).cards] == listed


def test_noise_keeps_it_silent_and_the_page_says_why(authority, lead, channel):
    training = learnt(authority, lead, channel, noise=True)
    incoming = a_comment(authority, "När öppnar ishallen", channel=channel)
    tasks.suggest.call()

    page = signed_in(lead).get(reverse("inbox:learner")).content.decode()

    assert not training.is_better
    assert suggested(lead, incoming) == ""
    assert "inte bättre än en gissning" in page


def test_too_few_decisions_teach_nothing_and_the_page_counts_what_is_missing(authority, lead, channel):
    assert learnt(authority, lead, channel, batches=3) is None

    seen = learning.overview(lead)
    assert (seen.standing, seen.missing) == (Standing.TOO_FEW, (50, 0))
    assert "Det behövs 50 beslut till" in signed_in(lead).get(reverse("inbox:learner")).content.decode()
    assert seen.row.wanted_at is None


def test_what_was_moderated_is_learnt_as_such_until_it_is_taken_back(authority, lead, channel):
    kept, undone = (a_comment(authority, f"Köp billiga klockor {n}", channel=channel) for n in (1, 2))
    for each in (kept, undone):
        made = actions.moderate(actor=lead, uid=each.uid, kind=Measure.HIDE, ground="BBS-5a", reasons="Hot mot någon.")
    moderation.undo_measure(actor=lead, uid=made.measure.uid, why="Det var inget hot.")

    assert [each.became for each in learning.decisions(lead)] == [Class.MODERATOR]


@pytest.mark.parametrize(
    "outcome", [Outcome.TO_REGISTRAR, Outcome.TO_OTHER_AUTHORITY, Outcome.LEFT, Outcome.GONE, Outcome.BEFORE_OPERATION]
)
def test_what_went_elsewhere_says_nothing_of_what_it_was(outcome):
    assert rules.became(outcome=outcome, is_measured=False) == ""


def test_bbs_10_tf_4_sealed_private_and_urgent_items_are_neither_learnt_from_nor_suggested_about(
    authority, lead, channel
):
    learnt(authority, lead, channel)
    count = len(learning.decisions(lead))
    sealed = a_comment(authority, "När öppnar ishallen i kväll", channel=channel)
    private = a_comment(
        authority, "När öppnar ishallen", channel=channel, visibility=Visibility.PRIVATE, kind=Kind.MESSAGE
    )
    urgent = a_comment(authority, "Jag orkar inte leva längre, jag ska ta livet av mig", channel=channel)
    records.seal_item(actor=lead, item=sealed.item, why="Prövas.")

    tasks.suggest.call()
    assert reread(urgent).urgency
    assert [suggested(lead, each) for each in (sealed, private, urgent)] == ["", "", ""]
    actions.close_many(actor=lead, uids=[each.uid for each in (sealed, private, urgent)], outcome="no_answer_needed")

    assert len(learning.decisions(lead)) == count


def test_gdpr_7_neither_identity_numbers_nor_whoever_wrote_are_read(authority, lead, channel):
    incoming = a_comment(authority, "Hej, En medborgare här: 19811218-9876, när öppnar ni?", channel=channel)
    actions.close_many(actor=lead, uids=[incoming.uid], outcome="no_answer_needed")

    (read,) = learning.decisions(lead)

    assert "medborgare" not in read.words
    assert "¤nummer" in read.words
    assert not any(sign in read.words for sign in "123456789")


# --- Being right, and being silent -----------------------------------------------------------------------------------


def test_how_often_it_was_right_is_counted_as_people_decide_and_stands_with_each_suggestion(authority, lead, channel):
    training = learnt(authority, lead, channel)
    rows = [a_comment(authority, f"När öppnar {place}", channel=channel) for place in PLACES * 4]
    tasks.suggest.call()
    client = signed_in(lead)
    first = client.get(reverse("inbox:thread", args=[rows[-1].uid])).content.decode()

    actions.close_many(actor=lead, uids=[row.uid for row in rows[:8]], outcome="no_answer_needed")
    actions.close_many(actor=lead, uids=[row.uid for row in rows[8:-1]], outcome="answered_by_other")
    tasks.suggest.call()

    again = client.get(reverse("inbox:thread", args=[rows[-1].uid])).content.decode()
    listed = client.get(reverse("inbox:inbox") + "?lista=alla").content.decode()
    page = client.get(reverse("inbox:learner")).content.decode()
    assert f"av {training.held_out} när det prövades" in first
    assert "Förslag: behöver svar. Rätt i 74\u00a0% av de senaste 31." in again
    assert "Förslag: behöver svar. Rätt i 74\u00a0% av de senaste 31." in listed
    assert "Av de senaste 31 förslagen blev 23 som ni sedan beslutade" in page


def test_where_people_come_to_decide_otherwise_it_falls_silent(authority, lead, channel):
    learnt(authority, lead, channel)
    rows = [a_comment(authority, f"När öppnar {place}", channel=channel) for place in PLACES * 7]
    tasks.suggest.call()

    actions.close_many(actor=lead, uids=[row.uid for row in rows[1:]], outcome="no_answer_needed")
    tasks.suggest.call()

    assert learning.overview(lead).standing == Standing.SILENT
    assert suggested(lead, rows[0]) == ""


def test_a_suggestion_is_not_shown_on_what_is_done(authority, lead, channel):
    learnt(authority, lead, channel)
    incoming = a_comment(authority, "När öppnar ishallen", channel=channel)
    tasks.suggest.call()

    actions.mark_no_answer_needed(actor=lead, uid=incoming.uid)

    assert suggested(lead, incoming) == ""


def test_a_sealed_items_suggestion_is_gone_at_once_and_weeded_within_the_hour(authority, lead, channel):
    learnt(authority, lead, channel)
    incoming = a_comment(authority, "När öppnar ishallen", channel=channel)
    tasks.suggest.call()
    before = suggested(lead, incoming)
    records.seal_item(actor=lead, item=incoming.item, why="Prövas.")
    at_once = suggested(lead, incoming)

    tasks.weed_suggestions.call()

    assert (before, at_once) == ("answer", "")
    assert not Suggestion.objects.of(lead).filter(incoming=incoming).exists()


# --- People decide about it ------------------------------------------------------------------------------------------


def test_nothing_is_learnt_or_suggested_until_somebody_switches_it_on(authority, lead, channel):
    decided(authority, lead, channel)

    tasks.learn.call()
    tasks.suggest.call()

    assert not queries.is_any_learner_on()
    assert learning.overview(lead).standing == Standing.OFF
    assert not Training.objects.of(lead).exists()


def test_switched_on_it_is_looked_after_by_a_worker_and_switched_off_it_is_silent(authority, lead, channel):
    decided(authority, lead, channel)
    incoming = a_comment(authority, "När öppnar ishallen", channel=channel)
    actions.switch_learner(actor=lead, on=True)

    tasks.start_suggesting.call()
    jobs.run_until_idle()

    assert suggested(lead, incoming) == "answer"
    actions.switch_learner(actor=lead, on=False)
    assert suggested(lead, incoming) == ""
    assert learning.overview(lead).standing == Standing.OFF


def test_it_learns_again_every_week_and_when_asked_and_keeps_the_figures_alone(authority, lead, channel):
    learnt(authority, lead, channel)

    tasks.learn.call()
    actions.ask_to_learn(actor=lead)
    tasks.suggest.call()
    tasks.suggest.call()

    rows = Training.objects.of(lead).order_by("number")
    assert [(row.number, row.weights is None) for row in rows] == [(1, True), (2, True), (3, False)]
    assert bytes(rows[2].weights)
    assert "inbox.learn" in [entry.verb for entry in audit.history(lead, learning.learner_of(lead))]


def test_deleting_leaves_nothing_but_the_log(authority, lead, channel):
    learnt(authority, lead, channel)
    a_comment(authority, "När öppnar ishallen", channel=channel)
    tasks.suggest.call()
    row = learning.learner_of(lead)

    actions.delete_learner(actor=lead)

    for table in (Learner, Training, Suggestion):
        assert not table.objects.of(lead).exists()
    assert next(entry.verb for entry in audit.history(lead, row)) == "inbox.delete_learner"
    assert learning.overview(lead).standing == Standing.OFF
    with pytest.raises(NotFound):
        actions.delete_learner(actor=lead)


def test_what_was_learnt_while_somebody_deleted_it_is_not_stored(authority, lead, channel, monkeypatch):
    decided(authority, lead, channel)
    actions.switch_learner(actor=lead, on=True)
    real = screening_learner.learn_apart

    def meanwhile(stream):
        actions.delete_learner(actor=lead)
        return real(stream)

    monkeypatch.setattr(screening_learner, "learn_apart", meanwhile)
    actions.learn(authority=authority)

    assert not Training.objects.of(lead).exists()


def test_only_who_leads_communications_or_administers_decides_about_it(authority):
    unit = a_unit(authority, "Gatukontoret")
    for role, where in ((Role.REPRESENTATIVE, unit), (Role.UNIT_MANAGER, unit), (Role.AUDITOR, None)):
        actor = an_actor(authority, role=role, unit=where)
        with pytest.raises(NotPermitted):
            actions.switch_learner(actor=actor, on=True)
    actions.switch_learner(actor=an_actor(authority, role=Role.ADMINISTRATOR), on=True)
    assert queries.is_any_learner_on()


def test_what_somebody_else_has_switched_is_not_switched_unseen(lead):
    actions.switch_learner(actor=lead, on=True, seen_version=0)

    with pytest.raises(Stale):
        actions.switch_learner(actor=lead, on=False, seen_version=0)


def test_another_authoritys_decisions_and_learner_are_not_ours(authority, lead, channel):
    other = an_authority("Lillköping")
    elsewhere = an_actor(other, role=Role.COMMUNICATIONS_LEAD)
    learnt(authority, lead, channel)

    assert learning.decisions(elsewhere) == []
    assert learning.overview(elsewhere).standing == Standing.OFF
    with pytest.raises(NotFound):
        actions.delete_learner(actor=elsewhere)


def test_without_the_extra_the_page_says_how_it_is_installed(lead, monkeypatch):
    monkeypatch.setattr(screening_learner, "find_spec", lambda name: None)

    page = signed_in(lead).get(reverse("inbox:learner")).content.decode()

    assert "make install-learner" in page
    assert "Slå på" not in page
    with pytest.raises(NotNow):
        actions.switch_learner(actor=lead, on=True)


def test_learning_that_fails_is_told_and_loses_nothing(authority, lead, channel, monkeypatch):
    learnt(authority, lead, channel)

    def fails(stream):
        raise screening_learner.LearningFailed("exit code -9")

    monkeypatch.setattr(screening_learner, "learn_apart", fails)
    tasks.learn.call()

    seen = learning.overview(lead)
    assert seen.row.trouble == "exit code -9"
    assert seen.standing == Standing.SPEAKS


# --- Pages -----------------------------------------------------------------------------------------------------------


def test_it_is_switched_on_asked_to_learn_and_deleted_on_its_page(authority, lead, channel):
    client, page = signed_in(lead), reverse("inbox:learner")
    decided(authority, lead, channel)

    def send(name: str):
        form = client.get(page).context["form"]
        sent = {"intent": form["intent"].value(), "seen_version": form["seen_version"].value()}
        return client.post(reverse(name), sent, follow=True).content.decode()

    on = send("inbox:switch_learner_on")
    tasks.suggest.call()
    asked = send("inbox:ask_to_learn")
    tasks.suggest.call()
    with CaptureQueriesContext(connection) as spent:
        shown = client.get(page).content.decode()
    off = send("inbox:switch_learner_off")
    gone = reverse("inbox:delete_learner")
    deleted = client.post(gone, {"intent": client.get(gone).context["fields"][0][1]}, follow=True).content.decode()

    assert "Förslagen är på." in on
    assert "lär om inom någon minut" in asked
    assert "prövades på de 50 nyaste" in shown
    assert "Tidigare inlärningar" in shown
    assert len(spent) <= 12
    assert "Förslagen är avstängda." in off
    assert "är raderat" in deleted
    assert not Learner.objects.of(lead).exists()


def test_who_only_reads_sees_the_figures_and_no_buttons(authority):
    reader = an_actor(authority, role=Role.AUDITOR)

    page = signed_in(reader).get(reverse("inbox:learner"))

    assert page.status_code == 200
    assert "Slå på" not in page.content.decode()
    assert signed_in(reader).get(reverse("inbox:delete_learner")).status_code == 403


def test_switching_twice_with_one_form_is_done_once(lead):
    client = signed_in(lead)
    form = client.get(reverse("inbox:learner")).context["form"]
    sent = {"intent": form["intent"].value(), "seen_version": form["seen_version"].value()}

    answers = [client.post(reverse("inbox:switch_learner_on"), sent).status_code for _ in range(2)]

    assert answers == [302, 409]
