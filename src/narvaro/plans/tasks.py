"""Plans' work in the background: the yearly reviews that are near."""

from __future__ import annotations

from narvaro.core import queries as core
from narvaro.core.jobs import schedule, task
from narvaro.plans import actions


@schedule(3600)
@task
def remind_of_reviews() -> None:
    """Tell of each plan that is due to be looked over within thirty days."""
    for authority in core.all_authorities():
        actions.remind_of_reviews(authority=authority)
