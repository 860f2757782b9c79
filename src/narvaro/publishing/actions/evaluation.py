"""Every write of evaluations: how a message went that is out, in a few words; never demanded of anybody."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit
from narvaro.core.types import Actor, Invalid, NotPermitted, Stale
from narvaro.publishing import queries
from narvaro.publishing.models import Evaluation, EvaluationVersion
from narvaro.publishing.queries import evaluation as known
from narvaro.publishing.types import Went


@transaction.atomic
def evaluate_message(
    *, actor: Actor, uid: UUID | str, went: str, goal: str = "", wanted: str = "", learned: str = "",
    seen_version: int | None = None,
) -> Evaluation:  # fmt: skip
    """
    Say how a message went that is out, or put right what was said; every wording is kept.

    What is known of it now (comments, answers, what platforms counted) is kept beside the words, so that both stay
    when the records they were counted in are disposed of.

    Args:
        goal: One of the goals in the plans of its channels, as it stands there; "" for none of them.
        wanted: What we wanted, in own words.

    Raises:
        NotFound
        NotPermitted: The actor may post in none of its channels.
        Invalid: Nothing has gone out, or it is not said how it went or what was wanted.
        Stale: Somebody else has said something meanwhile.

    Law: GDPR-1, TF-5
    """
    message = queries.message_for(actor, uid, lock=True)
    parts = queries.channels_of(actor, message)
    queries.follow_tries(parts)
    if not known.may_evaluate(actor, parts):
        raise NotPermitted
    if not known.is_out(parts):
        raise Invalid(_("Inlägget har inte gått ut än. Utvärdera det när det är publicerat."))
    found = known.evaluated(actor, message, parts)
    before = found.evaluation
    if seen_version is not None and seen_version != (before.version if before else 0):
        raise Stale
    wanted, learned = wanted.strip(), learned.replace("\r\n", "\n").strip()
    offered = {"", *found.goals, before.goal if before else ""}
    _refuse_unsaid(went, goal if goal in offered else None, wanted)
    row = before or Evaluation(authority_id=actor.authority_id, message=message, version=0)
    row.went, row.goal, row.wanted, row.learned = went, goal, wanted[:500], learned[:2000]
    row.figures, row.by_id, row.at = found.figures, actor.person_id, now()
    row.version += 1
    row.save()
    content = {name: getattr(row, name) for name in ("went", "goal", "wanted", "learned", "figures")}
    EvaluationVersion.objects.create(
        authority_id=actor.authority_id, evaluation=row, number=row.version, content=content, by_id=actor.person_id
    )
    verb = "publishing.change_evaluation" if before else "publishing.evaluate_message"
    audit.note(actor, verb, message, went=went, version=row.version)
    return row


def _refuse_unsaid(went: str, goal: str | None, wanted: str) -> None:
    if goal is None:
        raise Invalid(_("Målet står inte längre i planen. Välj ett annat, eller skriv vad ni ville."), field="goal")
    if not (goal or wanted):
        raise Invalid(_("Skriv vad ni ville med inlägget."), field="wanted")
    if went not in Went.values:
        raise Invalid(_("Välj hur det gick."), field="went")
