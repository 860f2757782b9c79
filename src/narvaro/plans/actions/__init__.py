"""Every write of plans: one room a subject, one verb a function, one transaction each."""

from narvaro.plans.actions.closing import begin_closing, finish_closing, tick_step
from narvaro.plans.actions.deciding import decide_plan, recuse, remind_of_reviews, review_plan
from narvaro.plans.actions.writing import (
    ask_advice,
    change_plan,
    comment_plan,
    give_advice,
    propose,
    settle_comment,
    write_plan,
)

__all__ = [
    "ask_advice",
    "begin_closing",
    "change_plan",
    "comment_plan",
    "decide_plan",
    "finish_closing",
    "give_advice",
    "propose",
    "recuse",
    "remind_of_reviews",
    "review_plan",
    "settle_comment",
    "tick_step",
    "write_plan",
]
