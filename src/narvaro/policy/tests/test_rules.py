"""House rules: begun once, changed by ending, told apart by code, and never with a word lost."""

from __future__ import annotations

import pytest

from narvaro.channels.testing import a_channel
from narvaro.core import audit
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.policy import actions, queries, rules, tasks
from narvaro.policy.types import Catalogue, Ground, Measure

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead() -> Actor:
    return an_actor(an_authority("Storköping"), role=Role.COMMUNICATIONS_LEAD)


def titles(actor: Actor, channel_id: int | None = None) -> list[str]:
    return [rule.title for rule in queries.house_rules(actor, channel_id)]


def test_starting_rules_are_taken_once(lead):
    begun = actions.take_starting_rules(actor=lead)
    again = actions.take_starting_rules(actor=lead)

    assert len(begun) == len(rules.STARTING_RULES)
    assert again == []
    assert titles(lead) == [each.title for each in rules.STARTING_RULES]


def test_ended_rules_do_not_come_back_by_themselves(lead):
    for rule in actions.take_starting_rules(actor=lead):
        actions.end_rule(actor=lead, uid=rule.uid)

    tasks.begin_rules.call()

    assert titles(lead) == []


def test_an_authority_that_was_added_later_gets_a_lawful_beginning(lead):
    other = an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD)
    actions.add_rule(actor=lead, title="Egen regel", text="Den enda.")

    tasks.begin_rules.call()

    assert len(titles(other)) == len(rules.STARTING_RULES)
    assert titles(lead) == ["Egen regel"]


def test_sm_03_every_wording_is_kept_when_a_rule_changes(lead):
    rule = actions.add_rule(actor=lead, title="Grovt språk", text="Inga svordomar.")

    new = actions.change_rule(actor=lead, uid=rule.uid, title="Grovt språk", text="Inga grova svordomar.")

    assert new.pk != rule.pk
    assert new.code == rule.code
    assert [each.text for each in queries.wordings(lead, new)] == ["Inga grova svordomar.", "Inga svordomar."]
    assert [each.text for each in queries.house_rules(lead)] == ["Inga grova svordomar."]
    assert queries.in_force_since(lead) == new.from_at == queries.any_rule_for(lead, rule.uid).ended_at


def test_a_rule_sent_unchanged_does_not_end(lead):
    rule = actions.add_rule(actor=lead, title="Grovt språk", text="Inga svordomar.", first="hide")

    same = actions.change_rule(actor=lead, uid=rule.uid, title=" Grovt  språk", text="Inga svordomar.", first="hide")

    assert same.pk == rule.pk


def test_what_somebody_changed_in_between_is_not_written_over(lead):
    rule = actions.add_rule(actor=lead, title="Grovt språk", text="Inga svordomar.")
    actions.change_rule(actor=lead, uid=rule.uid, title="Grovt språk", text="Inga könsord.")

    with pytest.raises(Stale):
        actions.change_rule(actor=lead, uid=rule.uid, title="Grovt språk", text="Mitt.")
    with pytest.raises(Stale):
        actions.end_rule(actor=lead, uid=rule.uid)


def test_a_code_is_never_used_for_another_rule(lead):
    first = actions.add_rule(actor=lead, title="Grovt språk", text="A.")
    actions.end_rule(actor=lead, uid=first.uid)

    second = actions.add_rule(actor=lead, title="Grovt språk", text="B.", channel=a_channel(_authority(lead)))
    shipped = actions.add_rule(actor=lead, title="OSL", text="C.")

    assert first.code == "grovt_sprak"
    assert second.code == "grovt_sprak_2"
    assert shipped.code not in {ground.code for ground in rules.SECRECY}


def test_a_channels_rules_are_grounds_there_and_nowhere_else(lead):
    channel, other = a_channel(_authority(lead)), a_channel(_authority(lead))
    actions.add_rule(actor=lead, title="Överallt", text="A.")
    rule = actions.add_rule(actor=lead, title="Bara här", text="B.", channel=channel)

    assert titles(lead, channel.pk) == ["Överallt", "Bara här"]
    assert titles(lead, other.pk) == titles(lead) == ["Överallt"]
    assert queries.ground_for(lead, rule.code, channel.pk).rule_id == rule.pk
    with pytest.raises(NotFound):
        queries.ground_for(lead, rule.code, other.pk)
    assert queries.any_ground_for(lead, rule.code).title == "Bara här"
    assert [(row.uid, row.count) for row in queries.channels_with_rules(lead)] == [(channel.uid, 1)]


def test_rules_stand_in_the_order_that_was_chosen(lead):
    first, second, third = (actions.add_rule(actor=lead, title=name, text="X.") for name in "ABC")
    actions.add_rule(actor=lead, title="Z", text="X.", channel=a_channel(_authority(lead)))

    actions.move_rule(actor=lead, uid=third.uid, direction="up")
    actions.move_rule(actor=lead, uid=first.uid, direction="up")
    actions.move_rule(actor=lead, uid=second.uid, direction="down")
    changed = actions.change_rule(actor=lead, uid=third.uid, title="C", text="Ny.")

    assert titles(lead) == ["A", "C", "B"]
    assert changed.place == 1


@pytest.mark.parametrize(
    ("title", "text", "first", "field"),
    [("", "X.", "warn", "title"), ("X", " ", "warn", "text"), ("X", "X.", "block", "first"), ("X", "X.", "?", "first")],
)
def test_rf_5_no_rule_begins_with_a_block_and_none_is_empty(lead, title, text, first, field):
    with pytest.raises(Invalid) as refused:
        actions.add_rule(actor=lead, title=title, text=text, first=first)

    assert refused.value.field == field


def test_what_is_removed_at_once_has_no_milder_beginning(lead):
    rule = actions.add_rule(actor=lead, title="Skräp", text="Robotar.", first="answer", remove_first=True)

    ground = queries.ground_of_rule(rule)

    assert rule.first == Measure.REMOVE
    assert ground.catalogue is Catalogue.HOUSE
    assert not rules.is_stricter(Measure.REMOVE, ground)
    assert rules.is_stricter(Measure.BLOCK, ground)


def test_fl_1_a_stricter_measure_than_is_enough_is_seen_under_a_house_rule_and_not_under_bbs_5():
    house = Ground("x", Catalogue.HOUSE, "X", "X", first=Measure.WARN)

    assert not rules.is_stricter(Measure.WARN, house)
    assert rules.is_stricter(Measure.REMOVE, house)
    assert not any(rules.is_stricter(Measure.REMOVE, ground) for ground in rules.CRIMES)


def test_bbs_5_the_crimes_are_the_seven_of_the_law_and_copyright():
    assert [ground.code for ground in rules.CRIMES] == [*(f"BBS-5{letter}" for letter in "abcdefg"), "BBS-5-2"]
    assert [ground.code for ground in rules.CRIMES if ground.no_capture] == ["BBS-5e"]


def test_a_list_that_nobody_would_read_is_refused(lead):
    for number in range(rules.MOST_RULES):
        actions.add_rule(actor=lead, title=f"Regel {number}", text="X.")

    with pytest.raises(Invalid):
        actions.add_rule(actor=lead, title="En till", text="X.")


@pytest.mark.parametrize("role", [Role.REPRESENTATIVE, Role.AUDITOR, Role.UNIT_MANAGER])
def test_only_those_who_lead_decide_about_rules(lead, role):
    rule = actions.add_rule(actor=lead, title="X", text="X.")
    other = an_actor(_authority(lead), role=role)

    for act in (
        lambda: actions.take_starting_rules(actor=other),
        lambda: actions.add_rule(actor=other, title="X", text="X."),
        lambda: actions.change_rule(actor=other, uid=rule.uid, title="X", text="Y."),
        lambda: actions.end_rule(actor=other, uid=rule.uid),
        lambda: actions.move_rule(actor=other, uid=rule.uid, direction="up"),
        lambda: actions.change_notice(actor=other, ground="BBS-5a", text="X"),
        lambda: actions.restore_notice(actor=other, ground="BBS-5a"),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_another_authoritys_rule_looks_missing(lead):
    rule = actions.add_rule(actor=lead, title="X", text="X.")
    stranger = an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD)

    with pytest.raises(NotFound):
        actions.change_rule(actor=stranger, uid=rule.uid, title="X", text="Y.")
    with pytest.raises(NotFound):
        actions.end_rule(actor=stranger, uid=rule.uid)


def test_what_is_done_to_a_rule_stands_in_the_audit_log(lead):
    rule = actions.add_rule(actor=lead, title="X", text="X.")
    actions.end_rule(actor=lead, uid=rule.uid)

    assert [entry.verb for entry in audit.history(lead, rule)] == ["policy.end_rule", "policy.add_rule"]


def _authority(actor: Actor):
    from narvaro.core import queries as core

    return core.authority_of(actor)
