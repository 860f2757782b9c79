"""A machine hides identity numbers only where that is chosen, hides only, and a person always looks afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from narvaro.base import clock
from narvaro.channels.models import Channel, ChannelReading
from narvaro.channels.testing import a_channel
from narvaro.channels.types import Platform
from narvaro.connectors.port import Visibility
from narvaro.core import audit, waiting
from narvaro.core.models import Authority, Letter
from narvaro.core.testing import an_actor, an_authority, person_of
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.inbox.models import Incoming
from narvaro.inbox.testing import a_comment, reread, take_in
from narvaro.inbox.types import State
from narvaro.moderation import actions, queries, tasks
from narvaro.moderation.models import MachineHiding, Measure
from narvaro.moderation.types import How, MeasureState
from narvaro.policy.types import Measure as Kind
from narvaro.records import queries as records
from narvaro.records.actions import capture
from narvaro.records.models import RegistryEntry
from narvaro.records.testing import a_kept, a_page, an_item

pytestmark = pytest.mark.django_db
NUMBER = "Mitt personnummer är 811218-9876. När får jag besked?"


@pytest.fixture
def channel(authority) -> Channel:
    return that_hides(a_channel(authority, platform=Platform.BLUESKY))


def that_hides(channel: Channel, *, works: bool = True) -> Channel:
    able = [{"capability": "hide", "works": works, "note": ""}]
    ChannelReading.objects.everywhere("test").update_or_create(
        channel=channel, authority_id=channel.authority_id, defaults={"capabilities": able}
    )
    return channel


def switched_on(lead: Actor) -> None:
    actions.change_automatic(actor=lead, is_on=True)


def swept() -> None:
    tasks.hide_identity_numbers.call()


def found(authority: Authority) -> list[MachineHiding]:
    rows = MachineHiding.objects.everywhere("test").filter(authority=authority)
    return list(rows.select_related("measure", "channel").order_by("pk"))


def made(authority: Authority) -> list[Measure]:
    return list(Measure.objects.everywhere("test").filter(authority=authority).order_by("pk"))


def hidden(authority: Authority, channel: Channel, lead: Actor, text: str = NUMBER) -> tuple[Incoming, MachineHiding]:
    switched_on(lead)
    incoming = a_comment(authority, text, channel=channel)
    swept()
    return incoming, found(authority)[-1]


# --- Whether ------------------------------------------------------------------------------------------------------


def test_gdpr_7_nothing_is_hidden_by_a_machine_until_somebody_has_chosen_that(authority, channel, lead):
    a_comment(authority, NUMBER, channel=channel)

    swept()

    assert made(authority) == []
    assert queries.automatic_of(lead) is None


def test_it_holds_from_when_it_was_switched_on_and_no_longer_when_it_is_off(authority, channel, lead):
    before = a_comment(authority, NUMBER, channel=channel)
    switched_on(lead)
    during = a_comment(authority, NUMBER, channel=channel)
    swept()
    actions.change_automatic(actor=lead, is_on=False, seen_version=1)
    a_comment(authority, NUMBER, channel=channel)
    swept()

    assert [row.item_id for row in made(authority)] == [during.item_id]
    assert before.item_id != during.item_id


def test_only_those_who_decide_about_the_rules_switch_it_on(authority, lead):
    for role in (Role.REPRESENTATIVE, Role.REGISTRAR, Role.AUDITOR):
        with pytest.raises(NotPermitted):
            actions.change_automatic(actor=an_actor(authority, role=role), is_on=True)
    switched_on(lead)
    with pytest.raises(Stale):
        actions.change_automatic(actor=lead, is_on=False, seen_version=0)

    assert queries.automatic_of(lead).is_on


# --- Hidden -------------------------------------------------------------------------------------------------------


def test_kl_4_a_machine_hides_only_says_so_and_the_comment_is_kept_first(authority, channel, lead):
    incoming, row = hidden(authority, channel, lead)

    (measure,) = made(authority)
    assert (measure.kind, measure.ground, measure.how) == (Kind.HIDE, "GDPR-7", How.MACHINE)
    assert measure.decided_by_id is None
    assert "Maskinellt beslut, väntar på granskning" in measure.reasons
    assert measure.state == MeasureState.DECIDED
    assert records.shown(lead, [incoming.item])[0].text == NUMBER
    assert row.measure == measure
    assert [entry.verb for entry in audit.history(lead, row)] == ["moderation.hide_by_machine"]


def test_whoever_wrote_is_told_kindly_how_to_go_on_and_has_done_nothing_wrong(authority, channel, lead):
    incoming, row = hidden(authority, channel, lead)

    version = records.kept(lead, incoming.item)
    assert "inte gjort något fel" in row.measure.notice
    assert row.measure.notice_publication is not None
    assert queries.earlier_about(lead, channel, version.author_remote_id) == []
    assert not queries.is_warned(lead, channel, version.author_remote_id)
    assert reread(incoming).state == State.OPEN  # the question still waits for its answer


def test_osl_4_it_goes_to_the_registrar_and_a_person_is_asked_to_look_by_the_next_working_day(authority, channel, lead):
    _incoming, row = hidden(authority, channel, lead)

    holder = an_actor_of(channel)
    waits = [wait for wait in waiting.today(holder) if wait.subject_kind == queries.HIDING_KIND]
    assert [(wait.link, wait.due_at) for wait in waits] == [(f"/moderering/automatiskt/{row.uid}/", row.due_at)]
    assert row.due_at > clock.now()
    assert RegistryEntry.objects.of(lead).count() == 1


def an_actor_of(channel: Channel) -> Actor:
    from narvaro.core import queries as core

    actor = core.actor_for(channel.responsible, channel.authority_id)
    assert actor is not None
    return actor


@pytest.mark.parametrize("text", ["Mitt nummer är 811218-9877", "Ring 08-123 456 78", "OCR 1234567890123456789"])
def test_what_is_not_certainly_a_number_is_left_to_people(authority, channel, lead, text):
    switched_on(lead)
    a_comment(authority, text, channel=channel)

    swept()

    assert found(authority) == []


def test_what_only_we_can_read_is_left_alone(authority, channel, lead):
    switched_on(lead)
    a_comment(authority, NUMBER, channel=channel, visibility=Visibility.PRIVATE)

    swept()

    assert found(authority) == []


def test_gdpr_7_what_its_author_shows_to_all_is_hidden_although_nobody_has_opened_it_here_yet(authority, channel, lead):
    switched_on(lead)
    incoming = a_comment(authority, NUMBER, channel=channel, remote_id="at://a/1", visibility=Visibility.PRIVATE)
    swept()
    while_private = found(authority)

    capture(channel=channel, page=a_page(an_item(f"{NUMBER} Hallå?", remote_id="at://a/1")))
    take_in(authority)
    swept()

    assert while_private == []
    assert reread(incoming).is_private
    assert [measure.item_id for measure in made(authority)] == [incoming.item_id]


def test_another_authoritys_choice_is_its_own(authority, channel, lead):
    elsewhere = an_authority("Lillköping")
    a_comment(elsewhere, NUMBER, channel=that_hides(a_channel(elsewhere, platform=Platform.BLUESKY)))
    _incoming, row = hidden(authority, channel, lead)
    stranger = an_actor(elsewhere, role=Role.COMMUNICATIONS_LEAD)

    with pytest.raises(NotFound):
        actions.review_hiding(actor=stranger, uid=row.uid, stands=True)
    assert made(elsewhere) == []


# --- Once, whatever dies ------------------------------------------------------------------------------------------


def test_sweeping_again_hides_nothing_twice(authority, channel, lead):
    hidden(authority, channel, lead)

    for _again in range(3):
        swept()

    assert len(made(authority)) == len(found(authority)) == 1


def test_killed_between_finding_and_hiding_it_is_hidden_by_the_next_sweep(authority, channel, lead):
    switched_on(lead)
    a_comment(authority, NUMBER, channel=channel)
    for chosen in queries.automatics():
        actions.follow_numbers(chosen=chosen)
    noted = [row.taken_up_at for row in found(authority)]

    swept()

    assert noted == [None]
    assert len(made(authority)) == 1


def test_killed_in_the_middle_of_a_decision_nothing_of_it_is_left_and_the_next_sweep_makes_it(
    authority, channel, lead, monkeypatch
):
    switched_on(lead)
    a_comment(authority, NUMBER, channel=channel)

    class Killed(BaseException):
        pass

    def dies(*_values: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(waiting, "put", dies)
        with pytest.raises(Killed):
            swept()
    left = made(authority)
    swept()

    assert left == []
    assert len(made(authority)) == 1


def test_an_overtaken_sweep_notes_nothing(authority, channel, lead):
    switched_on(lead)
    a_comment(authority, NUMBER, channel=channel)
    (chosen,) = queries.automatics()
    first = actions.follow_numbers(chosen=chosen)

    second = actions.follow_numbers(chosen=chosen)  # with what it read before the first

    assert (first, second) == (1, 0)
    assert len(found(authority)) == 1


def test_what_a_person_has_decided_about_already_is_left_to_that_decision(authority, channel, lead):
    switched_on(lead)
    incoming = a_comment(authority, NUMBER, channel=channel)
    actions.decide_measure(
        actor=lead, item=incoming.item, kind=Kind.HIDE, ground="GDPR-7", reasons="Ett nummer.", waive_notice_why="Nej."
    )

    swept()

    assert [measure.how for measure in made(authority)] == [How.NORMAL]
    assert [row.stands for row in found(authority)] == [None]
    assert queries.hidings(lead) == []


# --- Where the platform cannot ------------------------------------------------------------------------------------


def test_where_the_platform_cannot_hide_a_person_is_asked_at_once(authority, lead):
    channel = that_hides(a_channel(authority), works=False)

    _incoming, row = hidden(authority, channel, lead)

    waits = [w for w in waiting.today(an_actor_of(channel)) if w.subject_kind == queries.HIDING_KIND]
    assert made(authority) == []
    assert row.measure is None
    assert [wait.due_at <= clock.now() for wait in waits] == [True]
    assert Letter.objects.everywhere("test").filter(kind="moderation.number").count() == 1


def test_what_a_person_was_asked_about_and_has_decided_needs_no_more_looking(authority, lead):
    channel = that_hides(a_channel(authority), works=False)
    incoming, row = hidden(authority, channel, lead)
    actions.record_measure(actor=lead, item=incoming.item, kind=Kind.HIDE, ground="GDPR-7", reasons="Gjort i appen.")

    tasks.follow_reviews.call()

    assert queries.hiding_for(lead, row.uid).stands
    assert queries.hidings(lead) == []


# --- Looked at ----------------------------------------------------------------------------------------------------


def test_the_registrar_confirms_and_it_waits_for_nobody(authority, channel, lead, registrar):
    _incoming, row = hidden(authority, channel, lead)

    actions.review_hiding(actor=registrar, uid=row.uid, stands=True)

    seen = queries.hiding_for(lead, row.uid)
    assert (seen.stands, seen.reviewed_by_id) == (True, registrar.person_id)
    assert [w for w in waiting.today(an_actor_of(channel)) if w.subject_kind == queries.HIDING_KIND] == []
    with pytest.raises(Stale):
        actions.review_hiding(actor=lead, uid=row.uid, stands=False, why="Nej.")


def test_taken_back_it_is_shown_again_and_the_machine_leaves_later_words_to_a_person(authority, channel, lead):
    incoming, row = hidden(authority, channel, lead)
    with pytest.raises(Invalid):
        actions.review_hiding(actor=lead, uid=row.uid, stands=False)

    actions.review_hiding(actor=lead, uid=row.uid, stands=False, why="Det är ett ärendenummer.")
    a_kept(authority, NUMBER + " Svara!", channel=channel, remote_id=incoming.item.remote_id)
    take_in(authority)
    swept()

    (measure,) = made(authority)
    assert measure.state in (MeasureState.UNDOING, MeasureState.UNDONE)
    assert [(one.stands, one.measure_id) for one in found(authority)] == [(False, measure.pk), (None, None)]


def test_a_measure_that_is_undone_from_its_own_page_is_looked_at_too(authority, channel, lead):
    _incoming, row = hidden(authority, channel, lead)

    actions.undo_measure(actor=lead, uid=row.measure.uid, why="Fel.")

    assert queries.hiding_for(lead, row.uid).stands is False
    assert queries.hidings(lead) == []


def test_when_nobody_looks_in_time_those_who_lead_and_register_are_told_once(authority, channel, lead, registrar):
    _incoming, row = hidden(authority, channel, lead)

    with clock.frozen(row.due_at + timedelta(minutes=1)):
        for _again in range(2):
            tasks.follow_reviews.call()
        waits = [wait.title for wait in waiting.today(lead) if wait.subject_kind == queries.HIDING_KIND]

    told = Letter.objects.everywhere("test").filter(kind="moderation.number_late")
    assert set(told.values_list("to_person_id", flat=True)) >= {lead.person_id, registrar.person_id}
    assert told.count() == len(set(told.values_list("to_person_id", flat=True)))
    assert waits == ["Ingen har granskat ett maskinellt beslut i tid"]


def test_who_only_reads_looks_but_decides_nothing(authority, channel, lead, client):
    _incoming, row = hidden(authority, channel, lead)
    auditor = an_actor(authority, role=Role.AUDITOR)

    with pytest.raises(NotPermitted):
        actions.review_hiding(actor=auditor, uid=row.uid, stands=True)
    client.force_login(person_of(auditor))
    page = client.get(reverse("moderation:hiding", args=[row.uid]))

    assert page.status_code == 200
    assert "Bekräfta" not in page.content.decode()


# --- Pages --------------------------------------------------------------------------------------------------------


def test_it_is_switched_on_and_looked_at_on_its_pages(authority, channel, lead, client, django_assert_max_num_queries):
    client.force_login(person_of(lead))
    address = reverse("moderation:automatic")
    form = client.get(address).context["form"]
    sent = {"intent": form["intent"].value(), "seen_version": form["seen_version"].value(), "is_on": "on"}

    switched = client.post(address, sent)
    a_comment(authority, NUMBER, channel=channel)
    swept()
    (row,) = found(authority)
    page = reverse("moderation:hiding", args=[row.uid])
    client.get(page)
    with django_assert_max_num_queries(12):
        listed = client.get(address).content.decode()
    with django_assert_max_num_queries(12):
        shown = client.get(page)
    confirm = shown.context["confirm_form"]
    confirmed = client.post(
        reverse("moderation:confirm_hiding", args=[row.uid]),
        {f"confirm-{name}": confirm[name].value() for name in ("intent", "seen_version")},
    )
    decision = client.get(reverse("moderation:measure", args=[row.measure.uid])).content.decode()

    assert switched.status_code == confirmed.status_code == 302
    assert page in listed
    assert "Maskinellt beslut, väntar på granskning" in shown.content.decode()
    assert queries.hiding_for(lead, row.uid).stands
    assert "granskat av" in decision


def test_a_taking_back_without_why_comes_back_with_what_to_mend(authority, channel, lead, client):
    _incoming, row = hidden(authority, channel, lead)
    client.force_login(person_of(lead))
    form = client.get(reverse("moderation:hiding", args=[row.uid])).context["back_form"]

    refused = client.post(
        reverse("moderation:take_back_hiding", args=[row.uid]),
        {f"back-{name}": form[name].value() for name in ("intent", "seen_version")} | {"back-why": ""},
    )

    assert refused.status_code == 422
    assert queries.hiding_for(lead, row.uid).reviewed_at is None
