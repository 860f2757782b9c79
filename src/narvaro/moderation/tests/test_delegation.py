"""What is decided by delegation is told to the board, month by month, with nothing of those who wrote (KL-4)."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

import pytest
from django.urls import reverse

from narvaro.base import clock
from narvaro.base.clock import STOCKHOLM
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import signed_in
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import NotPermitted, Role
from narvaro.moderation import actions, delegation
from narvaro.policy.testing import a_rule
from narvaro.policy.types import Measure as Kind
from narvaro.records.testing import a_kept

pytestmark = pytest.mark.django_db

NOVEMBER = date(2026, 11, 1)


def at(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=STOCKHOLM)


@pytest.fixture
def rule(authority):
    return a_rule(authority, first=Kind.HIDE)


def decided(actor, channel, kind=Kind.HIDE, ground="BBS-5a", *, when=None, text="Din idiot"):
    with clock.frozen(when or at(11, 10)):
        item = a_kept(channel.authority, text, channel=channel)
        return actions.decide_measure(
            actor=actor, item=item, kind=kind, ground=ground, reasons="Granne Ek skriver om Svensson.",
            why_stricter="Fortsätter.", waive_notice_why="Fick veta det i går.", block_days=7,
        ).measure  # fmt: skip


def test_kl_4_the_list_has_house_rules_and_blocks_and_nothing_that_the_law_leaves_no_choice_about(channel, lead, rule):
    hidden = decided(lead, channel, ground=rule.code)
    blocked = decided(lead, channel, Kind.BLOCK, rule.code, text="Din idiot igen")
    decided(lead, channel)
    decided(lead, channel, ground="GDPR-7", text="811218-9876")

    listed = delegation.delegated(lead, NOVEMBER)

    assert [(one.measure, one.title) for one in listed] == [(hidden, rule.title), (blocked, rule.title)]
    assert listed[0].until_at is None
    assert listed[1].until_at == at(11, 17)


def test_kl_4_a_month_begins_and_ends_at_midnight_here(channel, lead, rule):
    for when in (at(10, 31, 23), at(11, 1, 0), at(11, 30, 23), at(12, 1, 0)):
        decided(lead, channel, ground=rule.code, when=when)

    found = [one.measure.decided_at for one in delegation.delegated(lead, date(2026, 11, 17))]

    assert found == [at(11, 1, 0), at(11, 30, 23)]
    assert delegation.first_month(lead) == date(2026, 10, 1)


def test_kl_4_what_was_taken_back_is_told_too_and_names_of_rules_that_ended(channel, lead, rule):
    measure = decided(lead, channel, ground=rule.code)
    with clock.frozen(at(11, 11)):
        actions.undo_measure(actor=lead, uid=measure.uid, why="Det var tillåten kritik.")
        type(rule).objects.everywhere("test").filter(pk=rule.pk).update(ended_at=clock.now())

    (one,) = delegation.delegated(lead, NOVEMBER)

    assert one.measure.undone_why == "Det var tillåten kritik."
    assert one.title == rule.title


def test_another_authoritys_decisions_are_not_listed_and_an_employee_reads_none(channel, lead, rule, authority):
    decided(lead, channel, ground=rule.code)
    stranger = an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD)

    assert delegation.delegated(stranger, NOVEMBER) == []
    with pytest.raises(NotPermitted):
        delegation.delegated(an_actor(authority, role=Role.EMPLOYEE), NOVEMBER)


def test_the_page_and_its_file_tell_what_who_and_when_and_nothing_of_residents(
    authority, lead, rule, django_assert_max_num_queries
):
    channel = a_channel(authority)
    for _each in range(4):
        decided(lead, channel, ground=rule.code)
    decided(lead, channel, Kind.BLOCK, rule.code, text="Din idiot igen")
    client, address = signed_in(an_actor(authority, role=Role.AUDITOR)), reverse("moderation:delegation")
    with clock.frozen(at(12, 2)):
        client.get(address, {"manad": "2026-11"})
        with django_assert_max_num_queries(12):
            page = client.get(address, {"manad": "2026-11"})
        file = client.get(reverse("moderation:delegation_file"), {"manad": "2026-11"})
        empty = client.get(address)

    text, rows = (
        page.content.decode(),
        list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")), delimiter=";")),
    )
    assert [row["Åtgärd"] for row in rows] == ["Dölj"] * 4 + ["Blockera"]
    assert rows[-1]["Gäller till"].startswith("2026-11-17")
    assert text.count(rule.title) == 5
    for private in ("Din idiot", "Svensson", "En medborgare"):
        assert private not in text + file.content.decode()
    assert "Inga delegationsbeslut den här månaden" in empty.content.decode()
    assert empty.context["older_url"] == "?manad=2026-11"


@pytest.mark.parametrize("month", ["", "2026-13", "aldrig", "0001-01", "9999-12", "2026-11-05; DROP"])
def test_a_month_that_is_none_is_this_one_or_what_can_be_read_of_it(lead, channel, month):
    client = signed_in(lead)

    answer = client.get(reverse("moderation:delegation"), {"manad": month})

    assert answer.status_code == 200


def test_rf_5_the_register_of_blocks_is_handed_out_whole_those_that_ended_too(lead, rule, authority):
    blocked = [
        decided(lead, a_channel(authority), Kind.BLOCK, rule.code, when=at(11, day), text="Din idiot")
        for day in (10, 11)
    ]
    with clock.frozen(at(11, 12)):
        actions.undo_measure(actor=lead, uid=blocked[0].uid, why="Personen har bett om ursäkt.")
    auditor = signed_in(an_actor(authority, role=Role.AUDITOR))

    file = auditor.get(reverse("moderation:blocks_file"))
    refused = signed_in(an_actor(authority, role=Role.EMPLOYEE)).get(reverse("moderation:blocks_file"))

    content = b"".join(file.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content), delimiter=";"))
    assert [row["Beslutets id"] for row in rows] == [str(one.uid) for one in reversed(blocked)]
    assert [row["Varför hävd"] for row in rows] == ["", "Personen har bett om ursäkt."]
    assert {row["Konto"] for row in rows} == {"medborgare@social.example"}
    assert {row["Grund"] for row in rows} == {rule.title}
    assert "Din idiot" not in content
    assert refused.status_code == 403
