"""What waits is counted by place, and what it costs has an end."""

from __future__ import annotations

import pytest

from narvaro.core import waiting
from narvaro.core.models import Waiting
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Role

pytestmark = pytest.mark.django_db


def wait(actor, place: str, count: int, **whom: object) -> None:
    Waiting.objects.bulk_create(
        Waiting(
            authority_id=actor.authority_id, place=place, subject_kind="test.thing", subject_id=number, title="Något",
            link="/", **whom,
        )
        for number in range(count)
    )  # fmt: skip


@pytest.fixture
def actor():
    return an_actor(an_authority(), role=Role.COMMUNICATIONS_LEAD)


def test_what_waits_is_counted_in_each_place_asked_for(actor):
    wait(actor, "inbox", 3, person_id=actor.person_id)
    wait(actor, "moderation", 2, role=Role.COMMUNICATIONS_LEAD.value)
    wait(actor, "registry", 4, role=Role.REGISTRAR.value)

    found = waiting.counts(actor, ["inbox", "moderation", "registry", "publications"])

    assert found == {"inbox": 3, "moderation": 2}
    assert found == waiting.counts(actor)


def test_one_place_overfull_hides_no_other_and_is_counted_to_a_thousand(actor, django_assert_num_queries):
    wait(actor, "inbox", waiting.MOST_COUNTED + 50, person_id=actor.person_id)
    wait(actor, "moderation", 1, person_id=actor.person_id)

    with django_assert_num_queries(1):
        found = waiting.counts(actor, ["inbox", "moderation"])

    assert found == {"inbox": waiting.MOST_COUNTED, "moderation": 1}
