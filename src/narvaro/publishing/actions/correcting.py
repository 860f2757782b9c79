"""Mending something wrong that we have said: seen by all, told to those answered, with what harm it may have done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.channels.actions import incidents
from narvaro.channels.types import Concerns, IncidentKind
from narvaro.core import audit
from narvaro.core.types import Actor, Invalid, NotPermitted, Stale
from narvaro.publishing.actions import deeds
from narvaro.publishing.actions.publications import begin_together, end_together, publish_answer, publish_post
from narvaro.publishing.models import Correction, Publication, PublicationPicture
from narvaro.publishing.queries import afterwards as queries
from narvaro.publishing.types import Extras, Purpose, State
from narvaro.publishing.types.afterwards import Ground, Harm, Means
from narvaro.records import actions as records
from narvaro.records import queries as kept

if TYPE_CHECKING:
    from narvaro.publishing.models import Together
    from narvaro.records.models import Item, Version

MOST_NOTE = 1000


@dataclass(frozen=True, slots=True)
class Violated:
    """How somebody violated is answered: in the thread, or in another way that is noted."""

    item_uid: UUID | None = None
    text: str = ""
    note: str = ""


@transaction.atomic
def correct(
    *, actor: Actor, publication: Publication, means: str, text: str, new_text: str = "",
    tell: Collection[UUID] = (), harm: Collection[str] = (), violated: Violated | None = None,
    seen_version: int | None = None,
) -> Correction:  # fmt: skip
    """
    Correct something wrong that is out. Both wordings are kept; all of it is decided at once or not at all.

    Those whom we have answered there are told by an answer each, with one text. Where personal data or something
    secret was shown an incident begins; whoever was violated gets an answer.

    Args:
        text: What we say of the mistake: beneath the post, and to those who are told.
        new_text: The right words, where the post is changed or written anew.
        tell: Which of those already answered are told, by their items.
        harm: Which questions about harm are answered yes.

    Raises:
        NotPermitted: The actor neither wrote it nor answers for the channel.
        NotKept: It is not kept yet.
        Invalid: Nothing is said, it does not fit, the platform has no such means, or somebody violated gets no answer.
        Stale: It reads otherwise by now, or is gone.

    Law: RF-1, TF-5, GDPR-3, OSL-4
    """
    held = _held(actor, publication, seen_version)
    if means not in Means.values:
        raise Invalid(_("Välj hur rättelsen ska synas."), field="means")
    if not text.strip():
        raise Invalid(_("Skriv vad som var fel och vad som är rätt."), field="text")
    found = [each.value for each in Harm if each in set(harm)]
    row = Correction(
        authority_id=actor.authority_id, publication=publication, wrong_version=held.number, means=means,
        text=text.strip(), harm=found, by_id=actor.person_id,
    )  # fmt: skip
    _mend(actor, row, new_text)
    row.together = _tell(actor, publication, text, tell)
    if Harm.PERSONAL in found or Harm.SECRET in found:
        row.incident_uid = _open_incident(actor, publication, found)
    if Harm.VIOLATED in found:
        _answer_violated(actor, publication, row, violated or Violated())
    row.save(force_insert=True)
    audit.note(
        actor, "publishing.correct", publication, correction=row.uid, means=means, harm=found,
        told=0 if row.together is None else len(tell), incident=row.incident_uid,
    )  # fmt: skip
    return row


def _held(actor: Actor, publication: Publication, seen_version: int | None) -> Version:
    if not queries.may_change(actor, publication):
        raise NotPermitted
    if publication.state != State.DELIVERED:
        raise Stale(_("Det är inte ute."))
    held = queries.wording(actor, publication)
    if seen_version is not None and seen_version != held.number:
        raise Stale(_("Inlägget har ändrats på plattformen sedan du läste det. Läs det nya först."))
    return held


def _mend(actor: Actor, row: Correction, new_text: str) -> None:
    publication = row.publication
    if row.means == Means.ANSWER:
        row.answer = publish_answer(
            actor=actor, item=_beneath(actor, publication), text=row.text, purpose=Purpose.CORRECTION
        )
        return
    if not new_text.strip():
        raise Invalid(_("Skriv den rätta texten."), field="new_text")
    if row.means == Means.EDIT:
        try:
            row.deed = deeds.change_own(actor=actor, publication=publication, text=new_text, why=row.text[:500])
        except Invalid as error:
            raise Invalid(str(error), field="new_text" if error.field == "text" else "means") from None
        return
    _anew(actor, row, new_text)


def _anew(actor: Actor, row: Correction, new_text: str) -> None:
    publication = row.publication
    row.deed = deeds.remove_own(
        actor=actor, publication=publication, ground=Ground.WRONG, why=f"{_('Rättas:')} {row.text}"[:500]
    )
    rows = PublicationPicture.objects.of(actor).filter(publication=publication).select_related("picture")
    pictures = [each.picture for each in rows.order_by("place")]
    if publication.answers_id is None:
        row.answer = publish_post(
            actor=actor, channel=publication.channel, text=new_text, purpose=Purpose.CORRECTION, pictures=pictures,
            extras=Extras(film=publication.film),
        )  # fmt: skip
    else:
        row.answer = publish_answer(
            actor=actor, item=_beneath(actor, publication), text=new_text, pictures=pictures,
            purpose=Purpose.CORRECTION,
        )  # fmt: skip


def _beneath(actor: Actor, publication: Publication) -> Item:
    """Return what a correction answers: the resident who got the wrong answer, else the wrong post itself."""
    item_id = publication.answers_id or publication.kept_item_id
    return kept.item_by_id(actor, item_id or 0)


def _tell(actor: Actor, publication: Publication, text: str, tell: Collection[UUID]) -> Together | None:
    wanted = [each for each in queries.already_answered(actor, publication) if each.item.uid in set(tell)]
    if not wanted:
        return None
    together = begin_together(actor=actor, text=text)
    sent: list[Publication] = []
    left: list[tuple[UUID, str]] = []
    for each in wanted:
        try:
            with transaction.atomic():
                sent.append(publish_answer(actor=actor, item=each.item, text=text, purpose=Purpose.CORRECTION))
        except (Invalid, NotPermitted) as error:
            left.append((each.item.uid, str(error)))
    end_together(actor=actor, together=together, publications=sent, left=left)
    return together


def _open_incident(actor: Actor, publication: Publication, harm: Sequence[str]) -> UUID:
    """Begin the incident of what should not have been out, with the clocks that the law sets. Law: GDPR-3, OSL-4"""
    incident = incidents.open_incident(actor=actor, channel=publication.channel, kind=IncidentKind.PUBLISHED)
    if Harm.PERSONAL in harm:
        incident = incidents.change_incident(
            actor=actor, incident=incident, kind=incident.kind, found_at=incident.found_at,
            concerns_people=Concerns.YES,
        )  # fmt: skip
    if Harm.SECRET in harm and publication.kept_item_id is not None:
        item = kept.item_by_id(actor, publication.kept_item_id)
        records.suspect_secrecy(actor=actor, item_ids=[item.pk])
        why = _("Något som kan omfattas av sekretess har varit ute.")
        records.queue_for_registrar(actor=actor, item=item, why=why, whole_thread=False)
    return UUID(str(incident.uid))


def _answer_violated(actor: Actor, publication: Publication, row: Correction, violated: Violated) -> None:
    """Answer somebody who was violated, in the thread or as it is noted. Law: FL-2"""
    if violated.item_uid is not None:
        there = {each.item.uid: each.item for each in queries.in_the_thread(actor, publication)}
        if violated.item_uid not in there:
            raise Invalid(_("Välj bland dem som har skrivit i tråden."), field="violated_item")
        if not violated.text.strip():
            raise Invalid(_("Skriv svaret till den som blev kränkt."), field="violated_text")
        row.violated_answer = publish_answer(
            actor=actor, item=there[violated.item_uid], text=violated.text, purpose=Purpose.CORRECTION
        )
        return
    if not violated.note.strip():
        raise Invalid(_("Skriv hur den som blev kränkt får ett svar."), field="violated_note")
    row.violated_note = violated.note.strip()[:MOST_NOTE]
    if publication.kept_item_id is not None:
        item = kept.item_by_id(actor, publication.kept_item_id)
        records.keep_file_note(actor=actor, item=item, text=row.violated_note)
