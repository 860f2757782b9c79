"""One text that answers many: each its own publication, all of them or none committed, and what was left said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.core.types import Actor, Invalid, Problem, Replayed
from narvaro.inbox import queries
from narvaro.inbox.actions.answering import answer
from narvaro.inbox.actions.step import refuse_others
from narvaro.publishing import actions as publishing

if TYPE_CHECKING:
    from narvaro.publishing.models import Publication, Together

MOST_TOGETHER = 200


@transaction.atomic
def answer_together(*, actor: Actor, uids: Sequence[UUID], text: str) -> Together:
    """
    Answer several residents with the same text, signed as usual.

    What cannot be answered now (done, an answer on its way, no connection, too long there) is left as it is and told
    of; the others are answered all the same. Everything is one transaction: sent twice or killed, nobody gets two.

    Raises:
        NotPermitted: The actor does not answer residents.
        Invalid: The text is empty, or fits nowhere; nothing chosen, or too much.

    Law: FL-2, TF-5
    """
    refuse_others(actor)
    if not uids or len(uids) > MOST_TOGETHER:
        raise Invalid(_("Markera mellan en och tvåhundra kommentarer."))
    together = publishing.begin_together(actor=actor, text=text)
    sent: list[Publication] = []
    left: list[tuple[UUID, str]] = []
    for incoming in queries.incomings_for(actor, dict.fromkeys(uids)):
        try:
            with transaction.atomic():
                sent.append(answer(actor=actor, uid=incoming.uid, text=text))
        except Replayed:
            raise
        except Problem as error:
            left.append((incoming.item.uid, str(error)))
    if not sent and left:
        raise Invalid(left[0][1], field="text")
    publishing.end_together(actor=actor, together=together, publications=sent, left=left)
    return together
