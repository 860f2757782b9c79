"""What was hidden or removed beneath something of our own is counted for those who evaluate it."""

from __future__ import annotations

import pytest

from narvaro.core.gathering import gathered
from narvaro.moderation import actions, queries
from narvaro.policy.types import Measure
from narvaro.publishing.queries.evaluation import taken_away
from narvaro.records.testing import a_kept


@pytest.mark.django_db
def test_what_was_hidden_under_a_post_is_counted_until_it_is_taken_back(authority, lead, channel):
    first, second = (
        a_kept(authority, text, channel=channel, root_remote_id="vart", parent_remote_id="vart")
        for text in ("Jag vet var du bor.", "Tack.")
    )

    def counted():
        found = gathered({"taken": queries.taken_away_part(lead, [(channel.pk, "vart"), (channel.pk, "annat")])})
        return [row.item_id for row in found["taken"]]

    made = actions.decide_measure(
        actor=lead, item=first, kind=Measure.HIDE, ground="BBS-5a", reasons="Ett hot.", why_stricter="Grovt.",
        notice="Ditt inlägg är dolt. {klaga}",
    )  # fmt: skip

    assert second.pk != first.pk
    assert queries.taken_away_part in taken_away
    assert counted() == [first.pk]
    actions.undo_measure(actor=lead, uid=made.measure.uid, why="Det var fel person.")
    assert counted() == []
