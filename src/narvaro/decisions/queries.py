"""Every read of decisions; each starts from the actor."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from narvaro.core.gathering import Part
from narvaro.core.types import Actor
from narvaro.decisions.models import Decision
from narvaro.decisions.rules import content_hash
from narvaro.decisions.types import SETTLING


def decision_on(
    actor: Actor, subject_kind: str, subject_uid: UUID | str, content: Any, *, occasion: str = ""
) -> Decision | None:
    """
    Return the decision on exactly this content, or None.

    A decision on other content than this, however little differs, does not count.

    Args:
        content: As it stands now, in words that JSON can say.
        occasion: "" for the decision itself; the name of a review for a decision at that.

    Law: none; SM-02 says only that decisions are kept.
    """
    rows = Decision.objects.of(actor).filter(
        subject_kind=subject_kind, subject_uid=subject_uid, content_hash=content_hash(content), occasion=occasion,
        outcome__in=SETTLING,
    )  # fmt: skip
    found: Decision | None = rows.select_related("by").first()
    return found


def decisions_about(actor: Actor, subject_kind: str, subject_uid: UUID | str) -> list[Decision]:
    """Return everything decided and advised about a thing, whatever its content was then; newest first, [] for none."""
    rows = Decision.objects.of(actor).filter(subject_kind=subject_kind, subject_uid=subject_uid)
    return list(rows.select_related("by").order_by("-pk"))


def about_part(actor: Actor, subject_kind: str, subject_uid: UUID | str) -> Part:
    """Return what to gather, together with other things, to know what `decisions_about` tells; oldest first."""
    rows = Decision.objects.of(actor).filter(subject_kind=subject_kind, subject_uid=subject_uid)
    return Part(rows, names=("by__name",))
