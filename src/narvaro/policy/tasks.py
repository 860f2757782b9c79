"""Policy's work in the background: a lawful beginning for authorities that nobody has set rules for."""

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
