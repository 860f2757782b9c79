"""Every write of texts that come again: when, the draft for each day, and an end when what they rest on is gone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import now, today
from narvaro.core import audit, waiting
from narvaro.core import queries as core
from narvaro.core.rules import refuse_stale
from narvaro.core.types import ANSWERS, Actor, Invalid, NotPermitted, Role
from narvaro.media import queries as media
from narvaro.publishing import queries, rules
from narvaro.publishing.actions.drafting import KIND
from narvaro.publishing.actions.messages import save_message
from narvaro.publishing.actions.website import name_page
from narvaro.publishing.models import Repeat, RepeatChannel, RepeatDraft
from narvaro.publishing.queries import repeats
from narvaro.publishing.rules.repeats import DUE_CLOCK, MOST_DAYS, MOST_WEEKS, next_after, why_not_page

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.media.models import Picture
    from narvaro.publishing.models import Message

PLACE = "publications"
STOPPED = "publishing.repeat"
DUTY = "propose again"
HELD = timedelta(minutes=10)
LATER = timedelta(hours=1)
TRIES = 3


@transaction.atomic
def set_repeat(
    *, actor: Actor, uid: UUID | str, from_on: date, until_on: date | None = None, every_weeks: int | None = None,
    days: Sequence[Sequence[int]] = (), channels: Sequence[Channel] = (), picture: Picture | None = None,
    page: str = "", seen_version: int | None = None,
) -> Repeat:  # fmt: skip
    """
    Say when a saved text is put before somebody again, as a draft. Nothing of it goes out by itself.

    Args:
        every_weeks, days: Every so many weeks from the first day, or on days of every year; one of them.
        page: Of the authority's website; a text whose page is gone comes no more.
        picture: Goes with the draft; a text whose picture may not go out comes no more.

    Raises:
        NotFound
        NotPermitted: The actor does not write, or does not post in one of the channels.
        Invalid: It never comes, the page is not ours, or the picture may not go out.
        Stale: Somebody else changed it meanwhile.

    Law: URL-5
    """
    if not actor.has_anywhere(*ANSWERS) or not all(queries.is_theirs(actor, each) for each in channels):
        raise NotPermitted
    saved = queries.saved_text_for(actor, uid)
    if bool(every_weeks) == bool(days) or not 0 <= (every_weeks or 0) <= MOST_WEEKS or len(days) > MOST_DAYS:
        raise Invalid(_("Skriv antingen hur många veckor det är emellan, eller vilka dagar på året."), field="how")
    website = core.authority_of(actor).website
    if page and (why := why_not_page(page, base_url=settings.OPTIONS.base_url, website=website)):
        raise Invalid(why, field="page")
    when = {"from_on": from_on, "until_on": until_on, "every_weeks": every_weeks or None, "days": [*map(list, days)]}
    next_on = next_after(today() - timedelta(days=1), **when)  # type: ignore[arg-type]
    if next_on is None:
        raise Invalid(_("Texten kommer aldrig tillbaka så. Ändra dagarna, eller den sista dagen."), field="until_on")
    if picture is not None:
        media.refuse_barred(actor, [picture], on=next_on)
    repeat = repeats.repeat_of(actor, saved, lock=True)
    refuse_stale(seen_version, repeat.version if repeat else 0)
    repeat = repeat or Repeat(authority_id=actor.authority_id, saved=saved, version=0)
    for name, value in {**when, "picture": picture, "page": page, "next_on": next_on}.items():
        setattr(repeat, name, value)
    repeat.try_at, repeat.tries, repeat.version = _due(next_on), 0, repeat.version + 1
    repeat.set_by_id, repeat.set_at = actor.person_id, now()
    repeat.stopped_at, repeat.stopped_why = None, ""
    repeat.save()
    RepeatChannel.objects.of(actor).filter(repeat=repeat).delete()
    RepeatChannel.objects.bulk_create(
        RepeatChannel(authority_id=actor.authority_id, repeat=repeat, channel=each) for each in channels
    )
    waiting.settle(actor, PLACE, STOPPED, [repeat.pk])
    audit.note(actor, "publishing.set_repeat", saved, next_on=next_on.isoformat())
    return repeat


@transaction.atomic
def end_repeat(*, actor: Actor, uid: UUID | str) -> None:
    """Let a text come no more; the drafts it became stay. Raises NotFound; NotPermitted: The actor does not write."""
    if not actor.has_anywhere(*ANSWERS):
        raise NotPermitted
    saved = queries.saved_text_for(actor, uid)
    repeat = repeats.repeat_of(actor, saved, lock=True)
    if repeat is None:
        return
    repeat.next_on = repeat.try_at = None
    repeat.version += 1
    repeat.save(update_fields=["next_on", "try_at", "version"])
    waiting.settle(actor, PLACE, STOPPED, [repeat.pk])
    audit.note(actor, "publishing.end_repeat", saved)


def claim_repeat() -> Repeat | None:
    """Take the next text that is due, so that nobody else does meanwhile; None when there is none."""
    with transaction.atomic():
        rows = Repeat.objects.everywhere(DUTY).filter(try_at__lte=now())
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        found: Repeat | None = rows.select_related("authority").order_by("try_at", "id").first()
        if found is not None:  # whoever dies with it in hand leaves it due again in a while
            Repeat.objects.everywhere(DUTY).filter(pk=found.pk).update(try_at=now() + HELD)
        return found


@transaction.atomic
def propose_again(repeat: Repeat, *, page_gone: str = "", is_sure: bool = True) -> Message | None:
    """
    Make the draft of a text that is due, one for its day, or stop where what it rests on is gone, and say so.

    What was missed while nothing ran becomes one draft.

    Args:
        page_gone: Why the page of the website is not there, as a Swedish sentence; "" when it is.
        is_sure: False when the page may only be slow: it is looked at three times before that is believed.

    Law: URL-1, URL-5
    """
    actor = Actor.system(repeat.authority, DUTY)
    rows = Repeat.objects.of(actor).select_for_update(of=("self",)).select_related("saved", "picture")
    held: Repeat | None = rows.filter(pk=repeat.pk, version=repeat.version).first()
    if held is None or held.next_on is None or held.next_on > today():
        return None
    if page_gone and not is_sure and held.tries + 1 < TRIES:
        held.tries, held.try_at = held.tries + 1, now() + LATER
        held.save(update_fields=["tries", "try_at"])
        return None
    with translation.override(settings.LANGUAGE_CODE):
        why = _why_stop(actor, held, page_gone)
    if why:
        _stop(actor, held, why)
        return None
    due_on, next_on = _days_of(held)
    made = None if repeats.has_draft(held, due_on) else _draft(actor, held, due_on)
    held.next_on, held.try_at, held.tries = next_on, _due(next_on) if next_on else None, 0
    held.save(update_fields=["next_on", "try_at", "tries"])
    return made


# --- Steps ----------------------------------------------------------------------------------------------------------


def _draft(actor: Actor, held: Repeat, due_on: date) -> Message:
    open_now = {each.pk for each in queries.channels_to_post_in(actor)}
    channels = [each for each in repeats.channels_of_repeat(actor, held) if each.pk in open_now]
    message = save_message(
        actor=actor, text=held.saved.text, channels=dict.fromkeys(channels, ""), author_id=held.set_by_id,
        pictures=[held.picture] if held.picture else [], begun_from=held.saved,
    )  # fmt: skip
    if held.page:
        name_page(actor=actor, uid=message.uid, url=held.page)
    RepeatDraft.objects.create(authority_id=actor.authority_id, repeat=held, due_on=due_on, message=message)
    with translation.override(settings.LANGUAGE_CODE):
        title = _("Dags igen: %(name)s") % {"name": held.saved.name}
    _tell(actor, held, KIND, message.pk, title, f"/publicerat/utkast/{message.uid}/")
    audit.note(actor, "publishing.propose_again", held.saved, message=message.uid, due_on=due_on.isoformat())
    return message


def _why_stop(actor: Actor, held: Repeat, page_gone: str) -> str:
    """Return why a text comes no more, as a sentence; "" when it does. Law: URL-1, URL-5"""
    if held.saved.put_away_at is not None:
        return _("Texten är borttagen ur listan.")
    if page_gone:
        return _("Sidan på webbplatsen finns inte: %(url)s") % {"url": held.page}
    website = core.authority_of(actor).website
    if held.page and (why := why_not_page(held.page, base_url=settings.OPTIONS.base_url, website=website)):
        return why
    return " ".join(media.barred(actor, [held.picture], on=today())) if held.picture else ""


def _stop(actor: Actor, held: Repeat, why: str) -> None:
    held.next_on = held.try_at = None
    held.stopped_at, held.stopped_why, held.version = now(), why[:500], held.version + 1
    held.save(update_fields=["next_on", "try_at", "stopped_at", "stopped_why", "version"])
    with translation.override(settings.LANGUAGE_CODE):
        title = _("Kommer inte tillbaka: %(name)s") % {"name": held.saved.name}
    if held.saved.put_away_at is None:
        _tell(actor, held, STOPPED, held.pk, title, f"/publicerat/texter/{held.saved.uid}/upprepa/")
    audit.note(actor, "publishing.stop_repeat", held.saved)


def _tell(actor: Actor, held: Repeat, kind: str, key: int, title: str, link: str) -> None:
    is_here = held.set_by_id is not None and not core.not_here(actor, [held.set_by_id])
    waiting.put(actor, [waiting.Wait(
        PLACE, kind, key, title, link, due_at=now(), person_id=held.set_by_id if is_here else None,
        role="" if is_here else Role.COMMUNICATIONS_LEAD.value,
    )])  # fmt: skip


def _days_of(held: Repeat) -> tuple[date, date | None]:
    """Return the latest day that is due, and the day after that."""
    when = {name: getattr(held, name) for name in ("from_on", "until_on", "every_weeks", "days")}
    due_on = held.next_on
    assert due_on is not None
    while (later := next_after(due_on, **when)) is not None and later <= today():
        due_on = later
    return due_on, later


def _due(on: date) -> datetime:
    return rules.moment_of(on, DUE_CLOCK)
