"""Every write of moderation; one verb, one transaction."""

from narvaro.moderation.actions.carrying import (
    Carrying,
    claim_carrying,
    did_by_hand,
    store_carried,
    store_confirmed,
    store_not_done,
    store_on_word,
    store_trouble,
    store_undone,
    store_unread,
    store_waiting,
)
from narvaro.moderation.actions.crisis import (
    approve,
    approve_together,
    end_crisis,
    send_back,
    send_back_together,
    start_crisis,
)
from narvaro.moderation.actions.deciding import (
    Decided,
    decide_emergency,
    decide_measure,
    follow_captures,
    hashed,
    record_measure,
)
from narvaro.moderation.actions.hearing import Heard, answer_report, decide_complaint, keep_complaint, keep_report
from narvaro.moderation.actions.hiding import (
    change_automatic,
    follow_numbers,
    follow_reviews,
    hide_found,
    review_hiding,
)
from narvaro.moderation.actions.overseeing import (
    change_schedule,
    note_seen,
    note_widened,
    obey_guideline,
    oversee,
    say_looked_over,
)
from narvaro.moderation.actions.packaging import make_package, note_case_number, take_out_package
from narvaro.moderation.actions.placing import place_complaint
from narvaro.moderation.actions.telling import tell_unanswered
from narvaro.moderation.actions.undoing import end_blocks, lift_block, review_block, undo_measure

__all__ = [
    "Carrying",
    "Decided",
    "Heard",
    "answer_report",
    "approve",
    "approve_together",
    "change_automatic",
    "change_schedule",
    "claim_carrying",
    "decide_complaint",
    "decide_emergency",
    "decide_measure",
    "did_by_hand",
    "end_blocks",
    "end_crisis",
    "follow_captures",
    "follow_numbers",
    "follow_reviews",
    "hashed",
    "hide_found",
    "keep_complaint",
    "keep_report",
    "lift_block",
    "make_package",
    "note_case_number",
    "note_seen",
    "note_widened",
    "obey_guideline",
    "oversee",
    "place_complaint",
    "record_measure",
    "review_block",
    "review_hiding",
    "say_looked_over",
    "send_back",
    "send_back_together",
    "start_crisis",
    "store_carried",
    "store_confirmed",
    "store_not_done",
    "store_on_word",
    "store_trouble",
    "store_undone",
    "store_unread",
    "store_waiting",
    "take_out_package",
    "tell_unanswered",
    "undo_measure",
]
