"""Every write of moderation; one verb, one transaction."""

from narvaro.moderation.actions.carrying import (
    Carrying,
    claim_carrying,
    did_by_hand,
    store_carried,
    store_confirmed,
    store_trouble,
    store_undone,
    store_waiting,
)
from narvaro.moderation.actions.deciding import Decided, decide_emergency, decide_measure, record_measure
from narvaro.moderation.actions.undoing import end_blocks, lift_block, review_block, undo_measure

__all__ = [
    "Carrying",
    "Decided",
    "claim_carrying",
    "decide_emergency",
    "decide_measure",
    "did_by_hand",
    "end_blocks",
    "lift_block",
    "record_measure",
    "review_block",
    "store_carried",
    "store_confirmed",
    "store_trouble",
    "store_undone",
    "store_waiting",
    "undo_measure",
]
