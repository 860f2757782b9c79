"""Publishing's work in the background: due attempts, expired ones, and looking for unclear ones."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from narvaro.channels import queries as channels
from narvaro.channels.rules import platform_name
from narvaro.connectors import private
from narvaro.connectors.afterwards import Acting, Done, Editing, Rereading, Target
from narvaro.connectors.afterwards import Deed as Act
from narvaro.connectors.client import Unanswered
from narvaro.connectors.port import (
    Account,
    Allowance,
    Misconfigured,
    NotThere,
    Outgoing,
    PlatformError,
    Published,
    Refused,
    Transient,
    Unknown,
    Visibility,
)
from narvaro.connectors.registry import connector
from narvaro.core import ledger
from narvaro.core import queries as core
from narvaro.core.jobs import Lane, schedule, task
from narvaro.core.types import Actor
from narvaro.publishing import actions, queries, repeating, website_looking
from narvaro.publishing.actions import (
    approval,
    barring,
    deeds,
    hand_letters,
    outside,
    quotas,
    read_back,
    screening_again,
)
from narvaro.publishing.comparing import said, same_words
from narvaro.publishing.models import Deed, Publication
from narvaro.publishing.queries import afterwards
from narvaro.publishing.queries.films import film_of
from narvaro.publishing.queries.pictures import barred_of
from narvaro.publishing.types.afterwards import DeedKind
from narvaro.records import queries as kept
from narvaro.records.types import Origin

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.connectors.port import Item
    from narvaro.core.models import Authority
    from narvaro.publishing.models import PublicationPicture

MOST_UNPLACED = 50

log = logging.getLogger("narvaro.publishing")


@schedule(2, Lane.SENDING)
@task
def publish_due() -> None:
    """Attempt each publication that is due and has no film, once; what comes too late is not sent."""
    _hold_back()
    kept: list[Authority] = []
    line: list[int] = []
    while (attempt := actions.claim_attempt(has_film=False, line=line)) is not None:
        kept.append(attempt_once(attempt))
        if len(kept) >= MOST_UNPLACED:
            _place(kept)
    _place(kept)


@schedule(2, Lane.FILMS)
@task
def publish_due_films() -> None:
    """Attempt each publication that is due and has a film, once; what comes too late is not sent."""
    _hold_back()
    while (attempt := actions.claim_attempt(has_film=True)) is not None:
        _place([attempt_once(attempt)])


def _hold_back() -> None:
    """Refuse what comes too late, and keep what rules stop by now or what there is no room for today."""
    actions.refuse_late()
    screening_again.hold_what_rules_stop_now()
    quotas.postpone_full()


def _place(kept: list[Authority]) -> None:
    """Give what was kept its places in the ledger; many at a time, since each head is signed."""
    for authority in {each.pk: each for each in kept}.values():
        ledger.sequence(authority)
    kept.clear()


@schedule(60, Lane.READING)
@task
def look_at_pages() -> None:
    """Look whether the pages of the website that messages belong to are there."""
    website_looking.look_at_due()


@schedule(300, Lane.READING)
@task
def propose_again() -> None:
    """Put texts that are due again before those who said so, as drafts."""
    repeating.propose_due()


@schedule(300, Lane.HOUSE)
@task
def mind_approvals() -> None:
    """Remind of what waits to be approved, and give back what nobody approved in time."""
    approval.mind_waiting()


@schedule(60, Lane.HOUSE)
@task
def tell_of_hand_posts() -> None:
    """Write to whoever publishes by hand when it is time, and once more when the link is missing."""
    hand_letters.tell_of_hand_posts()


@schedule(5, Lane.LOOKING)
@task
def settle_unclear() -> None:
    """Turn vanished attempts into unclear ones, and look for unclear ones on the platform."""
    actions.sweep_expired()
    while (publication := actions.claim_settling()) is not None:
        settle(publication)


@schedule(60, Lane.LOOKING)
@task
def keep_unkept() -> None:
    """Write the record of each delivered publication that lacks one because its process died in between."""
    while (publication := actions.claim_keeping()) is not None:
        keep(publication)


def attempt_once(attempt: actions.Attempt) -> Authority:
    """
    Make the one attempt of a publication that is already committed as attempting; returns whose it is.

    What was kept gets its place in the ledger from whoever asked, or from the ledger's own sweep.
    """
    publication = attempt.publication
    pictures = queries.picture_rows(publication)
    if why := barred_of(publication, pictures):
        barring.bar(attempt, why)
        return publication.channel.authority
    outcome: Published | Refused | Unknown
    platform = publication.channel.platform
    try:
        post = outgoing(publication, pictures)
        with metered(publication.channel) as account:
            is_barred = private.refused_in_public(post, platform, platform_name(platform))
            outcome = is_barred or connector(platform).publish(account, post)
    except PlatformError as error:  # raised before anything was sent
        outcome = Refused(reason=str(error), error=error)
    except Exception:
        log.exception("Publicering %s avbröts", publication.uid)
        outcome = Unknown(reason="Ett fel avbröt sändningen. Närvaro ser efter på plattformen vad som hände.")
    actions.store_outcome(attempt, outcome)
    return publication.channel.authority


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


def outgoing(publication: Publication, pictures: Iterable[PublicationPicture] | None = None) -> Outgoing:
    """Return a publication as its connector takes it, with the rows of its pictures where they were read already."""
    answered = publication.answers
    handle = ""
    if answered is not None and answered.origin == Origin.RECEIVED:  # beneath words of ours nobody is named
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
        pictures=queries.pictures_of(publication, pictures),
        language=publication.language,
        warning=publication.warning,
        poll=queries.poll_of(publication),
        card=queries.card_of(publication),
        film=film_of(publication),
    )


def _publication(pk: int) -> Publication:
    found: Publication = Publication.objects.everywhere("publish").select_related("channel__authority").get(pk=pk)
    return found


# --- What happens with what is out -----------------------------------------------------------------------------------


@schedule(5, Lane.SENDING)
@task
def do_deeds() -> None:
    """Change, remove, like, repost and follow what is decided and due, once each; settle by reading what is unclear."""
    deeds.sweep_expired_deeds()
    while (attempt := deeds.claim_deed()) is not None:
        do_once(attempt)
    while (deed := deeds.claim_settling_deed()) is not None:
        settle_deed(deed)


@schedule(10, Lane.LOOKING)
@task
def look_back() -> None:
    """Compare what the platform shows with what was approved, after each delivery and each change."""
    kept: list[Authority] = []
    while (publication := read_back.claim_look_back()) is not None:
        if compare(publication):
            kept.append(publication.channel.authority)
        if len(kept) >= MOST_UNPLACED:
            _place(kept)
    _place(kept)


@schedule(30, Lane.HOUSE)
@task
def find_outside() -> None:
    """Find in what was captured what goes out in our name without having gone out from here."""
    for authority in core.all_authorities():
        while outside.follow(authority=authority):
            pass
    outside.look_again()


def do_once(attempt: deeds.DeedAttempt) -> None:
    """Keep what stands there, then make the one attempt of a deed that is already committed as attempting."""
    deed = deeds.held_deed(attempt)
    outcome: Published | Done | Refused | Unknown
    try:
        with metered(deed.channel) as account:
            if deed.publication is not None:
                shown = _read_one(deed.publication, account)
                may = deeds.keep_before(attempt, shown)
                ledger.sequence(deed.channel.authority)
                if not may:
                    return
    except PlatformError as error:  # nothing is done yet
        deeds.store_deed(attempt, Refused(str(error), error))
        return
    try:
        with metered(deed.channel) as account:
            outcome = _done(deed, account)
    except Exception:
        log.exception("%s %s avbröts", deed.kind, deed.uid)
        outcome = Unknown(reason="Ett fel avbröt. Närvaro ser efter på plattformen vad som hände.")
    deeds.store_deed(attempt, outcome)
    ledger.sequence(deed.channel.authority)


def settle_deed(deed: Deed) -> None:
    """Look on the platform whether an unclear deed was done, by reading only."""
    try:
        with metered(deed.channel) as account:
            if deed.publication is None:
                kind, target = _act_of(deed)
                stands = _acting(deed.channel).stands(account, kind, target, _key(deed))
                deeds.store_settled_deed(deed, stands=stands != (deed.takes_back_id is not None))
                return
            shown = _read_one(deed.publication, account)
    except PlatformError as error:
        log.warning("%s %s kunde inte eftersökas: %s", deed.kind, deed.uid, error)
        return
    if deed.kind == DeedKind.REMOVE:
        deeds.store_settled_deed(deed, stands=shown is None, shown=shown)
    else:
        wanted = said(replace(outgoing(deed.publication), text=deed.text))
        deeds.store_settled_deed(deed, stands=shown is not None and same_words(wanted, shown.text), shown=shown)
    ledger.sequence(deed.channel.authority)


def compare(publication: Publication) -> bool:
    """Read one post of ours and compare it with what was approved, as changed since; returns whether it was read."""
    is_last = read_back.is_last_look_back(publication)
    publication = _publication(publication.pk)
    text, number = afterwards.changed_text(publication)
    if not afterwards.can_reread(publication.channel.platform) or afterwards.is_removed(publication):
        read_back.leave_looking_back(publication)
        return False
    try:
        with metered(publication.channel) as account:
            shown = _read_one(publication, account)
    except PlatformError as error:
        log.warning("Publicering %s kunde inte jämföras: %s", publication.uid, error)
        if is_last:
            read_back.give_up_looking_back(publication, number=number)
        return False
    read_back.store_look_back(publication, replace(outgoing(publication), text=text), shown, number=number)
    return True


@contextmanager
def metered(channel: Channel) -> Iterator[Account]:
    """Give a channel's account, and note afterwards what the platform said is left to it."""
    heard: list[Allowance] = []
    try:
        yield replace(channels.account_of(channel), meter=heard.append)
    finally:
        quotas.note_allowances(channel, heard)


def _done(deed: Deed, account: Account) -> Published | Done | Refused | Unknown:
    platform = connector(deed.channel.platform)
    if deed.publication is None:
        kind, target = _act_of(deed)
        acting = _acting(deed.channel)
        if deed.takes_back_id is not None:
            return acting.take_back(account, kind, target, _key(deed))
        return acting.act(account, kind, target, deed.key)
    if deed.kind == DeedKind.EDIT:
        if not isinstance(platform, Editing):
            return Refused("Plattformen låter ingen ändra ett inlägg.")
        return platform.edit(account, deed.publication.remote_id, replace(outgoing(deed.publication), text=deed.text))
    try:
        platform.remove(account, deed.publication.remote_id)
    except Transient as error:
        if not isinstance(error, Unanswered) and error.retry_after_seconds is not None:
            return Refused(str(error), error)
        return Unknown(str(error))
    except PlatformError as error:
        return Refused(str(error), error)
    return Done()


def _read_one(publication: Publication, account: Account) -> Item | None:
    platform = connector(publication.channel.platform)
    if not isinstance(platform, Rereading):
        raise Misconfigured("Plattformen visar inte ett enskilt inlägg åt Närvaro. Gör det i plattformens egen app.")
    return platform.read_one(account, publication.remote_id)


def _acting(channel: Channel) -> Acting:
    platform = connector(channel.platform)
    if not isinstance(platform, Acting):
        raise Misconfigured("Det går inte att göra genom Närvaro på den plattformen.")
    return platform


def _act_of(deed: Deed) -> tuple[Act, Target]:
    return Act(deed.kind), Target(**deed.target)


def _key(deed: Deed) -> str:
    return deed.takes_back.key if deed.takes_back is not None else deed.key
