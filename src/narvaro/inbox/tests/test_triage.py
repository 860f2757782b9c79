"""What triage promises: nothing missed, nothing doubled, nobody flooded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from narvaro.base.clock import frozen, now
from narvaro.channels.actions import add_shift
from narvaro.channels.testing import a_channel
from narvaro.connectors.port import Kind, MediaKind, Medium, Visibility
from narvaro.core import ledger, waiting
from narvaro.core.actions import mark_absent
from narvaro.core.models import Waiting
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Actor, NotFound, Role
from narvaro.inbox import actions, queries
from narvaro.inbox.actions import feed
from narvaro.inbox.models import Alarm, Incoming
from narvaro.inbox.testing import a_comment, reread, take_in
from narvaro.inbox.types import List, Outcome, State
from narvaro.records import actions as records
from narvaro.records import queries as kept
from narvaro.records.models import RegistryEntry
from narvaro.records.testing import a_kept, a_page, an_item
from narvaro.records.types import Source

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 10, 13, 12, 10, tzinfo=UTC)  # 14.10 in Sweden
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def rows(authority):
    return Incoming.objects.everywhere("test").filter(authority=authority)


def test_fl_2_tuesday_ten_past_two_is_due_on_wednesday_at_the_same_time():
    with frozen(TUESDAY):
        incoming = a_comment(an_authority())

    assert incoming.due_at == TUESDAY + timedelta(days=1)


def test_p21_the_deadline_stands_with_the_rule_that_made_it():
    authority = an_authority()
    channel = a_channel(authority, answer_hours=48, in_operation_from=LONG_AGO)

    incoming = a_comment(authority, channel=channel)

    assert incoming.due_rule == "svarstid-1:48h"


def test_a_thank_you_has_no_deadline_and_waits_for_nobody():
    authority = an_authority()

    incoming = a_comment(authority, "Tack för en fin dag på biblioteket")

    assert (incoming.state, incoming.needs_answer, incoming.due_at) == (State.OPEN, False, None)
    assert not Waiting.objects.everywhere("test").filter(authority=authority, place="inbox").exists()


def test_tf_2_what_was_written_on_a_saturday_is_received_on_that_saturday():
    authority = an_authority()
    saturday = datetime(2026, 10, 17, 9, 0, tzinfo=UTC)
    channel = a_channel(authority, in_operation_from=LONG_AGO)
    with frozen(saturday + timedelta(days=2)):
        incoming = a_comment(authority, channel=channel, at=saturday)

    assert incoming.received_at == saturday
    assert incoming.due_at == datetime(2026, 10, 19, 15, 0, tzinfo=UTC)  # Monday at closing


def test_a_platform_with_a_fast_clock_moves_no_deadline():
    authority = an_authority()
    channel = a_channel(authority, in_operation_from=LONG_AGO)
    with frozen(TUESDAY):
        incoming = a_comment(authority, channel=channel, at=TUESDAY + timedelta(days=300))

    assert incoming.received_at == TUESDAY


def test_the_deputy_has_it_while_the_responsible_is_away():
    authority = an_authority()
    unit = a_unit(authority)
    responsible, deputy = (an_actor(authority, unit=unit) for _ in range(2))
    channel = a_channel(authority, unit=unit, responsible=person_of(responsible), deputy=person_of(deputy))
    mark_absent(
        actor=deputy,
        person=person_of(responsible),
        from_at=now() - timedelta(hours=1),
        until_at=now() + timedelta(days=1),
    )

    incoming = a_comment(authority, channel=channel)

    assert incoming.person_id == deputy.person_id
    assert waiting.counts(deputy) == {"inbox": 1}


def test_the_watch_goes_before_the_responsible():
    authority = an_authority()
    admin, watcher = an_actor(authority, role=Role.ADMINISTRATOR), an_actor(authority)
    channel = a_channel(authority, watch_group="kväll")
    add_shift(
        actor=admin, watch_group="kväll", person=person_of(watcher), from_at=now() - timedelta(hours=1),
        until_at=now() + timedelta(hours=1),
    )  # fmt: skip

    assert a_comment(authority, channel=channel).person_id == watcher.person_id


def test_the_communications_department_has_it_when_all_are_away():
    authority = an_authority()
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    channel = a_channel(authority)
    mark_absent(
        actor=lead, person=channel.responsible, from_at=now() - timedelta(hours=1), until_at=now() + timedelta(days=1)
    )

    incoming = a_comment(authority, channel=channel)

    assert (incoming.person_id, incoming.with_communications) == (None, True)
    assert waiting.counts(lead) == {"inbox": 1}


def test_p32_the_backlog_of_a_new_channel_alarms_nobody_and_stands_in_the_list():
    authority = an_authority()
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    channel = a_channel(authority)

    old = a_comment(authority, "När öppnar ni? Jag vill dö.", channel=channel, at=now() - timedelta(days=30))
    first = a_comment(authority, channel=channel)

    assert (old.state, old.outcome, old.due_at) == (State.DONE, Outcome.BEFORE_OPERATION, None)
    assert not Alarm.objects.everywhere("test").filter(authority=authority).exists()
    assert first.due_at is not None
    assert {card.incoming.pk for card in queries.list_page(lead, List.ALL).cards} == {old.pk, first.pk}


def test_p32_an_import_raises_no_deadline():
    authority = an_authority()
    channel = a_channel(authority, in_operation_from=LONG_AGO)
    records.capture(channel=channel, page=a_page(an_item("När öppnar ni?")), source=Source.IMPORT)
    take_in(authority)

    (incoming,) = rows(authority)

    assert (incoming.outcome, incoming.due_at) == (Outcome.BEFORE_OPERATION, None)


def test_p32_a_call_for_help_from_last_night_is_not_swallowed_by_the_register():
    authority = an_authority()

    incoming = a_comment(authority, "Jag orkar inte leva längre, jag vill dö", at=now() - timedelta(hours=9))

    assert incoming.state == State.OPEN
    assert Alarm.objects.everywhere("test").filter(incoming=incoming).exists()


def test_osl_2_an_ordinary_item_is_kept_in_order_silently():
    incoming = a_comment(an_authority())

    assert incoming.item.registration == "kept_in_order"
    assert not RegistryEntry.objects.everywhere("test").filter(item=incoming.item).exists()


def test_osl_4_suspected_secrecy_goes_to_the_registrar_by_itself_due_the_next_working_day():
    authority = an_authority()
    registrar = an_actor(authority, role=Role.REGISTRAR)
    with frozen(TUESDAY):
        incoming = a_comment(authority, "Mitt personnummer är 19811228-9874, ring mig")

        (entry,) = kept.registry_queue(registrar)

    assert entry.item_id == incoming.item_id
    assert entry.item.secrecy_suspected
    assert entry.due_at == datetime(2026, 10, 14, 15, 0, tzinfo=UTC)


def test_bbs_10_suspected_abuse_material_is_sealed_for_everyone_at_once():
    authority = an_authority()
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)

    incoming = a_comment(authority, "Säljer barnporr, skriv till mig")

    assert incoming.item.sealed_at is not None
    page = queries.thread_page(lead, incoming.uid)
    assert (page.focus.shown.text, page.focus.shown.author) == ("", "")


def test_bbs_10_what_only_a_pictures_description_tells_is_sealed_too():
    picture = Medium(
        "https://social.example/1.png", MediaKind.IMAGE, "image/png", "Säljer barnporr, skriv till mig", "m1"
    )

    incoming = a_comment(an_authority(), "Titta här", media=(picture,))

    assert incoming.item.sealed_at is not None


def test_tf_4_a_private_message_is_shown_only_to_those_who_answer_for_the_channel():
    authority = an_authority()
    incoming = a_comment(authority, visibility=Visibility.PRIVATE, kind=Kind.MESSAGE)
    responsible = an_actor(authority, person=incoming.channel.responsible)
    elsewhere = an_actor(authority, unit=a_unit(authority, "Gatukontoret"))

    assert incoming.due_at is not None
    assert [c.incoming.pk for c in queries.list_page(responsible, List.ALL).cards] == [incoming.pk]
    assert queries.list_page(elsewhere, List.ALL).cards == ()
    with pytest.raises(NotFound):
        queries.thread_page(elsewhere, incoming.uid)


def test_tf_4_a_comment_that_its_author_makes_private_is_taken_from_the_lists_of_others():
    authority = an_authority()
    channel = a_channel(authority, in_operation_from=LONG_AGO)
    incoming = a_comment(authority, channel=channel, remote_id="1")
    elsewhere = an_actor(authority, unit=a_unit(authority, "Gatukontoret"))
    seen_before = [card.incoming.pk for card in queries.list_page(elsewhere, List.ALL).cards]

    for visibility in (Visibility.PRIVATE, Visibility.PUBLIC):  # opening it again takes a person's decision
        text = f"När öppnar simhallen? {visibility}"
        records.capture(channel=channel, page=a_page(an_item(text, remote_id="1", visibility=visibility)))
        take_in(authority)

        assert reread(incoming).is_private
        assert queries.list_page(elsewhere, List.ALL).cards == ()
    assert seen_before == [incoming.pk]


def test_fl_9_a_threat_withholds_names():
    incoming = a_comment(an_authority(), "Jag ska döda dig, handläggare")

    assert incoming.withhold_names


def test_a_follower_that_was_overtaken_leaves_nothing():
    authority = an_authority()
    a_kept(authority)
    slow = feed.read_part(authority)
    take_in(authority)

    assert feed.take(slow) is False

    assert rows(authority).count() == 1


def test_what_was_killed_before_the_cursor_moved_is_taken_once_the_next_time():
    authority = an_authority()
    a_kept(authority)

    class Killed(Exception):
        pass

    def begin_and_die():
        with transaction.atomic():
            actions.triage(authority=authority)
            raise Killed

    with pytest.raises(Killed):
        begin_and_die()
    assert not rows(authority).exists()
    take_in(authority)
    take_in(authority)

    assert rows(authority).count() == 1
    assert Waiting.objects.everywhere("test").filter(authority=authority, place="inbox").count() == 1


def test_triage_comes_to_rest_when_there_is_nothing_new():
    authority = an_authority()
    a_comment(authority)

    assert ledger.sequence(authority) == 0
    assert actions.triage(authority=authority) == 0


def test_the_cost_does_not_depend_on_how_many_answer_for_the_channel():
    few, many = an_authority(), an_authority()
    for authority, people in ((few, 1), (many, 30)):
        unit = a_unit(authority)
        for _ in range(people):
            an_actor(authority, role=Role.REPRESENTATIVE, unit=unit)
        channel = a_channel(authority, unit=unit)
        records.capture(channel=channel, page=a_page(*[an_item() for _ in range(20)]))
        while ledger.sequence(authority):
            pass

    def cost(authority):
        with CaptureQueriesContext(connection) as spent:
            actions.triage(authority=authority)
        return len(spent)

    assert cost(few) == cost(many)


def test_two_organisations_never_see_each_others_items():
    mine = a_comment(an_authority("Storköping"))
    stranger = an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD)

    assert queries.list_page(stranger, List.ALL).cards == ()
    with pytest.raises(NotFound):
        queries.thread_page(stranger, mine.uid)
    with pytest.raises(NotFound):
        actions.answer(actor=stranger, uid=mine.uid, text="Hej")


def test_the_waiting_title_holds_none_of_the_residents_words():
    authority = an_authority()
    a_comment(authority, "Hål i vägen på Storgatan, när lagas det?")

    (row,) = Waiting.objects.everywhere("test").filter(authority=authority, place="inbox")

    assert "Storgatan" not in row.title
    assert row.link.startswith("/inkorg/")


def test_the_system_acts_in_its_own_authority():
    authority = an_authority()
    a_comment(authority)

    assert waiting.counts(Actor.system(authority, "test")) == {}
