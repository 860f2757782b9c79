"""The audit log: every deed a leaf, told in sentences, read by those who may, and as a file."""

from __future__ import annotations

import ast
import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse

from narvaro.base import clock, merkle
from narvaro.core import actions, audit, audit_words, ledger, queries
from narvaro.core.models import AuditEntry
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.tests.pages import a_signed_in, send, words
from narvaro.core.types import VERBS, Actor, AuditVerbError, NotPermitted, Role

pytestmark = pytest.mark.django_db


def test_every_entry_is_a_leaf_over_its_whole_content():
    authority = an_authority()
    administrator = an_actor(authority, role=Role.ADMINISTRATOR)
    actions.add_unit(actor=administrator, name="Biblioteket")
    actions.add_unit(actor=administrator, name="Badhuset")
    ledger.sequence(authority)

    leaves = [(subject, digest) for _position, subject, digest in ledger.leaves(administrator, kind=ledger.AUDIT)]

    entries = sorted(AuditEntry.objects.of(administrator), key=lambda e: e.pk)
    assert leaves == [(e.pk, merkle.leaf_hash(audit.content_of(e))) for e in entries]
    assert len(entries) == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [("why", "annat"), ("actor_name", "någon annan"), ("verb", "core.end_role"), ("facts", {"a": 1})],
)
def test_an_entry_changed_in_any_part_no_longer_fits_its_leaf(field, value):
    authority = an_authority()
    actor = an_actor(authority, role=Role.ADMINISTRATOR)
    entry = audit.note(actor, "core.set_up", authority)
    before = audit.content_of(entry)

    setattr(entry, field, value)

    assert audit.content_of(entry) != before


def test_a_deed_that_did_not_happen_is_not_in_the_log():
    administrator = an_actor(an_authority(), role=Role.ADMINISTRATOR)
    client = a_signed_in(administrator)

    send(client, "add_unit", name="")
    send(client, "hours", open_weekdays=["1"], open_from="10:00", open_until="09:00", answer_hours="1")

    assert queries.audit_log(administrator) == []


def test_a_verb_has_the_form_of_its_action():
    with pytest.raises(AuditVerbError):
        audit.note(an_actor(an_authority()), "Något som hände")


def test_deeds_are_told_as_sentences():
    authority = an_authority()
    administrator = an_actor(authority, role=Role.ADMINISTRATOR)
    other, unit = person_of(an_actor(authority)), a_unit(authority)

    actions.give_role(actor=administrator, person=other, role=Role.UNIT_MANAGER, unit_uid=unit.uid)
    (told,) = audit_words.tell(administrator, queries.audit_log(administrator))

    assert told.who == administrator.name
    assert told.text == f"gav {other.name} rollen Enhetschef i Biblioteket"


def test_every_deed_of_the_house_has_its_words():
    source = (Path(actions.__file__)).read_text(encoding="utf-8")
    verbs = {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("core.")
    }

    assert verbs <= set(VERBS)


def test_a_verb_without_words_is_shown_as_it_is_written():
    actor = an_actor(an_authority(), role=Role.AUDITOR)
    audit.note(Actor(actor.authority_id, actor.organisation_id, duty="sweep"), "core.do_thing")

    (told,) = audit_words.tell(actor, queries.audit_log(actor))

    assert (told.who, told.text) == ("Närvaro (sweep)", "core.do_thing")


def test_every_entry_is_reached_by_paging_both_ways():
    authority = an_authority()
    auditor = an_actor(authority, role=Role.AUDITOR)
    for _number in range(120):
        audit.note(auditor, "core.set_up", authority)
    client, url, seen = a_signed_in(auditor), reverse("core:audit_log"), []

    for _page in range(5):
        page = client.get(url)
        seen.append([told.pk for told in page.context["told"]])
        if not page.context["older_url"]:
            break
        url = reverse("core:audit_log") + page.context["older_url"]
    back = client.get(reverse("core:audit_log") + page.context["newer_url"])

    assert [len(pks) for pks in seen] == [50, 50, 20]
    assert [pk for pks in seen for pk in pks] == sorted(
        AuditEntry.objects.of(auditor).values_list("pk", flat=True), reverse=True
    )
    assert [told.pk for told in back.context["told"]] == seen[1]


def test_the_log_is_filtered_by_who_what_and_when():
    authority = an_authority()
    one, other = an_actor(authority, role=Role.ADMINISTRATOR), an_actor(authority, role=Role.ADMINISTRATOR)
    with clock.frozen(clock.now() - timedelta(days=10)):
        audit.note(one, "core.add_unit", authority)
    audit.note(other, "core.close_unit", authority)
    audit.note(Actor.system(authority, "sweep"), "core.set_up", authority)
    client, today = a_signed_in(one), clock.today()

    def verbs(**chosen: object) -> list[str]:
        return [told.verb for told in client.get(reverse("core:audit_log"), chosen).context["told"]]

    assert verbs(vem=str(person_of(one).uid)) == ["core.add_unit"]
    assert verbs(vem="system") == ["core.set_up"]
    assert verbs(vad="core.close_unit") == ["core.close_unit"]
    assert verbs(fran=today.isoformat()) == ["core.set_up", "core.close_unit"]
    assert verbs(till=(today - timedelta(days=5)).isoformat()) == ["core.add_unit"]


def test_the_file_holds_everything_and_no_cell_that_a_spreadsheet_would_run():
    authority = an_authority()
    auditor = an_actor(authority, role=Role.AUDITOR)
    for number in range(3):
        audit.note(auditor, "core.set_up", authority, why=f"=HYPERLINK({number})")

    answer = a_signed_in(auditor).get(reverse("core:audit_file"))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))

    assert rows[0][:4] == ["Tid", "Vem", "Vad", "Varför"]
    assert [row[3] for row in rows[1:]] == ["'=HYPERLINK(2)", "'=HYPERLINK(1)", "'=HYPERLINK(0)"]


def test_the_page_costs_the_same_however_long_the_log_is(django_assert_max_num_queries):
    authority = an_authority()
    administrator = an_actor(authority, role=Role.ADMINISTRATOR)
    for number in range(60):
        actions.add_unit(actor=administrator, name=f"Enhet {number}")
    client = a_signed_in(administrator)

    with django_assert_max_num_queries(24):
        page = client.get(reverse("core:audit_log"))

    assert "lade till enheten Enhet 59" in words(page)


@pytest.mark.parametrize("role", [Role.REPRESENTATIVE, Role.COMMUNICATIONS_LEAD, Role.EMPLOYEE])
def test_the_log_is_closed_to_those_it_is_about(role):
    with pytest.raises(NotPermitted):
        queries.audit_log(an_actor(an_authority(), role=role))
