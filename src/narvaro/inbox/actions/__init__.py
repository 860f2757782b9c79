"""Every write of the inbox: one room a subject, one verb a function, one transaction each."""

from narvaro.inbox.actions.advising import ask_advice, give_advice, settle_closed_advice
from narvaro.inbox.actions.answering import acknowledge, answer, refer, register_own_link, settle_answers, undo_answer
from narvaro.inbox.actions.audience import follow_audience
from narvaro.inbox.actions.being import be_present, leave, note_opened
from narvaro.inbox.actions.bringing import bring_in
from narvaro.inbox.actions.closing import (
    close_many,
    mark_answered_by_other,
    mark_needs_answer,
    mark_no_answer_needed,
    reopen,
    reopen_many,
)
from narvaro.inbox.actions.feed import triage
from narvaro.inbox.actions.learning import (
    ask_to_learn,
    delete_learner,
    learn,
    settle_suggestions,
    suggest,
    switch_learner,
    weed_suggestions,
)
from narvaro.inbox.actions.moderating import moderate
from narvaro.inbox.actions.moving import (
    assign,
    assign_many,
    pass_on,
    pass_on_many,
    pass_to_other_authority,
    snooze,
    snooze_many,
    take,
    undo,
    undo_many,
    wake,
)
from narvaro.inbox.actions.registering import to_registrar
from narvaro.inbox.actions.saved import change_saved_answer, put_back_saved_answer, remove_saved_answer, save_answer
from narvaro.inbox.actions.sweeping import (
    escalate_late,
    hand_over_absent,
    pass_half_time,
    remind_due_soon,
    send_notices,
    settle_closed_escalations,
    tell_late,
    wake_snoozed,
    weed_notes,
)
from narvaro.inbox.actions.talking import (
    add_note,
    ask_expert,
    decide,
    discuss,
    escalate,
    make_file_note,
    reply_as_expert,
)
from narvaro.inbox.actions.urgent import accept_urgent, tell_next_contacts

__all__ = [
    "accept_urgent",
    "acknowledge",
    "add_note",
    "answer",
    "ask_advice",
    "ask_expert",
    "ask_to_learn",
    "assign",
    "assign_many",
    "be_present",
    "bring_in",
    "change_saved_answer",
    "close_many",
    "decide",
    "delete_learner",
    "discuss",
    "escalate",
    "escalate_late",
    "follow_audience",
    "give_advice",
    "hand_over_absent",
    "learn",
    "leave",
    "make_file_note",
    "mark_answered_by_other",
    "mark_needs_answer",
    "mark_no_answer_needed",
    "moderate",
    "note_opened",
    "pass_half_time",
    "pass_on",
    "pass_on_many",
    "pass_to_other_authority",
    "put_back_saved_answer",
    "refer",
    "register_own_link",
    "remind_due_soon",
    "remove_saved_answer",
    "reopen",
    "reopen_many",
    "reply_as_expert",
    "save_answer",
    "send_notices",
    "settle_answers",
    "settle_closed_advice",
    "settle_closed_escalations",
    "settle_suggestions",
    "snooze",
    "snooze_many",
    "suggest",
    "switch_learner",
    "take",
    "tell_late",
    "tell_next_contacts",
    "to_registrar",
    "triage",
    "undo",
    "undo_answer",
    "undo_many",
    "wake",
    "wake_snoozed",
    "weed_notes",
    "weed_suggestions",
]
