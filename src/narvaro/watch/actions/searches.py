"""
What is said of the authority's matters: words that are listened for, heard without who said them, disposed of.

Law: TF-13, RF-4
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from narvaro.base.clock import STOCKHOLM, now
from narvaro.core import audit
from narvaro.core import queries as core
from narvaro.core.jobs import real_now
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, Invalid, NotPermitted, Stale
from narvaro.watch import queries, rules
from narvaro.watch.models import DayCount, Elsewhere, Hit, Keeping, Search, Source
from narvaro.watch.types import ElsewhereState, Reading

LEASE = timedelta(minutes=5)
MOST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Said:
    """Something that was found, on its way in: what makes it the same again, its words, where and when."""

    key: str
    text: str
    link: str
    place: str
    said_at: datetime


@transaction.atomic
def add_search(*, actor: Actor, words: str, feeds: Sequence[str] = (), is_no_person: bool = False) -> Search:
    """
    Listen for what is said of one of the authority's matters, through its channels' platforms and in feeds.

    Raises:
        NotPermitted: The actor does not decide what is listened for.
        Invalid: No words, a colleague's name or handle, what may be a person's and nobody has said that it is not,
            a feed that is no address, or too many of either.

    Law: TF-13, RF-4
    """
    asked = _checked(actor, words, is_no_person=is_no_person)
    if len(queries.searches(actor)) >= rules.MOST_SEARCHES:
        raise Invalid(_("Fler än 40 bevakningar hinner ingen läsa. Avsluta någon först."), field="words")
    try:
        with transaction.atomic():
            made: Search = Search.objects.create(
                authority_id=actor.authority_id, words=asked, is_no_person=is_no_person, made_by_id=actor.person_id
            )
    except IntegrityError:
        raise Invalid(_("Ni bevakar redan de orden."), field="words") from None
    _listen(actor, made, _feeds(feeds))
    audit.note(actor, "watch.add_search", made)
    return made


@transaction.atomic
def change_search(
    *, actor: Actor, uid: UUID | str, feeds: Sequence[str] = (), seen_version: int | None = None
) -> Search:  # fmt: skip
    """
    Change where a search listens: other feeds, and the platforms that channels are connected to now.

    Raises:
        NotFound
        NotPermitted: The actor does not decide what is listened for.
        Invalid: A feed that is no address, or too many.
        Stale: It has ended, or changed in between.

    Law: RF-4
    """
    search = _own_search(actor, uid, seen_version)
    _listen(actor, search, _feeds(feeds))
    Search.objects.of(actor).filter(pk=search.pk).update(version=F("version") + 1)
    audit.note(actor, "watch.change_search", search)
    return search


@transaction.atomic
def end_search(*, actor: Actor, uid: UUID | str, why: str = "", seen_version: int | None = None) -> None:
    """
    Listen no more; what was heard is thrown away at once, how much it was each day stays.

    Raises:
        NotFound
        NotPermitted: The actor does not decide what is listened for.
        Stale: It has ended.

    Law: RF-4
    """
    search = _own_search(actor, uid, seen_version)
    Source.objects.of(actor).filter(search=search, ended_at=None).update(ended_at=now())
    Hit.objects.of(actor).filter(search=search).delete()
    Search.objects.of(actor).filter(pk=search.pk).update(ended_at=now(), ended_why=why[:200], version=F("version") + 1)
    audit.note(actor, "watch.end_search", search, why=why[:200])


@transaction.atomic
def change_keeping(*, actor: Actor, days: int, seen_version: int | None = None) -> Keeping:
    """
    Choose how many days what was heard is kept.

    Raises:
        NotPermitted: The actor does not decide what is listened for.
        Invalid: Fewer than one day or more than a year.
        Stale

    Law: RF-4, TF-12
    """
    if not rules.may_decide(actor):
        raise NotPermitted
    if not 1 <= days <= rules.MOST_KEEP_DAYS:
        raise Invalid(_("Välj mellan 1 och 365 dagar."), field="days")
    Keeping.objects.bulk_create([Keeping(authority_id=actor.authority_id)], ignore_conflicts=True)
    row = Keeping.objects.of(actor).select_for_update().get()
    refuse_stale(seen_version, row.version)
    Keeping.objects.of(actor).update(days=days, version=F("version") + 1)
    audit.note(actor, "watch.change_keeping", row, days=days)
    row.days = days
    return row


# --- Reading ----------------------------------------------------------------------------------------------------------


def claim_source() -> Reading | None:
    """Take the next source that is due to be read, under a lease; None when none is."""
    rows = Source.objects.everywhere("listen")
    with transaction.atomic():
        due = rows.filter(
            Q(lease_until=None) | Q(lease_until__lt=real_now()), next_at__lte=now(), ended_at=None
        )  # fmt: skip
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        row = due.order_by("next_at", "id").first()
        if row is None:
            return None
        rows.filter(pk=row.pk).update(lease_until=real_now() + LEASE, fence=F("fence") + 1)
        return Reading(row.pk, row.authority_id, row.fence + 1)


@transaction.atomic
def keep_hits(reading: Reading, found: Iterable[Said]) -> int:
    """
    Keep what a source gave and was not there already, and count it on its day; returns how much was new.

    Handles in the words are left out, and what is older than what is kept is not taken in.

    Raises:
        Stale: The reading is no longer ours.

    Law: RF-4
    """
    rows = Source.objects.everywhere("listen").select_related("authority")
    source = rows.filter(pk=reading.pk, fence=reading.fence).first()
    if source is None:
        raise Stale
    actor = Actor.system(source.authority, "listen")
    search = Search.objects.of(actor).select_for_update().get(pk=source.search_id)  # two sources give the same
    oldest = now() - timedelta(days=queries.keeping_of(actor).days)
    given = {each.key: each for each in found if each.said_at > oldest}
    there = set(Hit.objects.of(actor).filter(search=search, key__in=list(given)).values_list("key", flat=True))
    new = [each for key, each in given.items() if key not in there and search.ended_at is None]
    Hit.objects.bulk_create([
        Hit(
            authority_id=source.authority_id, search=search, key=each.key, text=rules.without_people(each.text),
            link=each.link if rules.is_link(each.link) else "", place=each.place[:100],
            said_at=min(each.said_at, now()),
        )
        for each in new
    ])  # fmt: skip
    _count(actor, search, Counter(min(each.said_at, now()).astimezone(STOCKHOLM).date() for each in new))
    return len(new)


def end_source(reading: Reading, *, error: str = "") -> None:
    """Let go of a source, and say when it is read again: in two hours, later after faults."""
    rows = Source.objects.everywhere("listen").filter(pk=reading.pk, fence=reading.fence)
    if not error:
        rows.update(
            lease_until=None, next_at=now() + rules.READ_EVERY, read_at=now(), failures=0, last_error=""
        )  # fmt: skip
        return
    failures = rows.values_list("failures", flat=True).first() or 0
    rows.update(
        lease_until=None, next_at=now() + rules.wait_after(failures), failures=F("failures") + 1,
        last_error=error[:500],
    )  # fmt: skip


def dispose_hits() -> int:
    """
    Throw away what was heard so long ago as each authority has chosen; returns how much.

    The words of what was found elsewhere and left unanswered go with it; its link and the decision stay.

    Law: RF-4, TF-12
    """
    total = 0
    for authority in core.all_authorities():
        actor = Actor.system(authority, "dispose of what was heard")
        with transaction.atomic():
            oldest = now() - timedelta(days=queries.keeping_of(actor).days)
            count, _each = Hit.objects.of(actor).filter(read_at__lt=oldest).delete()
            left = Elsewhere.objects.of(actor).filter(state=ElsewhereState.LEFT, decided_at__lt=oldest)
            count += left.exclude(text="").update(text="")
            if count:
                audit.note(actor, "watch.dispose_hits", count=count)
        total += count
    return total


def key_of(*parts: str) -> str:
    """Return by what something that was said is known again."""
    return sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()


def _count(actor: Actor, search: Search, found: Counter[date]) -> None:
    DayCount.objects.bulk_create(
        [DayCount(authority_id=actor.authority_id, search=search, on=day) for day in found], ignore_conflicts=True
    )
    for day, count in found.items():
        DayCount.objects.of(actor).filter(search=search, on=day).update(count=F("count") + count)


def _checked(actor: Actor, words: str, *, is_no_person: bool) -> str:
    if not rules.may_decide(actor):
        raise NotPermitted
    asked = " ".join(words.split())
    if len(asked) < 3 or len(asked) > MOST_WORDS:
        raise Invalid(_("Skriv vad ni vill följa, till exempel simhallen Storköping."), field="words")
    people = queries.colleagues(actor)
    if rules.names_a_colleague(asked, people):
        raise Invalid(
            _("Orden är namnet på någon som arbetar här. Närvaro bevakar aldrig kollegor."), field="words"
        )  # fmt: skip
    if rules.looks_like_a_person(asked, people) and not is_no_person:
        raise Invalid(
            _("Orden ser ut som en persons namn. Är det något annat, kryssa i det och spara igen."),
            field="is_no_person",
        )
    return asked


def _own_search(actor: Actor, uid: UUID | str, seen_version: int | None) -> Search:
    search = queries.search_for(actor, uid, lock=True)
    if not (actor.is_system or rules.may_decide(actor)):
        raise NotPermitted
    refuse_stale(seen_version, search.version)
    if search.ended_at is not None:
        raise Stale(_("Bevakningen är avslutad."))
    return search


def _feeds(given: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(each.strip() for each in given if each.strip()))
    if len(found) > rules.MOST_FEEDS:
        raise Invalid(_("Högst tio flöden i en bevakning."), field="feeds")
    for each in found:
        if not rules.is_link(each) or len(each) > 500:
            raise Invalid(_("%(address)s är ingen adress till ett flöde.") % {"address": each[:80]}, field="feeds")
    return found


def _listen(actor: Actor, search: Search, feeds: Sequence[str]) -> None:
    """Let a search listen in these feeds and on the platforms that can be asked, and nowhere else."""
    there = {(row.channel_id, row.feed): row for row in queries.sources_of(actor, search)}
    wanted: set[tuple[int | None, str]] = {(ear.channel_id, "") for ear in queries.ears(actor)}
    wanted |= {(None, feed) for feed in feeds}
    over = [row.pk for place, row in there.items() if place not in wanted]
    Source.objects.of(actor).filter(pk__in=over).update(ended_at=now())
    Source.objects.bulk_create([
        Source(authority_id=actor.authority_id, search=search, channel_id=channel_id, feed=feed)
        for channel_id, feed in sorted(wanted - set(there), key=str)
    ])  # fmt: skip
