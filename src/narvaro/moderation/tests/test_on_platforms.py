"""Measures on real platforms: decided on a proved record, carried out by the sweep, read back, and taken back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from narvaro.base import clock
from narvaro.channels import actions as channel_actions
from narvaro.channels import queries as channels
from narvaro.channels.models import Channel
from narvaro.connectors import bluesky as bluesky_connector
from narvaro.connectors.registry import connector
from narvaro.core import waiting
from narvaro.core.models import Authority
from narvaro.core.testing import a_unit, an_actor, person_of
from narvaro.core.types import Actor, Role
from narvaro.moderation import actions, queries, rules, tasks
from narvaro.moderation.models import Measure
from narvaro.moderation.tests.test_packages import checked, laid_out, unpacked, zipped
from narvaro.moderation.types import MeasureState, Read
from narvaro.policy.testing import a_rule
from narvaro.policy.types import Measure as Kind
from narvaro.publishing import actions as publishing
from narvaro.publishing import tasks as publishing_tasks
from narvaro.records import tasks as records_tasks
from narvaro.records.models import Item
from narvaro.testing.servers.bluesky import BlueskyNetwork, Citizen, Ref
from narvaro.testing.servers.person import Person, lasting
from narvaro.testing.servers.snac import Snac

pytestmark = [  # it is the platforms that differ, not the databases
    pytest.mark.server, pytest.mark.one_database, pytest.mark.django_db, pytest.mark.seldom,
]  # fmt: skip

UNTOLD = {"waive_notice_why": "Ett automatiskt konto läser inga besked."}
ROUNDS = 200
THREAT = "Jag vet var ni bor och jag kommer dit."


@pytest.fixture(scope="module")
def snac() -> Iterator[Snac]:
    with Snac() as server:
        yield server


def connected(authority: Authority, lead: Actor, secrets: Any, **how: Any) -> Channel:
    unit = a_unit(authority)
    responsible = person_of(an_actor(authority, role=Role.REPRESENTATIVE, unit=unit))
    channel = channel_actions.add_channel(actor=lead, name="Simhallen", unit=unit, responsible=responsible, **how)
    channel_actions.connect_channel(actor=lead, channel=channel, secrets=secrets)
    return channels.channel_for(lead, channel.uid)


def until(found: Callable[[], Any], what: str) -> Any:
    """Ask until there is an answer; snac hands a post over after some ten seconds."""
    for _round in range(ROUNDS):
        answer = found()
        if answer:
            return answer
        time.sleep(0.25)
    pytest.fail(f"Never came: {what}")


def read(channel: Channel) -> None:
    reading = channel_actions.claim_reading(channel_id=channel.pk)
    assert reading is not None
    records_tasks.read_channel(reading)


def received(channel: Channel, remote_id: str) -> Item:
    """Read the channel until it holds what somebody wrote."""
    rows = Item.objects.everywhere("test").select_related("channel__authority")

    def found() -> Item | None:
        read(channel)
        item: Item | None = rows.filter(channel=channel, remote_id=remote_id).first()
        return item

    item: Item = until(found, remote_id)
    return item


def state_of(measure: Measure) -> str:
    return str(Measure.objects.everywhere("test").get(pk=measure.pk).state)


def swept_until(measure: Measure, state: MeasureState) -> None:
    """Run the sweep as the schedule does, each time somewhat later, until the measure stands where it should."""
    for step in range(60):
        with clock.frozen(clock.now() + timedelta(seconds=10 * step)):
            tasks.carry_out_due.call()
        if state_of(measure) == state:
            return
        time.sleep(0.1)  # the network takes in a record after a moment
    pytest.fail(f"The measure stands at {state_of(measure)}.")


def sent(seconds: int = publishing.UNDO_SECONDS + 1) -> None:
    with clock.frozen(clock.now() + timedelta(seconds=seconds)):
        publishing_tasks.publish_due.call()


# Bluesky


@dataclass
class Thread:
    office: Citizen
    citizen: Citizen
    post: Ref
    reply: Ref
    channel: Channel
    item: Item

    @property
    def hidden(self) -> list[str]:
        gates = self.office.records("app.bsky.feed.threadgate")
        return [uri for gate in gates for uri in gate["value"].get("hiddenReplies", [])]


@pytest.fixture
def thread(bluesky_network: BlueskyNetwork, authority: Authority, lead: Actor) -> Thread:
    """A kept threat under our post."""
    office, citizen = bluesky_network.citizen(), bluesky_network.citizen()
    made = bluesky_connector.connect(
        bluesky_network.pds_url, office.handle, office.app_password(), allow_private_hosts=True
    )
    channel = connected(authority, lead, made.secrets, platform="bluesky", handle=office.handle, base_url=made.base_url)
    post = office.post("Simhallen öppnar på lördag.")
    reply = citizen.post(THREAT, reply_to=post)
    return Thread(office, citizen, post, reply, channel, received(channel, reply.uri))


def test_bbs_5_a_threat_is_hidden_on_bluesky_read_back_and_shown_again(thread: Thread, lead: Actor):
    decided = actions.decide_measure(
        actor=lead, item=thread.item, kind=Kind.HIDE, ground="BBS-5a", reasons="Texten hotar personalen.",
        notice="Vi har dolt din kommentar, för den hotar någon. {klaga}",
    )  # fmt: skip
    assert thread.hidden == []

    swept_until(decided.measure, MeasureState.CONFIRMED)
    sent()

    assert thread.hidden == [thread.reply.uri]
    told = [post["value"] for post in thread.office.posts() if "reply" in post["value"]]
    assert [each["reply"]["parent"]["uri"] for each in told] == [thread.reply.uri]
    assert decided.code in told[0]["text"]

    actions.undo_measure(actor=lead, uid=decided.measure.uid, why="Det var ett citat.")
    swept_until(decided.measure, MeasureState.UNDONE)

    assert thread.hidden == []


def test_bbs_5_what_is_removed_on_bluesky_is_hidden_and_reported_with_the_ground_alone(
    bluesky_network: BlueskyNetwork, thread: Thread, lead: Actor
):
    decided = actions.decide_measure(
        actor=lead, item=thread.item, kind=Kind.REMOVE, ground="BBS-5a", reasons="Texten hotar vaktmästaren.", **UNTOLD
    )

    swept_until(decided.measure, MeasureState.CONFIRMED)

    assert thread.hidden == [thread.reply.uri]
    (report,) = bluesky_network.reports(thread.reply.uri)
    assert "BBS-5a" in report
    assert "vaktmästaren" not in report


def test_bbs_5_the_evidence_of_a_threat_on_bluesky_proves_itself_also_after_its_author_removed_it(
    thread: Thread, lead: Actor, tmp_path: Path
):
    measure = actions.decide_measure(
        actor=lead, item=thread.item, kind=Kind.REMOVE, ground="BBS-5a", reasons="Texten hotar personalen.",
        waive_notice_why="Kan öka hotet.",
    ).measure  # fmt: skip
    swept_until(measure, MeasureState.CONFIRMED)
    thread.citizen.delete(thread.reply)

    files = unpacked(zipped(lead, actions.make_package(actor=lead, measure=measure)))

    code, said = checked(laid_out(tmp_path, files))
    assert code == 0, said
    assert files["ord/version-1.txt"].decode() == THREAT
    assert thread.reply.uri in files["original/version-1.json"].decode()


def test_what_its_author_removes_in_between_is_confirmed_all_the_same(thread: Thread, lead: Actor):
    decided = actions.decide_measure(
        actor=lead, item=thread.item, kind=Kind.HIDE, ground="BBS-5a", reasons="Texten hotar personalen.", **UNTOLD
    )
    thread.citizen.delete(thread.reply)

    swept_until(decided.measure, MeasureState.CONFIRMED)

    assert thread.hidden == []


def test_what_somebody_shows_again_before_it_is_read_is_hidden_anew(thread: Thread, lead: Actor):
    decided = actions.decide_measure(
        actor=lead, item=thread.item, kind=Kind.HIDE, ground="BBS-5a", reasons="Texten hotar personalen.", **UNTOLD
    )
    platform, account = connector("bluesky"), channels.account_of(thread.channel)
    claimed = actions.claim_carrying()
    assert claimed is not None
    platform.hide(account, thread.reply.uri)
    actions.store_carried(claimed)
    platform.show(account, thread.reply.uri)

    swept_until(decided.measure, MeasureState.CONFIRMED)

    assert thread.hidden == [thread.reply.uri]


def test_a_worker_killed_after_the_platform_said_yes_leaves_nothing_behind_when_the_decision_is_undone(
    thread: Thread, lead: Actor
):
    decided = actions.decide_measure(
        actor=lead, item=thread.item, kind=Kind.HIDE, ground="BBS-5a", reasons="Texten hotar personalen.", **UNTOLD
    )
    assert actions.claim_carrying() is not None
    connector("bluesky").hide(channels.account_of(thread.channel), thread.reply.uri)

    actions.undo_measure(actor=lead, uid=decided.measure.uid, why="Det var ett citat.")
    Measure.objects.everywhere("test").filter(pk=decided.measure.pk).update(lease_until=None)  # it has run out
    swept_until(decided.measure, MeasureState.UNDONE)

    assert thread.hidden == []


def test_rf_5_an_author_is_blocked_on_bluesky_when_the_notice_is_out_and_let_in_when_the_time_is(
    bluesky_network: BlueskyNetwork, thread: Thread, lead: Actor
):
    rule = a_rule(lead_authority(thread), first=Kind.WARN)
    decided = actions.decide_measure(
        actor=lead, item=thread.item, kind=Kind.BLOCK, ground=rule.code, reasons="Angriper andra gång på gång.",
        why_stricter="Påmind två gånger i telefon.", notice="Du är blockerad i 30 dagar. {klaga}", block_days=30,
    )  # fmt: skip

    for _round in range(rules.TOLD_AFTER_ATTEMPTS + 1):
        with clock.frozen(clock.now() + timedelta(seconds=6 * _round)):
            tasks.carry_out_due.call()
    waited = state_of(decided.measure), waiting.counts(lead).get(queries.PLACE, 0)
    sent()
    swept_until(decided.measure, MeasureState.CONFIRMED)
    blocked = [each["value"]["subject"] for each in thread.office.records("app.bsky.graph.block")]
    with clock.frozen(clock.now() + timedelta(days=31)):
        assert actions.end_blocks() == 1
        tasks.carry_out_due.call()

    assert waited == (MeasureState.DECIDED, 0)  # nobody is asked for help while the words are on their way
    assert blocked == [thread.citizen.did]
    assert state_of(decided.measure) == MeasureState.UNDONE
    assert thread.office.records("app.bsky.graph.block") == []


def lead_authority(thread: Thread) -> Authority:
    authority: Authority = thread.item.channel.authority
    return authority


# snac


@dataclass
class Corner:
    office: Person
    citizen: Person
    post: str
    channel: Channel
    item: Item

    def is_told_of(self, remote_id: str) -> bool:
        return remote_id in {lasting(each["status"]) for each in self.office.notifications() if each.get("status")}


@pytest.fixture
def corner(snac: Snac, authority: Authority, lead: Actor, request: pytest.FixtureRequest) -> Corner:
    """A kept comment on a server where nothing of others' can be hidden."""
    number = abs(hash(request.node.name)) % 10**6
    office, citizen = snac.person(f"kommunen{number}"), snac.person(f"invanare{number}")
    channel = connected(
        authority, lead, {"access_token": office.token}, platform="mastodon", handle=office.handle,
        base_url=snac.base_url,
    )  # fmt: skip
    post = office.post("Simhallen öppnar på lördag.")
    comment = citizen.post(f"@{office.name} Ni är värdelösa hela bunten.", answers=post)
    return Corner(office, citizen, post, channel, received(channel, comment))


def test_rf_5_an_author_is_blocked_on_snac_read_back_and_let_in_again(snac: Snac, corner: Corner, lead: Actor):
    rule, neighbour = a_rule(corner.item.channel.authority, first=Kind.WARN), snac.person("grannen")
    decided = actions.decide_measure(
        actor=lead, item=corner.item, kind=Kind.BLOCK, ground=rule.code, reasons="Angriper andra gång på gång.",
        why_stricter="Påmind två gånger i telefon.", **UNTOLD,
    )  # fmt: skip

    swept_until(decided.measure, MeasureState.CONFIRMED)
    unwanted = corner.citizen.post(f"@{corner.office.name} En gång till", answers=corner.post)
    wanted = neighbour.post(f"@{corner.office.name} När öppnar ni?", answers=corner.post)
    received(corner.channel, wanted)

    assert not corner.is_told_of(unwanted)
    assert not Item.objects.everywhere("test").filter(channel=corner.channel, remote_id=unwanted).exists()

    actions.undo_measure(actor=lead, uid=decided.measure.uid, why="Personen har bett om ursäkt.")
    swept_until(decided.measure, MeasureState.UNDONE)
    later = corner.citizen.post(f"@{corner.office.name} Tack", answers=corner.post)

    received(corner.channel, later)


@pytest.mark.parametrize("kind", [Kind.HIDE, Kind.REMOVE])
def test_p08_what_the_server_cannot_do_is_put_before_a_person_with_what_to_do(corner: Corner, lead: Actor, kind: Kind):
    decided = actions.decide_measure(
        actor=lead, item=corner.item, kind=kind, ground="BBS-5a", reasons="Texten hotar personalen.", **UNTOLD
    )

    swept_until(decided.measure, MeasureState.BY_HAND)

    measure = queries.measure_for(lead, decided.measure.uid)
    assert "Anmäl" in measure.trouble
    assert "blockera" in measure.trouble
    assert waiting.counts(lead)[queries.PLACE] == 1
    actions.did_by_hand(actor=lead, uid=measure.uid)
    assert waiting.counts(lead).get(queries.PLACE, 0) == 0
    assert state_of(measure) == MeasureState.CARRIED_OUT

    swept_until(measure, MeasureState.BY_HAND)  # it was said and not done
    read = queries.measure_for(lead, measure.uid)

    assert (read.reading, waiting.counts(lead)[queries.PLACE]) == (Read.STILL_THERE, 1)


def test_sm_18_what_was_said_to_be_hidden_in_the_app_is_read_on_bluesky_and_never_hidden_by_us(
    thread: Thread, lead: Actor
):
    said = actions.record_measure(
        actor=lead, item=thread.item, kind=Kind.HIDE, ground="BBS-5a", reasons="Texten hotar personalen."
    ).measure

    swept_until(said, MeasureState.BY_HAND)
    still_there, hidden_by_us = queries.measure_for(lead, said.uid), thread.hidden
    connector("bluesky").hide(channels.account_of(thread.channel), thread.reply.uri)  # as a person does in the app
    actions.did_by_hand(actor=lead, uid=said.uid)
    swept_until(said, MeasureState.CONFIRMED)
    seen = queries.measure_for(lead, said.uid)

    assert (still_there.reading, hidden_by_us) == (Read.STILL_THERE, [])
    assert (seen.reading, seen.is_on_word) == (Read.SEEN, False)


def test_p04_a_server_that_is_down_gets_the_measure_when_it_is_up_again(snac: Snac, corner: Corner, lead: Actor):
    rule = a_rule(corner.item.channel.authority, first=Kind.WARN)
    decided = actions.decide_measure(
        actor=lead, item=corner.item, kind=Kind.BLOCK, ground=rule.code, reasons="Angriper andra gång på gång.",
        why_stricter="Påmind två gånger i telefon.", **UNTOLD,
    )  # fmt: skip
    snac.stop()
    try:
        for hours in range(rules.TOLD_AFTER_ATTEMPTS):
            with clock.frozen(clock.now() + timedelta(hours=hours)):
                tasks.carry_out_due.call()
    finally:
        snac.start()
    troubled = queries.measure_for(lead, decided.measure.uid)
    asked = waiting.counts(lead)[queries.PLACE]
    with clock.frozen(clock.now() + timedelta(hours=12)):
        tasks.carry_out_due.call()

    assert troubled.state == MeasureState.DECIDED
    assert troubled.trouble
    assert asked == 1
    assert state_of(decided.measure) == MeasureState.CONFIRMED
    assert waiting.counts(lead).get(queries.PLACE, 0) == 0
