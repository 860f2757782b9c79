"""Training's work in the background: what is asked and missing waits for whom it is asked of."""

from __future__ import annotations

from narvaro.core import queries as core
from narvaro.core.jobs import schedule, task
from narvaro.core.types import Actor
from narvaro.training import actions

_TWICE_A_DAY = 12 * 3600


@schedule(_TWICE_A_DAY)
@task
def remind_of_courses() -> None:
    """Let courses wait for those who are new, and for those whose certificate has ended or soon will."""
    for authority in core.all_authorities():
        actions.remind(actor=Actor.system(authority, "training"))
