"""Where pictures are used in what goes out, and whether they still may."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from narvaro.connectors.port import Visibility
from narvaro.core.types import Actor
from narvaro.media import queries as media
from narvaro.media.types import Standing, Use
from narvaro.publishing.models import MessagePicture, Publication, PublicationPicture
from narvaro.publishing.types import NOT_BEGUN, MessageState, State

if TYPE_CHECKING:
    from narvaro.media.models import Film, Picture

NOWHERE = (State.CANCELLED, State.REFUSED, State.ABSENT, State.NOT_DONE)


def picture_uses(actor: Actor, picture_ids: Sequence[int]) -> list[Use]:
    """
    Return where pictures are used: in what is out, on its way out, and in drafts. Two statements.

    Law: URL-5
    """
    if not picture_ids:
        return []
    sent = PublicationPicture.objects.of(actor).filter(picture__in=picture_ids)
    sent = sent.exclude(publication__state__in=NOWHERE).select_related("publication__channel").order_by("-id")[:500]
    drafted = MessagePicture.objects.of(actor).filter(picture__in=picture_ids)
    drafted = drafted.filter(message__state__in=(MessageState.DRAFT, MessageState.AWAITING))
    found = [
        Use(
            picture_id=row.picture_id,
            standing=Standing.PLANNED if row.publication.state in NOT_BEGUN else Standing.OUT,
            subject_kind="publishing.publication", subject_uid=row.publication.uid, where=row.publication.channel.name,
            text=_said(row.publication), link=f"/publicerat/{row.publication.uid}/", at=row.publication.not_before,
        )
        for row in sent
    ]  # fmt: skip
    return found + [
        Use(
            picture_id=row.picture_id, standing=Standing.DRAFT, subject_kind="publishing.message",
            subject_uid=row.message.uid, where=_("Utkast"), text=row.message.text[:120] or _("Utan text"),
            link=f"/publicerat/utkast/{row.message.uid}/", at=row.message.changed_at,
        )
        for row in drafted.select_related("message").order_by("-id")[:500]
    ]  # fmt: skip


def barred_of(publication: Publication, rows: Iterable[PublicationPicture]) -> str:
    """
    Return why the pictures or the film of a publication that is due may not go out any more, "" when they may.

    A consent may be withdrawn, and a licence end, after something was planned.

    Args:
        rows: Which pictures it has.

    Law: URL-1, URL-5
    """
    pictures: list[Picture | Film] = [row.picture for row in rows]
    pictures += [publication.film] if publication.film is not None else []
    return " ".join(media.barred(Actor.system(publication.channel.authority, "publish"), pictures)) if pictures else ""


def _said(publication: Publication) -> str:
    """Return the beginning of what a publication says; of an answer to a private message only that it is one."""
    if publication.visibility == Visibility.PRIVATE:
        return _("Svar på ett privat meddelande")
    return publication.text[:120]
