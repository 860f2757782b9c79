"""A decision is bound to exact content, is taken once, and is never changed."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection, transaction

from narvaro.base.ids import uuid7
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Actor, Invalid, NotPermitted, Role, Stale
from narvaro.decisions import queries
from narvaro.decisions.actions import decide
from narvaro.decisions.models import Decision
from narvaro.decisions.rules import content_hash
from narvaro.decisions.types import Outcome

KIND = "plans.plan"
TEXT = {"message": "Biblioteket är öppet.", "goals": ["200 barn"]}


def decided(actor, uid, content=TEXT, outcome=Outcome.APPROVED, **values):
    values = {"seen_hash": content_hash(content), "why": "Det är bra.", **values}
    return decide(actor=actor, subject_kind=KIND, subject_uid=uid, content=content, outcome=outcome, **values)


@pytest.mark.one_database
def test_the_same_content_has_the_same_hash_and_no_other_has():
    turned = {"goals": ["200 barn"], "message": "Biblioteket är öppet."}

    assert content_hash(turned) == content_hash(TEXT)
    assert content_hash({**TEXT, "message": "Biblioteket är öppet. "}) != content_hash(TEXT)
    with pytest.raises(ValueError):
        content_hash({"figure": float("nan")})


@pytest.mark.django_db
def test_a_decision_on_other_content_than_is_there_now_does_not_count(lead):
    uid = uuid7()
    decided(lead, uid)

    changed = {**TEXT, "message": "Biblioteket är stängt."}

    assert queries.decision_on(lead, KIND, uid, TEXT).outcome == Outcome.APPROVED
    assert queries.decision_on(lead, KIND, uid, changed) is None
    assert queries.decision_on(lead, KIND, uuid7(), TEXT) is None
    with pytest.raises(Stale):
        decided(lead, uid, changed, seen_hash=content_hash(TEXT))


@pytest.mark.django_db
def test_the_same_content_is_decided_once_and_anew_only_at_another_occasion(lead):
    uid = uuid7()
    decided(lead, uid, outcome=Outcome.SENT_BACK)

    for outcome in (Outcome.APPROVED, Outcome.REJECTED, Outcome.SENT_BACK):
        with pytest.raises(Stale):
            decided(lead, uid, outcome=outcome)
    decided(lead, uid, outcome=Outcome.ADVICE)
    decided(lead, uid, occasion="review 2027-11-21")

    assert [each.outcome for each in queries.decisions_about(lead, KIND, uid)] == ["approved", "advice", "sent_back"]
    assert queries.decision_on(lead, KIND, uid, TEXT).outcome == Outcome.SENT_BACK


@pytest.mark.django_db
def test_a_machine_decides_nothing_and_a_refusal_has_its_reasons(lead, authority):
    with pytest.raises(NotPermitted):
        decided(Actor.system(authority, "test"), uuid7())
    with pytest.raises(Invalid):
        decided(lead, uuid7(), outcome=Outcome.REJECTED, why=" ")
    with pytest.raises(Invalid):
        decided(lead, uuid7(), outcome="perhaps")
    assert not Decision.objects.of(lead).exists()


@pytest.mark.django_db
def test_arch_1_a_decision_is_neither_changed_nor_removed(lead):
    made = decided(lead, uuid7())

    for change in (
        lambda: Decision.objects.of(lead).filter(pk=made.pk).update(outcome=Outcome.REJECTED),
        lambda: Decision.objects.of(lead).filter(pk=made.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert queries.decisions_about(lead, KIND, made.subject_uid) == [made]


@pytest.mark.django_db
def test_another_authority_sees_no_decision(lead):
    uid = uuid7()
    decided(lead, uid)
    stranger = an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD)

    assert queries.decisions_about(stranger, KIND, uid) == []
    assert queries.decision_on(stranger, KIND, uid, TEXT) is None


@pytest.mark.django_db(transaction=True)
def test_several_who_decide_at_once_give_one_decision():
    authority = an_authority()
    people = [an_actor(authority, role=Role.COMMUNICATIONS_LEAD) for _number in range(2)]
    uid, gate = uuid7(), threading.Barrier(4)

    def act(turn: int) -> str:
        gate.wait(10)
        try:
            decided(people[turn % 2], uid, outcome=(Outcome.APPROVED, Outcome.REJECTED)[turn % 2])
        except Stale:
            return "stale"
        finally:
            connection.close()
        return "decided"

    with ThreadPoolExecutor(4) as pool:
        became = list(pool.map(act, range(4)))

    assert sorted(became) == ["decided", "stale", "stale", "stale"]
    assert len(queries.decisions_about(people[0], KIND, uid)) == 1
