"""Policy's work in the background: a lawful beginning where nobody has set rules, and the guideline's days."""

from __future__ import annotations

from narvaro.core import queries as core
from narvaro.core.jobs import schedule, task
from narvaro.core.types import Actor
from narvaro.policy import actions


@schedule(3600)
@task
def begin_rules() -> None:
    """Let each authority that has never had house rules begin with those that ship: one that was added later too."""
    for authority in core.all_authorities():
        actions.take_starting_rules(actor=Actor.system(authority, "policy"))


@schedule(3600)
@task
def hold_to_guideline() -> None:
    """Let each adopted guideline begin to hold on its day, and find what it now asks of people and channels."""
    for authority in core.all_authorities():
        actions.bring_due_into_force(authority=authority)
        actions.remind(authority=authority)
        actions.follow_activity(authority=authority)
        actions.follow_archiving(authority=authority)
        actions.follow_duties(authority=authority)
