"""Every write of training: one verb a function, one transaction each."""

from narvaro.training.actions.cases import add_case, change_case, end_case
from narvaro.training.actions.courses import ask_course, pass_course, remind
from narvaro.training.actions.meetings import (
    add_member,
    agree,
    call_day,
    call_meeting,
    change_group,
    end_group,
    end_member,
    finish_undertaking,
    fix_minutes,
    form_group,
    write_minutes,
)
from narvaro.training.actions.votes import close_poll, open_poll, vote

__all__ = [
    "add_case",
    "add_member",
    "agree",
    "ask_course",
    "call_day",
    "call_meeting",
    "change_case",
    "change_group",
    "close_poll",
    "end_case",
    "end_group",
    "end_member",
    "finish_undertaking",
    "fix_minutes",
    "form_group",
    "open_poll",
    "pass_course",
    "remind",
    "vote",
    "write_minutes",
]
