"""Publishing's work in the background: due attempts, expired ones, and looking for unclear ones."""

from __future__ import annotations

import logging

from narvaro.channels import queries as channels
from narvaro.connectors.port import NotThere, Outgoing, PlatformError, Published, Refused, Unknown, Visibility
from narvaro.connectors.registry import connector
from narvaro.core import ledger
from narvaro.core.jobs import Lane, schedule, task
from narvaro.core.types import Actor
from narvaro.publishing import actions, queries
from narvaro.publishing.models import Publication
from narvaro.records import queries as kept

log = logging.getLogger("narvaro.publishing")


@schedule(2, Lane.SENDING)
@task
def publish_due() -> None:
    """Attempt each publication that is due, once; what comes too late is not sent."""
    actions.refuse_late()
    while (attempt := actions.claim_attempt()) is not None:
        attempt_once(attempt)


@schedule(5, Lane.SENDING)
@task
def settle_unclear() -> None:
    """Turn vanished attempts into unclear ones, and look for unclear ones on the platform."""
    actions.sweep_expired()
    while (publication := actions.claim_settling()) is not None:
        settle(publication)


@schedule(60, Lane.SENDING)
@task
def keep_unkept() -> None:
    """Write the record of each delivered publication that lacks one because its process died in between."""
    while (publication := actions.claim_keeping()) is not None:
        keep(publication)


def attempt_once(attempt: actions.Attempt) -> None:
    """Make the one attempt of a publication that is already committed as attempting."""
    publication = _publication(attempt.publication_id)
    outcome: Published | Refused | Unknown
    try:
        outcome = connector(publication.channel.platform).publish(
            channels.account_of(publication.channel), outgoing(publication)
        )
    except PlatformError as error:  # raised before anything was sent
        outcome = Refused(reason=str(error), error=error)
    except Exception:
        log.exception("Publicering %s avbröts", publication.uid)
        outcome = Unknown(reason="Ett fel avbröt sändningen. Närvaro ser efter på plattformen vad som hände.")
    actions.store_outcome(attempt, outcome)
    ledger.sequence(publication.channel.authority)


def settle(publication: Publication) -> None:
    """Look on the platform for an unclear publication, by reading only."""
    publication = _publication(publication.pk)
    if publication.attempted_at is None:
        return
    try:
        found = connector(publication.channel.platform).settle(
            channels.account_of(publication.channel), outgoing(publication), publication.attempted_at
        )
    except PlatformError as error:
        log.warning("Publicering %s kunde inte eftersökas: %s", publication.uid, error)
        return
    actions.store_settling(publication, found)


def keep(publication: Publication) -> None:
    """Keep a delivered publication: as the channel's reading kept it, as the platform shows it, else as it was sent."""
    if actions.note_kept(publication):
        return
    is_last = actions.is_last_look(publication)
    publication = _publication(publication.pk)
    found: Published | NotThere | Unknown
    try:
        found = connector(publication.channel.platform).settle(
            channels.account_of(publication.channel),
            outgoing(publication),
            publication.attempted_at or publication.written_at,
        )
    except PlatformError as error:
        found = Unknown(str(error))
    if isinstance(found, Published) and found.item.remote_id == publication.remote_id:
        actions.keep_delivered(publication, found.item)
    elif is_last or (isinstance(found, NotThere) and found.certain):
        actions.keep_as_sent(publication)
    else:
        return
    ledger.sequence(publication.channel.authority)


def outgoing(publication: Publication) -> Outgoing:
    """Return a publication as its connector takes it."""
    answered = publication.answers
    handle = ""
    if answered is not None:
        actor = Actor.system(publication.channel.authority, "publish")
        handle = kept.kept(actor, answered).author_handle
    parent, root = queries.parent_of(publication)
    return Outgoing(
        key=publication.key,
        text=publication.text,
        parent_remote_id=parent,
        root_remote_id=root,
        visibility=Visibility(publication.visibility),
        mention_handle=handle,
        pictures=queries.pictures_of(publication),
        language=publication.language,
        warning=publication.warning,
        poll=queries.poll_of(publication),
        card=queries.card_of(publication),
    )


def _publication(pk: int) -> Publication:
    rows = Publication.objects.everywhere("publish").select_related("channel__authority", "answers", "follows")
    found: Publication = rows.get(pk=pk)
    return found
