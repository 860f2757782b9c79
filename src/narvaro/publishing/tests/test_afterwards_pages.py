"""Corrections, what was found outside, acts in our name and what is left: through actions and pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from narvaro.base import clock
from narvaro.channels.models import SecurityIncident
from narvaro.connectors.afterwards import Deed as Act
from narvaro.connectors.afterwards import Done, Target
from narvaro.connectors.port import Allowance, Published, Refused, Unknown
from narvaro.core import ledger, waiting
from narvaro.core.testing import an_actor, person_of
from narvaro.core.types import Invalid, NotPermitted, Role, Stale
from narvaro.publishing import actions, neutrality, queries, tasks
from narvaro.publishing.actions import acting, correcting, outside, quotas
from narvaro.publishing.models import Outside, Publication
from narvaro.publishing.queries import afterwards
from narvaro.publishing.types import Purpose, State
from narvaro.publishing.types.afterwards import DeedState, Found, Harm, Means
from narvaro.records import actions as records
from narvaro.records.testing import a_kept, a_page, an_item
from narvaro.records.types import Source

pytestmark = pytest.mark.django_db
WRONG, RIGHT = "Badet öppnar klockan 8.", "Badet öppnar klockan 18, inte 8."
AGREED = [each.key for each in neutrality.QUESTIONS]
NEIGHBOUR = Target("grann-1", False, "grannen@social.example", "Vi samarbetar om badet.", "https://social.example/1")


class Neighbours:
    """A platform in memory where an account likes, reposts and follows; an answer may be lost."""

    def __init__(self) -> None:
        self.stand: set[str] = set()
        self.calls = 0
        self.is_lost = False

    def find(self, _account: object, address: str) -> Target | None:
        return NEIGHBOUR if address == NEIGHBOUR.url else None

    def act(self, _account: object, _deed: Act, target: Target, _key: str) -> Done | Refused | Unknown:
        self.calls += 1
        self.stand.add(target.remote_id)
        return Unknown("Inget svar") if self.is_lost else Done()

    def take_back(self, _account: object, _deed: Act, target: Target, _key: str) -> Done | Refused | Unknown:
        self.calls += 1
        self.stand.discard(target.remote_id)
        return Done()

    def stands(self, _account: object, _deed: Act, target: Target, _key: str) -> bool:
        return target.remote_id in self.stand


@pytest.fixture
def neighbours(monkeypatch):
    """Give a platform on which one can act."""
    from narvaro.publishing.views import afterwards as pages

    platform = Neighbours()
    for place in (tasks, afterwards, pages):
        monkeypatch.setattr(place, "connector", lambda _name: platform)
    return platform


def signed_in(actor):
    client = Client()
    client.force_login(person_of(actor), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def later(minutes: float, *done) -> None:
    with clock.frozen(clock.now() + timedelta(minutes=minutes)):
        for each in done:
            each.call()


def sent(actor, publication, remote_id):
    """Let a publication be delivered as a platform tells it."""
    Publication.objects.of(actor).filter(pk=publication.pk).update(not_before=clock.now())
    attempt = actions.claim_attempt()
    found = an_item(publication.text, remote_id=remote_id, is_own=True)
    actions.store_outcome(attempt, Published(found))
    return queries.publication_for(actor, publication.uid)


def answered(lead, channel, authority, thread):
    """Return a wrong answer in a thread where somebody else was answered too, and that somebody's question."""
    first, second = (
        a_kept(authority, text, channel=channel, root_remote_id=thread, parent_remote_id=thread)
        for text in ("När öppnar badet?", "Och på söndag?")
    )
    sent(lead, actions.publish_answer(actor=lead, item=second, text="Samma tid."), f"{thread}-2")
    return sent(lead, actions.publish_answer(actor=lead, item=first, text=WRONG), f"{thread}-1"), first, second


def test_a_correction_is_seen_told_to_those_answered_and_both_wordings_stay(authority, lead, channel):
    wrong, first, second = answered(lead, channel, authority, "trad-1")
    client = signed_in(lead)
    address = reverse("publishing:correct", args=[wrong.uid])
    page = client.get(address)
    intent = str(page.context["form"]["intent"].value())
    values = {"intent": intent, "seen_version": "1", "text": RIGHT, "means": "answer", "tell": [str(second.uid)]}

    unthought = client.post(address, values)
    done = client.post(address, {**values, "gone_through": "on"})
    again = client.post(address, {**values, "gone_through": "on"})

    assert (unthought.status_code, done.status_code, again.status_code) == (422, 302, 409)
    (row,) = afterwards.corrections_of(lead, wrong)
    assert (row.answer.answers_id, row.answer.text, row.answer.purpose) == (first.pk, RIGHT, Purpose.CORRECTION)
    told = Publication.objects.of(lead).filter(together=row.together)
    assert [(each.answers_id, each.text) for each in told] == [(second.pk, RIGHT)]
    assert row.wrong_version == 1
    assert WRONG in client.get(reverse("publishing:publication", args=[wrong.uid])).content.decode()


def test_gdpr_3_personal_data_begin_an_incident_secrecy_is_registered_and_who_was_violated_is_answered(
    authority, lead, channel
):
    wrong, first, _second = answered(lead, channel, authority, "trad-2")
    harm = [each.value for each in Harm]
    with pytest.raises(Invalid):
        correcting.correct(actor=lead, publication=wrong, means=Means.ANSWER, text=RIGHT, harm=harm)

    row = correcting.correct(
        actor=lead, publication=wrong, means=Means.ANSWER, text=RIGHT, harm=harm,
        violated=correcting.Violated(item_uid=first.uid, text="Förlåt. Det var fel av oss."),
    )  # fmt: skip

    incident = SecurityIncident.objects.of(lead).get(uid=row.incident_uid)
    assert (incident.kind, incident.concerns_people) == ("published", "yes")
    wrong.kept_item.refresh_from_db()
    assert wrong.kept_item.secrecy_suspected
    assert row.violated_answer.answers_id == first.pk


def test_a_correction_that_fits_nowhere_changes_nothing(authority, lead, channel):
    wrong, _first, second = answered(lead, channel, authority, "trad-3")
    before = Publication.objects.of(lead).count()

    with pytest.raises(Invalid):
        correcting.correct(actor=lead, publication=wrong, means=Means.ANSWER, text="å" * 9000, tell=[second.uid])
    with pytest.raises(Stale):
        correcting.correct(actor=lead, publication=wrong, means=Means.ANSWER, text=RIGHT, seen_version=7)
    with pytest.raises(NotPermitted):
        correcting.correct(
            actor=an_actor(authority, role=Role.REPRESENTATIVE), publication=wrong, means=Means.ANSWER, text=RIGHT
        )

    assert Publication.objects.of(lead).count() == before


def test_what_was_written_elsewhere_is_flagged_to_the_responsible_and_history_is_not(authority, lead, channel):
    old = clock.now() - timedelta(days=30)
    published = actions.publish_post(actor=lead, channel=channel, text="Vårt.", purpose=Purpose.CRISIS)
    records.capture(channel=channel, page=a_page(
        an_item("Gammalt.", is_own=True, at=old), an_item("Skrivet i appen.", remote_id="app-1", is_own=True),
        an_item("Vårt.", remote_id="hem-1", is_own=True), an_item("En fråga."),
    ))  # fmt: skip
    records.capture(channel=channel, page=a_page(an_item("Ur arkivet.", is_own=True)), source=Source.IMPORT)
    ledger.sequence(authority)
    while outside.follow(authority=authority):
        pass
    sent(lead, published, "hem-1")  # the answer came after the reading

    later(5, tasks.find_outside)

    (found,) = afterwards.outside(lead)
    assert found[1].text == "Skrivet i appen."
    responsible = an_actor(authority, role=Role.REPRESENTATIVE, person=channel.responsible)
    assert waiting.counts(responsible) == {"publications": 1}
    client = signed_in(lead)
    page = client.get(reverse("publishing:outside"))
    intent = str(page.context["press"]["intent"].value())
    assert "Skrivet i appen." in page.content.decode()
    client.post(reverse("publishing:own_outside", args=[found[0].uid]), {"intent": intent})
    assert Outside.objects.of(lead).get(pk=found[0].pk).state == Found.OURS
    assert waiting.counts(responsible) == {}


def test_sec_1_what_is_not_ours_begins_an_incident(authority, lead, channel):
    item = a_kept(authority, "Köp kryptovalutor!", channel=channel, is_own=True)
    row = Outside.objects.create(authority=authority, item=item, channel=channel, state=Found.OPEN)

    incident = outside.disown_outside(actor=lead, found=row)

    assert (incident.kind, incident.channel_id) == ("taken_over", channel.pk)
    with pytest.raises(Stale):
        outside.own_outside(actor=lead, found=row)


def test_rf_1_an_act_in_our_name_is_thought_of_done_once_listed_and_taken_back(authority, lead, channel, neighbours):
    client = signed_in(lead)
    address = f"{reverse('publishing:new_act')}?kanal={channel.uid}&lank={NEIGHBOUR.url}"
    form = client.get(address).context["form"]
    values = {"intent": str(form["intent"].value()), "target": form["target"].value(), "kind": "repost"}

    unsure = client.post(address, {**values, "agreed": AGREED[:1]})
    forged = client.post(address, {**values, "agreed": AGREED, "target": "annat"})
    done = client.post(address, {**values, "agreed": AGREED})
    later(1, tasks.do_deeds, tasks.do_deeds)

    assert (unsure.status_code, forged.status_code, done.status_code) == (422, 422, 302)
    (deed,) = afterwards.acts(lead)
    assert (deed.state, deed.checks[0], neighbours.calls) == (DeedState.DONE, sorted(AGREED), 1)
    assert "Vi samarbetar om badet." in client.get(reverse("publishing:acts")).content.decode()
    with pytest.raises(Stale):
        acting.act_in_name(actor=lead, channel=channel, kind="repost", target=NEIGHBOUR, agreed=AGREED)
    acting.take_back_act(actor=lead, deed=deed)
    later(2, tasks.do_deeds)
    assert neighbours.stand == set()
    with pytest.raises(Stale):
        acting.take_back_act(actor=lead, deed=deed)


def test_p01_an_act_whose_answer_is_lost_is_settled_by_reading(lead, channel, neighbours):
    neighbours.is_lost = True
    acting.act_in_name(actor=lead, channel=channel, kind="like", target=NEIGHBOUR, agreed=AGREED)

    later(1, tasks.do_deeds)
    later(2, tasks.do_deeds)

    assert (afterwards.acts(lead)[0].state, neighbours.calls) == (DeedState.DONE, 1)


def test_rf_1_politics_and_elections_ask_for_reasons(lead, channel, neighbours):
    party = Target("p-1", True, "partiet@social.example", "Ett parti i Storköping")
    with pytest.raises(Invalid):
        acting.act_in_name(actor=lead, channel=channel, kind="follow", target=party, agreed=AGREED)
    with clock.frozen(clock.now().replace(year=2026, month=9, day=1)), pytest.raises(Invalid):
        acting.act_in_name(actor=lead, channel=channel, kind="like", target=NEIGHBOUR, agreed=AGREED)

    acting.act_in_name(
        actor=lead, channel=channel, kind="follow", target=party, agreed=AGREED, why="Vi följer alla i fullmäktige."
    )


def test_what_is_due_where_nothing_is_left_waits_with_a_told_time_and_goes_out_then(lead, channel):
    post = actions.publish_post(actor=lead, channel=channel, text="Vatten.", purpose=Purpose.CRISIS)
    until = clock.now() + timedelta(hours=1)
    quotas.note_allowances(channel, [Allowance("writes", 300, 1, until), Allowance("writes", 300, 0, until)])

    with clock.frozen(clock.now() + timedelta(minutes=1)):
        assert quotas.postpone_full() == 1
        assert actions.claim_attempt() is None
        assert "går ut" in queries.publication_for(lead, post.uid).reason
        page = signed_in(lead).get(reverse("publishing:quota", args=[channel.uid])).content.decode()
    with clock.frozen(until + timedelta(minutes=1)):
        assert quotas.postpone_full() == 0
        assert actions.claim_attempt() is not None

    assert "0 kvar av 300" in page
    assert queries.publication_for(lead, post.uid).state == State.ATTEMPTING


def test_what_is_known_of_a_platform_is_counted_where_it_tells_nothing(lead, channel, monkeypatch):
    from narvaro.publishing import quotas as rules

    monkeypatch.setattr(rules, "known", lambda _platform: (rules.Limit(1, 3600),))
    first, second = (
        actions.publish_post(actor=lead, channel=channel, text=text, purpose=Purpose.CRISIS) for text in ("a", "b")
    )
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        assert quotas.postpone_full() == 0
        actions.claim_attempt()
        assert quotas.postpone_full() == 1
        assert actions.claim_attempt() is None

    assert {queries.publication_for(lead, each.uid).state for each in (first, second)} == {
        State.ATTEMPTING, State.QUEUED
    }  # fmt: skip
