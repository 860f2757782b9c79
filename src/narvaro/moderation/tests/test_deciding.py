"""A measure is decided on a proved record, with a ground and reasons, and carried out until the platform says yes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from narvaro.base import clock
from narvaro.core import audit, waiting
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.moderation import actions, queries, rules
from narvaro.moderation.models import Block, Measure
from narvaro.moderation.types import CannotYet, How, MeasureState, Standing
from narvaro.policy import queries as policy
from narvaro.policy.testing import a_rule
from narvaro.policy.types import Measure as Kind
from narvaro.records import actions as records
from narvaro.records import queries as kept
from narvaro.records.models import RegistryEntry
from narvaro.records.testing import a_kept, a_page, an_item

pytestmark = pytest.mark.django_db
TOLD = {"notice": "Vi har dolt kommentaren. {klaga}"}
UNTOLD = {"waive_notice_why": "Det är ett automatiskt konto."}


@pytest.fixture
def actor(authority):
    return an_actor(authority, role=Role.COMMUNICATIONS_LEAD)


def decide(actor: Actor, item, kind=Kind.HIDE, ground="BBS-5a", **values):
    told = {} if "waive_notice_why" in values else TOLD
    return actions.decide_measure(
        actor=actor,
        item=item,
        kind=kind,
        ground=ground,
        **{"reasons": "Texten hotar en namngiven person.", **told, **values},
    )


def claimed():
    with clock.frozen(clock.now() + timedelta(seconds=30)):
        return actions.claim_carrying()


def again(actor, measure) -> Measure:
    return queries.measure_for(actor, measure.uid)


def test_bbs_5_a_measure_under_the_law_is_carried_out_at_once_and_asks_for_nothing_milder(authority, actor):
    item = a_kept(authority, "Jag ska slå dig")

    measure = decide(actor, item, Kind.REMOVE).measure

    assert measure.state == MeasureState.DECIDED
    assert measure.standing == Standing.EXECUTION
    assert actions.claim_carrying().measure == measure


def test_bbs_5_a_reminder_is_not_enough_where_the_law_asks_for_removal(authority, actor):
    item = a_kept(authority, "Jag ska slå dig")

    with pytest.raises(Invalid) as refused:
        decide(actor, item, Kind.WARN)

    assert refused.value.field == "kind"
    assert queries.measures(actor) == []


def test_p13_nothing_is_decided_about_what_is_not_kept_and_proved(authority, actor, monkeypatch):
    from narvaro.channels.testing import a_channel
    from narvaro.core import ledger

    channel = a_channel(authority)
    found = an_item("Jag ska slå dig")
    records.capture(channel=channel, page=a_page(found))
    item = kept.item_by_remote_id(actor, channel.pk, found.remote_id)
    monkeypatch.setattr(ledger, "sequence", lambda authority: 0)  # the sequencer has died

    with pytest.raises(CannotYet):
        decide(actor, item)

    assert queries.measures(actor) == []


def test_a_house_rule_asks_for_the_milder_measure_or_for_why_it_is_not_enough(authority, actor):
    """FL-1, BBS-8"""
    item, rule = a_kept(authority, "Din idiot"), a_rule(authority, first=Kind.WARN)

    with pytest.raises(Invalid) as refused:
        decide(actor, item, Kind.REMOVE, rule.code)
    measure = decide(actor, item, Kind.REMOVE, rule.code, why_stricter="Tre påminnelser har inte hjälpt.").measure

    assert refused.value.field == "why_stricter"
    assert "Tre påminnelser" in measure.reasons
    assert measure.standing == Standing.DELEGATED


def test_rf_2_an_opinion_is_no_ground(authority, actor):
    codes = {ground.code for ground in policy.grounds(actor)}

    assert not {code for code in codes if any(word in code for word in ("politi", "opinion", "critic", "åsikt"))}
    with pytest.raises(NotFound):
        decide(actor, a_kept(authority, "Ni är usla på allt"), ground="criticism")


def test_osl_4_what_may_be_secret_goes_to_the_registrar_and_blames_nobody(authority, actor):
    item = a_kept(authority, "Mitt personnummer är 811218-9876")

    decide(actor, item, Kind.HIDE, "GDPR-7")

    assert RegistryEntry.objects.of(actor).filter(item=item).count() == 1
    assert queries.earlier_about(actor, item.channel, "citizen-1") == []
    with pytest.raises(Invalid):
        decide(actor, item, Kind.BLOCK, "GDPR-7", waive_notice_why="")


def test_bbs_10_child_abuse_material_is_sealed_in_the_same_step(authority, actor):
    item = a_kept(authority, "Titta här")

    decide(actor, item, Kind.REMOVE, "BBS-5e", **UNTOLD)

    assert kept.shown(actor, [kept.item_by_id(actor, item.pk)])[0].is_sealed


def test_the_author_is_told_with_a_way_to_complain_or_a_reason_is_given(authority, actor):
    item = a_kept(authority)

    with pytest.raises(Invalid) as refused:
        decide(actor, item, notice="")
    decided = decide(actor, item)

    assert refused.value.field == "notice"
    assert decided.code in decided.measure.notice_publication.text
    assert f"/{authority.slug}/klaga/" in decided.measure.notice_publication.text
    assert decided.code not in again(actor, decided.measure).code_hash


def test_rf_5_a_block_comes_after_a_reminder_has_an_end_and_stands_in_the_register(authority, actor):
    rule = a_rule(authority, first=Kind.WARN)
    item = a_kept(authority, "Din idiot")

    with pytest.raises(Invalid) as refused:
        decide(actor, item, Kind.BLOCK, rule.code)
    decide(actor, item, Kind.WARN, rule.code)
    measure = decide(actor, item, Kind.BLOCK, rule.code, block_days=30).measure

    (block,) = queries.blocks(actor)
    assert refused.value.field == "why_stricter"
    assert measure.remote_id == block.author_remote_id == "citizen-1"
    assert timedelta(days=29) < block.until_at - block.from_at <= timedelta(days=30)


def test_rf_5_what_the_author_was_not_told_of_or_what_was_taken_back_is_no_warning(authority, actor):
    rule = a_rule(authority, first=Kind.HIDE)
    first, second, third = (a_kept(authority, f"Din idiot {n}") for n in range(3))  # each in a channel of its own
    untold = decide(actor, first, ground=rule.code, **UNTOLD).measure
    told = decide(actor, second, ground=rule.code).measure

    by_channel = [queries.is_warned(actor, one.channel, "citizen-1") for one in (untold, told)]
    actions.undo_measure(actor=actor, uid=told.uid, why="Det var tillåten kritik.")

    assert by_channel == [False, True]
    assert not queries.is_warned(actor, told.channel, "citizen-1")
    with pytest.raises(Invalid):
        decide(actor, third, Kind.BLOCK, rule.code)


def test_sm_12_every_block_is_registered_also_under_a_house_rule(authority, actor):
    rule = a_rule(authority, first=Kind.WARN)
    told = {"reasons": "Påhopp.", "why_stricter": "Fortsätter.", **UNTOLD}
    hidden, blocked = (
        decide(actor, a_kept(authority), kind, rule.code, **told).measure for kind in (Kind.HIDE, Kind.BLOCK)
    )

    queued = RegistryEntry.objects.of(actor).values_list("item_id", "why")

    assert hidden.item_id not in dict(queued)
    assert dict(queued)[blocked.item_id] == f"Blockera: {rule.title}"


def test_gdpr_7_who_shared_too_much_is_reminded_of_no_rules(authority, actor):
    item = a_kept(authority, "Mitt personnummer är 811218-9876")

    for ground in ("GDPR-7", "OSL", "own_data"):
        with pytest.raises(Invalid) as refused:
            actions.decide_measure(
                actor=actor, item=item, kind=Kind.WARN, ground=ground, reasons="Ett nummer.", notice="Hej."
            )
        assert refused.value.field == "kind"


def test_rf_4_earlier_measures_are_seen_in_their_own_channel_only(authority, actor):
    from narvaro.channels.testing import a_channel

    rule, here = a_rule(authority, first=Kind.WARN), a_kept(authority, "Din idiot")
    elsewhere = a_channel(authority)

    decide(actor, here, Kind.WARN, rule.code)

    assert len(queries.earlier_about(actor, here.channel, "citizen-1")) == 1
    assert queries.earlier_about(actor, elsewhere, "citizen-1") == []
    assert rules.author_key(here.channel.uid, "citizen-1") != rules.author_key(elsewhere.uid, "citizen-1")


def test_the_same_measure_is_in_force_once(authority, actor):
    item = a_kept(authority)
    decide(actor, item)

    with pytest.raises(Stale):
        decide(actor, item)


def test_whoever_only_reads_decides_nothing(authority):
    auditor = an_actor(authority, role=Role.AUDITOR)

    with pytest.raises(NotPermitted):
        decide(auditor, a_kept(authority))


def test_bbs_5_an_emergency_is_carried_out_without_a_record_and_told_to_whoever_leads(authority, actor):
    from narvaro.channels.testing import a_channel

    decided = actions.decide_emergency(
        actor=actor, channel=a_channel(authority), remote_id="remote-x", ground="BBS-5a", reasons="Hot mot en elev.",
        note="Texten löd: jag kommer till skolan. Sedd av två.",
    )  # fmt: skip

    assert decided.measure.how == How.EMERGENCY
    assert decided.measure.item is None
    assert waiting.counts(actor)[queries.PLACE] == 1


def test_p04_a_measure_that_could_not_be_carried_out_is_tried_again_and_told(authority, actor):
    measure = decide(actor, a_kept(authority)).measure

    for _attempt in range(rules.TOLD_AFTER_ATTEMPTS):
        with clock.frozen(clock.now() + timedelta(hours=2 * (_attempt + 1))):
            actions.store_trouble(actions.claim_carrying(), "Servern svarar inte.")

    assert again(actor, measure).state == MeasureState.DECIDED
    assert again(actor, measure).trouble == "Servern svarar inte."
    assert waiting.counts(actor)[queries.PLACE] == 1


def test_what_the_platform_cannot_do_is_done_by_a_person_who_says_so(authority, actor):
    measure = decide(actor, a_kept(authority)).measure

    actions.store_trouble(claimed(), "Dölj kommentaren i appen.", by_hand=True)
    assert claimed() is None
    actions.did_by_hand(actor=actor, uid=measure.uid)

    assert again(actor, measure).state == MeasureState.CARRIED_OUT
    assert waiting.counts(actor).get(queries.PLACE, 0) == 0


def test_a_measure_is_confirmed_by_reading_and_undone_by_telling_the_platform(authority, actor):
    measure = decide(actor, a_kept(authority)).measure

    actions.store_carried(claimed())
    actions.store_confirmed(claimed())
    assert again(actor, measure).state == MeasureState.CONFIRMED
    actions.undo_measure(actor=actor, uid=measure.uid, why="Vi hade fel.")
    assert again(actor, measure).state == MeasureState.UNDOING
    actions.store_undone(claimed())

    done = [entry.verb for entry in audit.history(actor, measure)]
    assert again(actor, measure).state == MeasureState.UNDONE
    assert "moderation.confirm_measure" in done
    assert "moderation.undo_measure" in done


def test_what_was_decided_and_never_carried_out_is_undone_at_once(authority, actor):
    measure = decide(actor, a_kept(authority)).measure

    actions.undo_measure(actor=actor, uid=measure.uid, why="Vi hade fel.")

    assert again(actor, measure).state == MeasureState.UNDONE
    assert claimed() is None


def test_a_worker_that_comes_late_changes_nothing(authority, actor):
    measure = decide(actor, a_kept(authority)).measure
    late = claimed()

    actions.undo_measure(actor=actor, uid=measure.uid, why="Vi hade fel.")
    actions.store_carried(late)

    # What the late one asked of the platform may have happened, so it is taken back when its lease is out.
    assert again(actor, measure).state == MeasureState.UNDOING
    assert claimed() is None


def test_rf_5_a_block_is_lifted_when_its_time_is_out(authority, actor):
    rule, item = a_rule(authority, first=Kind.WARN), a_kept(authority, "Din idiot")
    measure = decide(actor, item, Kind.BLOCK, rule.code, why_stricter="Robot.", block_days=30).measure
    with clock.frozen(clock.now() + timedelta(minutes=20)):
        actions.store_carried(actions.claim_carrying())

    with clock.frozen(clock.now() + timedelta(days=29)):
        assert actions.end_blocks() == 0
    with clock.frozen(clock.now() + timedelta(days=31)):
        assert actions.end_blocks() == 1

    assert Block.objects.of(actor).get().lifted_at is not None
    assert again(actor, measure).state == MeasureState.UNDOING


def test_a_measure_of_another_authority_looks_missing(authority, actor):
    measure = decide(actor, a_kept(authority)).measure
    stranger = an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD)

    with pytest.raises(NotFound):
        queries.measure_for(stranger, measure.uid)
