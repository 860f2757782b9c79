"""Media's work in the background: what ends, and what is forgotten."""

from __future__ import annotations

from narvaro.core.jobs import schedule, task
from narvaro.media import actions


@schedule(3600)
@task
def follow_terms() -> None:
    """Put licences and consents that soon end before somebody, and act on those that have ended."""
    actions.follow_terms()


@schedule(24 * 3600)
@task
def dispose_consents() -> None:
    """Forget who had consented, two years after it ended."""
    actions.dispose_consents()


@schedule(24 * 3600)
@task
def sweep_left_over_films() -> None:
    """Remove what is left of films whose upload died."""
    actions.sweep_left_over()
