"""What people do about publications: intend one, let it out or send it back, undo it, decide about an unclear one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.channels import rules as channel_rules
from narvaro.channels.types import NOT_BEGUN as NOT_IN_USE
from narvaro.channels.types import ChannelState, Platform
from narvaro.connectors import private
from narvaro.connectors.port import Visibility
from narvaro.connectors.registry import new_key
from narvaro.core import audit, waiting
from narvaro.core.moments import local
from narvaro.core.types import ANSWERS, Actor, Invalid, NotPermitted, Role, Stale
from narvaro.media import queries as media
from narvaro.media.queries import films
from narvaro.publishing import queries, rules, threads
from narvaro.publishing.actions import chains
from narvaro.publishing.actions.approval import refuse_own_release
from narvaro.publishing.actions.by_hand import ask_hand
from narvaro.publishing.actions.chains import KIND, PLACE
from narvaro.publishing.actions.sending import every_row
from narvaro.publishing.models import Publication, PublicationPicture, Together
from narvaro.publishing.queries.approval import answer_approver_of
from narvaro.publishing.types import NEEDS_PERSON, NOT_BEGUN, PASSES_ALWAYS, Approver, Extras, Purpose, State
from narvaro.records import queries as kept

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.media.models import Film, Picture
    from narvaro.records.models import Item

NOTHING_MORE = Extras()
UNDO_SECONDS = 8


@dataclass(frozen=True, slots=True)
class Planned:
    """When something goes out, and whose words it is."""

    written_by_id: int | None
    not_before: datetime | None = None  # None: at once
    not_after: datetime | None = None
    is_approved: bool = False  # by somebody who may approve there, which is another matter than posting there


@transaction.atomic
def publish_answer(
    *, actor: Actor, item: Item, text: str, pictures: Sequence[Picture] = (), retry_of: Publication | None = None,
    to_author_only: bool = False, asks_approval: bool = True, purpose: Purpose = Purpose.ANSWER,
) -> Publication:  # fmt: skip
    """
    Commit the intent to answer an item; it goes out after a moment in which it can be undone.

    Where somebody approves what goes out (a crisis), what a person sends waits for that first.

    The answer inherits the visibility of what it answers: a private question is not answered in public.

    Args:
        to_author_only: Closed to everybody but the author, where the platform has such answers.
        asks_approval: False for what the law asks for, such as words about a measure: that waits for nobody.
        purpose: A correction, where what is answered is wrong words of ours.

    Raises:
        NotPermitted: The actor does not answer residents, or the channel is not connected to a platform.
        Invalid: The text is empty or longer than the channel takes, or the pictures are more or larger.

    Law: TF-4, TF-5, TF-6
    """
    if not (actor.is_system or actor.has_anywhere(*ANSWERS)):
        raise NotPermitted
    channel = item.channel
    if channel_rules.is_by_hand(channel.platform, channel.remote_id) or channel.state == ChannelState.CLOSED:
        raise NotPermitted(_("Kanalen är inte ansluten. Publicera svaret själv och registrera länken."))
    is_private = item.visibility == Visibility.PRIVATE
    if is_private and asks_approval and not private.can_answer(channel.platform, item.remote_id):
        raise NotPermitted(_("Härifrån går det inte att svara privat. Svara i plattformens app och registrera svaret."))
    if not text.strip():
        raise Invalid(_("Skriv ett svar."), field="text")
    media.refuse_barred(actor, pictures)
    taken = rules.mention_length(channel.platform, kept.kept(actor, item).author_handle, text.strip())
    _refuse_unfit(channel, text.strip(), pictures, taken=taken, is_private=is_private)
    is_closed = to_author_only and channel.platform == Platform.MASTODON
    visibility = Visibility.PRIVATE.value if is_closed else item.visibility
    approver = answer_approver_of(actor, channel, purpose) if asks_approval and not actor.is_system else None
    publication = _intend(
        actor, channel, text.strip(), visibility, pictures, answers=item, retry_of=retry_of,
        purpose=purpose if retry_of is None else retry_of.purpose,
        state=State.AWAITING if approver else State.QUEUED, together=retry_of.together if retry_of else None,
        is_by_law=not asks_approval if retry_of is None else retry_of.is_by_law,
    )  # fmt: skip
    if approver is not None:
        _ask_approver(actor, publication, approver)
    audit.note(actor, "publishing.publish_answer", publication, answers=item.uid, awaits=approver is not None)
    return publication


@transaction.atomic
def publish_post(
    *, actor: Actor, channel: Channel, text: str, purpose: Purpose = Purpose.POST, pictures: Sequence[Picture] = (),
    retry_of: Publication | None = None, planned: Planned | None = None, extras: Extras = NOTHING_MORE,
) -> Publication:  # fmt: skip
    """
    Commit the intent to post something of our own; it goes out after a moment in which it can be undone.

    A new post passes the channel's gate. A correction and what people need to know in a crisis never wait for it.
    Where people publish themselves it is put before one of them. A thread's parts wait for one another.

    Args:
        planned: When it goes out and whose words it is, for what was planned; at once and the actor's when None.

    Returns:
        The publication; of a thread the first part.

    Raises:
        NotPermitted: The actor does not answer for the channel, or it is not in use.
        Invalid: The text is empty or too long, the pictures do not fit, or the gate stops it: says by what.

    Law: TF-5, SM-04
    """
    is_let_out = planned is not None and planned.is_approved  # whoever wrote it posts there; another has let it out
    if not is_let_out and not rules.may_post(actor, channel.responsible_id, channel.deputy_id, channel.unit_id):
        raise NotPermitted
    if channel.state in (*NOT_IN_USE, ChannelState.CLOSED):
        raise NotPermitted(_("Kanalen är inte i drift."))
    text = text.strip()
    if not text:
        raise Invalid(_("Skriv ett inlägg."), field="text")
    if purpose not in PASSES_ALWAYS:
        _refuse_stopped(actor, channel)
    queries.refuse_extras(channel, extras, len(pictures))
    due = planned.not_before if planned else None
    shown: list[Picture | Film] = [*pictures, *([extras.film] if extras.film is not None else [])]
    media.refuse_barred(actor, shown, on=local(due).date() if due else None)
    posts = [text] if retry_of else queries.posts_of(channel, text, extras)
    _refuse_unfit(channel, posts[0], pictures, taken=0, extras=extras)
    for each in posts[1:]:
        _refuse_unfit(channel, each, (), taken=0, extras=extras)
    approver = queries.approver_of(actor, channel) if not actor.is_system else None
    if retry_of is not None and retry_of.released_at is not None:  # the same words were approved
        approver = None
    values = {
        "purpose": purpose, "retry_of": retry_of, **queries.extras_for(channel, extras), **_as_planned(planned)
    }  # fmt: skip
    visibility = queries.visibility_in(channel, extras)
    if queries.is_by_hand(channel, extras.film):
        state = State.AWAITING if approver else State.BY_HAND
        whole = threads.BY_HAND.join(posts)
        publication = _intend(actor, channel, whole, visibility, pictures, state=state, **values)
        if approver is None:
            ask_hand(actor, publication)
    else:
        publication = _intend_thread(actor, channel, posts, visibility, pictures, is_read=bool(approver), **values)
    if approver is not None:
        _ask_approver(actor, publication, approver)
    audit.note(actor, "publishing.publish_post", publication, purpose=str(purpose), awaits=approver is not None)
    return publication


@transaction.atomic
def release(*, actor: Actor, publication: Publication, why: str = "", is_alone: bool = False) -> None:
    """
    Let out what has waited for somebody to approve it. Who may is decided by whoever asked for the approval.

    Args:
        is_alone: Its own author lets it out, which is looked at afterwards (`at_once`).

    Raises:
        NotPermitted: The actor does not answer residents, or wrote it where somebody else is to read it.
        Stale: It waits no longer.
    """
    if not is_alone:
        refuse_own_release(actor, publication)
    by_hand = queries.is_by_hand(publication.channel, publication.film)
    let_out = State.BY_HAND if by_hand else State.QUEUED if chains.is_its_turn(publication) else State.TURN
    _end_awaiting(actor, publication, state=let_out, why=why, not_before=now(), released_at=now())
    if by_hand:
        ask_hand(actor, every_row().select_related("channel").get(pk=publication.pk))
    audit.note(actor, "publishing.release", publication, why=why)


@transaction.atomic
def send_back(*, actor: Actor, publication: Publication, why: str) -> None:
    """
    Send back what has waited to be approved: it never goes out as it stands.

    Raises:
        NotPermitted: The actor does not answer residents.
        Stale: It waits no longer.
    """
    _end_awaiting(actor, publication, state=State.CANCELLED, why=why)
    chains.end_rest(actor, publication)
    audit.note(actor, "publishing.send_back", publication, why=why)


@transaction.atomic
def begin_together(*, actor: Actor, text: str) -> Together:
    """
    Begin to answer many with one text; part of the caller's transaction, like each of the publications.

    Raises:
        NotPermitted: The actor does not answer residents.
        Invalid: The text is empty.
    """
    if not actor.has_anywhere(*ANSWERS):
        raise NotPermitted
    if not text.strip():
        raise Invalid(_("Skriv ett svar."), field="text")
    together: Together = Together.objects.create(
        authority_id=actor.authority_id, text=text.strip(), written_by_id=actor.person_id
    )
    return together


@transaction.atomic
def end_together(
    *, actor: Actor, together: Together, publications: Sequence[Publication], left: Sequence[tuple[UUID, str]]
) -> None:  # fmt: skip
    """
    Note which publications one text became, and what was not answered with it, and why; never anybody's words.

    What is to be approved waits once in each channel, however many it answers.

    Args:
        left: Of each item that was not answered its uid, and a Swedish sentence.
    """
    every_row().filter(pk__in=[one.pk for one in publications], authority_id=actor.authority_id).update(
        together=together
    )
    Together.objects.of(actor).filter(pk=together.pk).update(left=[[str(uid), why] for uid, why in left])
    first = {one.channel_id: one.pk for one in sorted(publications, key=lambda one: -one.pk)}
    waiting.settle(actor, PLACE, KIND, [
        one.pk for one in publications if one.state == State.AWAITING and one.pk != first[one.channel_id]
    ])  # fmt: skip
    audit.note(
        actor, "publishing.answer_together", together, publications=[one.uid for one in publications], left=len(left)
    )


@transaction.atomic
def undo(*, actor: Actor, publication: Publication) -> None:
    """
    Take back a publication that has not begun to be sent.

    Raises:
        NotPermitted: The actor does not answer residents.
        Stale: It is being sent, or is out already.
    """
    if not actor.has_anywhere(*ANSWERS):
        raise NotPermitted
    changed = (
        every_row()
        .filter(pk=publication.pk, authority_id=actor.authority_id, state__in=NOT_BEGUN)
        .update(state=State.CANCELLED)
    )
    if not changed:
        raise Stale(_("Svaret hann gå iväg. Det går inte längre att ångra här."))
    _wait_no_more(actor, publication)
    chains.end_rest(actor, publication)
    audit.note(actor, "publishing.undo", publication)


@transaction.atomic
def try_again(*, actor: Actor, publication: Publication) -> Publication:
    """
    Send anew what a person has seen is not on the platform: a new publication with its own key (P2, P23).

    Raises:
        NotPermitted: The actor does not answer residents.
        Stale: Somebody decided about it already, or it turned out to be delivered.
    """
    _decide(actor, publication)
    pictures = [
        row.picture
        for row in PublicationPicture.objects.of(actor).filter(publication=publication).order_by("place")
    ]  # fmt: skip
    if publication.answers_id is None:
        again = publish_post(
            actor=actor, channel=publication.channel, text=publication.text, purpose=Purpose(publication.purpose),
            pictures=pictures, retry_of=publication, extras=_extras_of(publication),
        )  # fmt: skip
        chains.take_place(publication, again)
        audit.note(actor, "publishing.try_again", publication, again=again.uid)
        return again
    item = kept.item_by_id(actor, publication.answers_id)
    again = publish_answer(
        actor=actor, item=item, text=publication.text, pictures=pictures, retry_of=publication,
        to_author_only=publication.visibility == Visibility.PRIVATE,
        asks_approval=not publication.is_by_law and publication.released_at is None,  # the same words were approved
    )  # fmt: skip
    audit.note(actor, "publishing.try_again", publication, again=again.uid)
    return again


@transaction.atomic
def let_be(*, actor: Actor, publication: Publication, why: str = "") -> None:
    """
    Decide that an unclear or refused publication is left as it is.

    Raises:
        NotPermitted, Stale
    """
    _decide(actor, publication)
    chains.end_rest(actor, publication)
    audit.note(actor, "publishing.let_be", publication, why=why)


def _intend(
    actor: Actor, channel: Channel, text: str, visibility: str, pictures: Sequence[Picture], **values: Any
) -> Publication:
    """Write down that something is to go out, with its pictures in their places."""
    publication = Publication(**{
        "authority_id": actor.authority_id, "channel": channel, "text": text, "visibility": visibility,
        "content_hash": content_hash(text, visibility, pictures, values), "key": new_key(channel.platform),
        "written_by_id": actor.person_id, "not_before": now() + timedelta(seconds=UNDO_SECONDS), **values,
    })  # fmt: skip
    publication.save(force_insert=True)
    PublicationPicture.objects.bulk_create([
        PublicationPicture(authority_id=actor.authority_id, publication=publication, picture=picture, place=place)
        for place, picture in enumerate(pictures)
    ])  # fmt: skip
    return publication


def _intend_thread(
    actor: Actor, channel: Channel, posts: Sequence[str], visibility: str, pictures: Sequence[Picture], *,
    is_read: bool, **values: Any,
) -> Publication:  # fmt: skip
    """Write down each part of a thread; pictures, film, poll and card go with the first that they belong to."""
    made = []
    card = values.pop("card", None)
    for place, post in enumerate(posts):
        state = State.AWAITING if is_read else State.TURN if place else State.QUEUED
        its_card = card if card and card["url"] in post else None
        card = None if its_card else card
        rest = {"not_after": None, "poll": None, "film": None} if place else {}
        own = {**values, "card": its_card, **rest}
        made.append(_intend(actor, channel, post, visibility, () if place else pictures, state=state, **own))
    if len(made) > 1:
        chains.link(made)
    return made[0]


def _extras_of(publication: Publication) -> Extras:
    return Extras(
        warning=publication.warning, language=publication.language, visibility=publication.visibility,
        poll=publication.poll, card=publication.card, film=publication.film,
    )  # fmt: skip


def _as_planned(planned: Planned | None) -> dict[str, Any]:
    if planned is None:
        return {}
    found: dict[str, Any] = {"written_by_id": planned.written_by_id, "not_after": planned.not_after}
    if planned.not_before is not None:
        found |= {"not_before": max(planned.not_before, now() + timedelta(seconds=UNDO_SECONDS)), "is_planned": True}
    return found


def _refuse_stopped(actor: Actor, channel: Channel) -> None:
    """Refuse a new post that the channel's gate stops; says what is missing and who mends it. Raises Invalid."""
    if not channel_rules.may_post_in(channel.state):
        raise Invalid(_("Kanalen vilar. Väck den innan något nytt går ut."))
    stopped = channels.stops(actor, channel)
    if stopped:
        menders = _(" eller ").join(channels.menders(actor, channel.unit_id))
        told = [
            _("%(text)s (%(mender)s)")
            % {"text": lack.text, "mender": Role(lack.mender).label if lack.mender else menders}
            for lack in stopped
        ]
        raise Invalid(_("Inlägget går inte ut än. Det här saknas: %(lacks)s") % {"lacks": " ".join(told)})


def _refuse_unfit(
    channel: Channel, text: str, pictures: Sequence[Picture], *, taken: int, extras: Extras = NOTHING_MORE,
    is_private: bool = False,
) -> None:  # fmt: skip
    """Refuse what the platform would refuse, while the person still has it before them. Raises Invalid."""
    limits = queries.limits_beside(channel, extras)
    if is_private:
        limits = private.limits(channel.platform, limits)
    over = rules.too_long_by(text, limits, taken=taken)
    if over:
        words = {"over": over, "most": rules.room_for(limits, taken=taken)}
        raise Invalid(
            _("Texten är %(over)d tecken för lång. Här får den vara %(most)d, med underskriften.") % words, field="text"
        )
    if len(pictures) > limits.max_pictures:
        raise Invalid(
            _("Kanalen tar högst %(most)d bilder i ett svar.") % {"most": limits.max_pictures}, field="picture"
        )
    if any(picture.size_bytes > limits.max_picture_bytes for picture in pictures):
        most = f"{limits.max_picture_bytes / 1_000_000:.1f}".rstrip("0").rstrip(".").replace(".", ",")
        raise Invalid(
            _("En bild är för stor. Kanalen tar högst %(most)s MB, så minska den och välj den igen.") % {"most": most},
            field="picture",
        )
    if any(len(picture.alt) > limits.max_alt_length for picture in pictures):
        raise Invalid(
            _("Beskrivningen av en bild är för lång. Kanalen tar högst %(most)d tecken.")
            % {"most": limits.max_alt_length},
            field="alt",
        )


def content_hash(
    text: str, visibility: str, pictures: Sequence[Picture], around: Mapping[str, Any] | None = None
) -> str:
    """
    Return what the publication is bound to: text, visibility, pictures with their descriptions, and the film with its
    description and what is said in it (P18, P24).

    Args:
        around: What else goes with it, by the publication's fields; what is as usual changes nothing.
    """
    parts: list[Any] = [text, visibility, *[[p.digest, p.alt] for p in pictures]]
    usual = {"warning": "", "language": "sv", "poll": None, "card": None}
    more = {name: said for name, as_usual in usual.items() if (said := (around or {}).get(name, as_usual)) != as_usual}
    film: Film | None = (around or {}).get("film")
    if film is not None:
        more["film"] = films.content_of(film)
    if more:
        parts.append(more)
    return sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _ask_approver(actor: Actor, publication: Publication, approver: Approver) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        title = _("Godkänn: %(text)s") % {"text": rules.beginning(publication.text)}
    waiting.put(
        actor,
        [
            waiting.Wait(
                place=PLACE, subject_kind=KIND, subject_id=publication.pk, title=title, link=approver.link,
                due_at=now(), person_id=approver.person_id,
                role="" if approver.person_id else Role.COMMUNICATIONS_LEAD.value,
            )
        ],
    )  # fmt: skip


def _end_awaiting(actor: Actor, publication: Publication, *, state: State, why: str, **values: datetime) -> None:
    if not actor.has_anywhere(*ANSWERS):
        raise NotPermitted
    rows = every_row().filter(pk=publication.pk, authority_id=actor.authority_id, state=State.AWAITING)
    if not rows.update(state=state, released_by_id=actor.person_id, release_why=why.strip()[:300], **values):
        raise Stale(_("Svaret väntar inte längre på godkännande."))
    _wait_no_more(actor, publication)


def _wait_no_more(actor: Actor, publication: Publication) -> None:
    """End that a publication waits; where it waited for others with the same text too, the next does that."""
    if publication.together_id is not None:
        others = every_row().filter(
            together_id=publication.together_id, channel_id=publication.channel_id, state=State.AWAITING
        )
        following = others.order_by("pk").values_list("pk", flat=True).first()
        if following is not None:
            waiting.hand_on(actor, PLACE, KIND, since=publication.pk, to=following)
    waiting.settle(actor, PLACE, KIND, [publication.pk])


def _decide(actor: Actor, publication: Publication) -> None:
    if not actor.has_anywhere(*ANSWERS):
        raise NotPermitted
    changed = (
        every_row()
        .filter(pk=publication.pk, authority_id=actor.authority_id, state__in=NEEDS_PERSON, settled_at=None)
        .update(settled_at=now())
    )
    if not changed:
        raise Stale
    waiting.settle(actor, PLACE, KIND, [publication.pk])
