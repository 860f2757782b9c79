"""
Every read of the inbox, one room a subject.

Another organisation's item looks missing, and so does a private message to those who may not read it.
"""

from narvaro.inbox.queries.audited import audit_answers
from narvaro.inbox.queries.items import (
    KIND,
    PLACE,
    advice_for,
    alarm_of,
    audited_about,
    escalation_for,
    incoming_for,
    incoming_of,
    incomings_for,
    may_undo,
    note_for,
    own_presence,
    presence,
    purpose_of,
    replies_of,
    shown_words,
    title_of,
)
from narvaro.inbox.queries.lists import PAGE, Board, board, kinds, list_page
from narvaro.inbox.queries.offered import (
    colleagues,
    colleagues_in,
    expert_question,
    is_any_learner_on,
    other_units,
    saved_answer_for,
    saved_answers,
    shown_to_expert,
    suggested_file_note,
)
from narvaro.inbox.queries.screened import findings_of, numbers_found, suspected
from narvaro.inbox.queries.threads import signature_of, thread_page

__all__ = [
    "KIND",
    "PAGE",
    "PLACE",
    "Board",
    "advice_for",
    "alarm_of",
    "audit_answers",
    "audited_about",
    "board",
    "colleagues",
    "colleagues_in",
    "escalation_for",
    "expert_question",
    "findings_of",
    "incoming_for",
    "incoming_of",
    "incomings_for",
    "is_any_learner_on",
    "kinds",
    "list_page",
    "may_undo",
    "note_for",
    "numbers_found",
    "other_units",
    "own_presence",
    "presence",
    "purpose_of",
    "replies_of",
    "saved_answer_for",
    "saved_answers",
    "shown_to_expert",
    "shown_words",
    "signature_of",
    "suggested_file_note",
    "suspected",
    "thread_page",
    "title_of",
]
