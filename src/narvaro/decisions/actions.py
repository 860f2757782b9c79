"""The one write of decisions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from narvaro.core import audit
from narvaro.core.types import Actor, Invalid, NotPermitted, Stale
from narvaro.decisions.models import Decision
from narvaro.decisions.rules import content_hash
from narvaro.decisions.types import Outcome

MOST_WORDS = 4000


@transaction.atomic
def decide(
    *,
    actor: Actor,
    subject_kind: str,
    subject_uid: UUID,
    content: Any,
    seen_hash: str,
    outcome: str,
    role: str = "",
    reference: str = "",
    why: str = "",
    occasion: str = "",
) -> Decision:
    """
    Write down what a person decides, or advises, about exact content.

    Whether the person may is the caller's to say, and so is what follows; the caller holds the subject locked, so that
    its content does not change meanwhile. Two at once, a form sent again or an old page give one decision.

    Args:
        content: What stands there now, in words that JSON can say.
        seen_hash: The hash of what the person looked at (`rules.content_hash`).
        role: In which role they decide; a value of core's Role.
        reference: The diary number, when there is one.
        why: The reasons; needed for anything but an approval.
        occasion: "" for the decision itself; a name for a later one on the same content, such as a yearly review.

    Raises:
        NotPermitted: A machine decides nothing.
        Invalid: No reasons, too many words, or no such outcome.
        Stale: The content is another than was looked at, or it is decided already.

    Law: FL-9, SM-02
    """
    if actor.person_id is None:
        raise NotPermitted
    if outcome not in Outcome.values:
        raise Invalid(_("Välj vad du beslutar."), field="outcome")
    if outcome != Outcome.APPROVED and not why.strip():
        raise Invalid(_("Skriv skälen, så att de andra förstår och kan gå vidare."), field="why")
    if len(why) > MOST_WORDS:
        raise Invalid(_("Texten är för lång. Korta den."), field="why")
    exact = content_hash(content)
    if seen_hash != exact:
        raise Stale(_("Texten har ändrats sedan du öppnade den. Läs det nya och besluta sedan."))
    decision = Decision(
        authority_id=actor.authority_id, subject_kind=subject_kind, subject_uid=subject_uid, content_hash=exact,
        occasion=occasion, outcome=outcome, by_id=actor.person_id, role=role, reference=reference.strip()[:120],
        why=why.strip(),
    )  # fmt: skip
    try:
        with transaction.atomic():
            decision.save(force_insert=True)
    except IntegrityError:
        raise Stale(_("Det här är redan beslutat. Läs beslutet innan du gör något mer.")) from None
    verb = "decisions.give_advice" if outcome == Outcome.ADVICE else "decisions.take_decision"
    audit.note(actor, verb, decision, kind=subject_kind, about=subject_uid, outcome=outcome, reference=reference)
    return decision
