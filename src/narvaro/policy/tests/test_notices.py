"""What an author is told under a ground: filled in whole, never misspelt, in Swedish whoever sends it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import translation

from narvaro.connectors.bluesky import graphemes
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Actor, Invalid, NotFound, Role, Stale
from narvaro.policy import actions, queries, rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead() -> Actor:
    actor = an_actor(an_authority("Storköping"), role=Role.COMMUNICATIONS_LEAD)
    actions.take_starting_rules(actor=actor)
    return actor


def test_a_notice_is_filled_in_but_for_the_way_to_complain(lead):
    ground = queries.ground_for(lead, "personal_attack")

    text = queries.filled_notice(lead, ground, "Kommentaren innehåller skällsord.", "0123-45 67 89")

    assert "Påhopp på person" in text
    assert "Kommentaren innehåller skällsord." in text
    assert "{klaga}" in text
    assert text.count("{") == 1


def test_gdpr_7_who_shared_too_much_is_told_of_a_safe_way_and_of_no_fault(lead):
    text = queries.filled_notice(lead, queries.ground_for(lead, "GDPR-7"), "", "0123-45 67 89")

    assert "Du har inte gjort något fel" in text
    assert "0123-45 67 89" in text


def test_a_notice_without_reasons_has_no_gap(lead):
    text = queries.filled_notice(lead, queries.ground_for(lead, "personal_attack"), "  ")

    assert "  " not in text


def test_what_is_filled_in_is_not_filled_in_again(lead):
    actions.change_notice(actor=lead, ground="personal_attack", text="{skäl} Ring {kontakt}. {klaga}")

    text = queries.filled_notice(
        lead, queries.ground_for(lead, "personal_attack"), "Du skrev {kontakt}{klaga}.", "0123"
    )

    assert text == "Du skrev (kontakt)(klaga). Ring 0123. {klaga}"


def test_sl_1_a_resident_is_told_in_swedish_also_by_somebody_who_works_in_english(lead):
    with translation.override("en"):
        crime = queries.filled_notice(lead, queries.ground_for(lead, "BBS-5a"), "", "")

    assert crime.startswith("Hej!")
    assert "Olaga hot" in crime


def test_an_own_notice_is_used_until_it_is_restored(lead):
    ground = queries.ground_for(lead, "BBS-5a")
    shipped = queries.notice_for(lead, ground)

    actions.change_notice(actor=lead, ground="BBS-5a", text="Vi tog bort: {regel}. {klaga}", seen_version=0)
    own = queries.notice_for(lead, ground)
    actions.restore_notice(actor=lead, ground="BBS-5a", seen_version=1)

    assert own == "Vi tog bort: {regel}. {klaga}"
    assert queries.notice_for(lead, ground) == shipped
    assert queries.own_notices(lead) == frozenset()


def test_a_notice_that_somebody_changed_in_between_is_not_written_over(lead):
    actions.change_notice(actor=lead, ground="BBS-5a", text="Ett. {klaga}", seen_version=0)

    with pytest.raises(Stale):
        actions.change_notice(actor=lead, ground="BBS-5a", text="Två. {klaga}", seen_version=0)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Hej {skal}", "{skal}"), ("Hej {Regel}", "{Regel}"), ("Hej { klaga }", "{ klaga }"), ("Hej {}", "{}"),
        ("Hej {regel", "klammer"), ("Hej regel}", "klammer"), ("   ", "Skriv"), ("x" * 2001, "för lång"),
    ],
)  # fmt: skip
def test_a_misspelt_placeholder_is_refused_with_a_sentence(lead, text, word):
    with pytest.raises(Invalid) as refused:
        actions.change_notice(actor=lead, ground="BBS-5a", text=text)

    assert word in str(refused.value)
    assert refused.value.field == "text"


def test_a_notice_of_an_unknown_ground_is_refused(lead):
    with pytest.raises(NotFound):
        actions.change_notice(actor=lead, ground="asikt", text="Nej.")


def test_a_notice_that_is_too_long_for_the_smallest_platform_is_remarked_on(lead):
    ground = queries.ground_for(lead, "personal_attack")
    text = "Hej! {skäl} {klaga} " + "ord " * 80

    remarks = rules.remarks_on_notice(ground, text, queries.example_notice(lead, ground, text))

    assert [remark.code for remark in remarks] == ["length"]
    assert rules.remarks_on_notice(ground, "{klaga}", "å" * 300) == []


def test_fl_1_a_notice_that_forgets_the_way_on_is_remarked_on(lead):
    house, secrecy = queries.ground_for(lead, "personal_attack"), queries.ground_for(lead, "GDPR-7")

    assert [remark.law for remark in rules.remarks_on_notice(house, "Hej.", "Hej.")] == ["FL-1"]
    assert [remark.law for remark in rules.remarks_on_notice(secrecy, "Hej.", "Hej.")] == ["GDPR-7"]


def test_rf_5_who_is_blocked_is_told_until_when_and_why_and_is_not_asked_to_write_again(lead):
    rule = queries.ground_for(lead, "personal_attack")
    until = datetime(2026, 12, 24, 23, 30, tzinfo=UTC)  # Christmas Day here

    with translation.override("en"):
        shipped = queries.filled_block_notice(lead, rule, "Skällsord igen.", until)
    actions.change_notice(actor=lead, ground="BLOCK", text="Stängt till {till}: {regel}. {klaga}")
    own = queries.filled_block_notice(lead, rule, "", until)

    assert "till och med 25 december 2026" in shipped
    assert "Påhopp på person. Skällsord igen." in shipped
    assert "välkommen" not in shipped
    assert graphemes(shipped) < rules.MOST_GRAPHEMES
    assert own == "Stängt till 25 december 2026: Påhopp på person. {klaga}"
    assert "BLOCK" not in [ground.code for ground in queries.grounds(lead)]


def test_rf_5_a_notice_of_blocking_that_forgets_the_time_is_remarked_on(lead):
    ground = queries.any_ground_for(lead, "BLOCK")

    assert [remark.law for remark in rules.remarks_on_notice(ground, "Hej. {klaga}", "Hej.")] == ["RF-5"]
    assert rules.problem_with_notice(queries.shipped_notice(ground)) == ""


def test_a_day_that_there_is_not_leaves_no_gap(lead):
    actions.change_notice(actor=lead, ground="BBS-5a", text="Borta {till} nu. {klaga}")

    assert queries.filled_notice(lead, queries.ground_for(lead, "BBS-5a"), "") == "Borta nu. {klaga}"


def test_the_texts_that_ship_are_right_and_say_the_way_on(lead):
    for ground in queries.every_ground(lead):
        text = queries.shipped_notice(ground)

        assert rules.problem_with_notice(text) == ""
        assert [r.code for r in rules.remarks_on_notice(ground, text, "kort")] == []
        assert graphemes(queries.filled_notice(lead, ground, "", "")) < rules.MOST_GRAPHEMES
