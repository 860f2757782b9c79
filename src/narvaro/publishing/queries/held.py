"""What newer rules hold for a person: which, why, and whether it may go out as it stands. And how a message stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from narvaro import screening
from narvaro.base.clock import now
from narvaro.core.types import Actor
from narvaro.publishing.models import MessageChannel, Publication
from narvaro.publishing.planning import Standing, standing_of
from narvaro.publishing.queries.calendar import STANDING_WORDS
from narvaro.publishing.queries.checks import Checks, checks_of
from narvaro.publishing.queries.messages import is_theirs
from narvaro.publishing.queries.publications import approver_of
from narvaro.publishing.types import Approver, MessageState, Purpose, State

if TYPE_CHECKING:
    from narvaro.publishing.models import Message

MOST_HELD = 50
HELD = _("Hålls inne av nya regler")
ON_ITS_WAY = _("På väg ut")
SENT = _("Skickat")


@dataclass(frozen=True, slots=True)
class HeldByRules:
    """
    A planned post that rules newer than its reading hold.

    Args:
        checks: What screening says of it now.
        approver: Who must approve it as well, while a crisis goes on; None otherwise.
        message: What it is a part of, where it is mended.
    """

    checks: Checks
    approver: Approver | None
    message: Message | None
    is_theirs: bool

    @property
    def may_go_out(self) -> bool:
        """Whether the actor may let it out as it stands: what stops a text stops this one too."""
        return self.is_theirs and self.approver is None and not self.checks.stops


def is_held_by_rules(publication: Publication) -> bool:
    """Whether it waits because newer rules found something: only that leaves a reason while something waits."""
    return (
        publication.state == State.AWAITING
        and publication.purpose == Purpose.POST
        and publication.answers_id is None
        and bool(publication.reason)
    )


def held_by_rules(actor: Actor) -> list[Publication]:
    """Return what newer rules hold in the channels where the actor may post, soonest first; at most 50."""
    rows = Publication.objects.of(actor).filter(state=State.AWAITING, purpose=Purpose.POST, answers=None)
    found = rows.exclude(reason="").select_related("channel", "written_by").order_by("not_before", "id")
    return [each for each in found[:MOST_HELD] if is_theirs(actor, each.channel)]


def about_held(actor: Actor, publication: Publication) -> HeldByRules | None:
    """Return what is to be known before something held is let out or mended; None where no rules hold it."""
    if not is_held_by_rules(publication):
        return None
    part = MessageChannel.objects.of(actor).filter(publication=publication).select_related("message").first()
    return HeldByRules(
        checks_of(actor, publication.text, kind=screening.Kind.POST), approver_of(actor, publication.channel),
        part.message if part is not None else None, is_theirs(actor, publication.channel),
    )  # fmt: skip


def standing_words(message: Message, sent: Iterable[Publication]) -> Any:
    """Return in a word or two how a message stands, all its channels taken together: planned, on its way or sent."""
    if message.state != MessageState.PLANNED:
        return message.get_state_display()
    sent = list(sent)
    if any(map(is_held_by_rules, sent)):
        return HELD
    standing = standing_of(message.state, [each.state for each in sent])
    if standing is Standing.OUT:
        return SENT
    is_due = message.planned_at is None or message.planned_at <= now()
    if standing is Standing.GOING or (standing is Standing.PLANNED and is_due):
        return ON_ITS_WAY
    return STANDING_WORDS[standing]
