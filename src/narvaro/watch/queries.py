"""Every read of watch; each starts from the actor."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from narvaro.base.clock import STOCKHOLM, today
from narvaro.channels import queries as channels
from narvaro.channels.queries.warned import ReportedFalse
from narvaro.channels.types import ChannelState, Connection
from narvaro.connectors import registry
from narvaro.core import queries as core
from narvaro.core import wall
from narvaro.core.types import Actor, NotFound, NotPermitted
from narvaro.screening.lookalike import Known, bearing, known_as
from narvaro.watch import rules
from narvaro.watch.models import Case, DayCount, Elsewhere, Evidence, Hit, Keeping, Lookout, Search, Source
from narvaro.watch.types import OPEN_STATES, CaseState, ElsewhereState, Left, Proof

Row = TypeVar("Row", bound=Model)

PLACE = "watch"
CASE_KIND = "watch.case"
ELSEWHERE_KIND = "watch.elsewhere"
MOST_LISTED = 200
MOST_HITS = 50
MOST_CAPTURED = 10
DAYS_SHOWN = 14


def refuse_others(actor: Actor) -> None:
    """Refuse whoever may not see what watch holds. Raises NotPermitted."""
    if not rules.may_read(actor):
        raise NotPermitted


# --- Accounts that are not ours ---------------------------------------------------------------------------------------


def cases(actor: Actor, *, over: bool = False) -> list[Case]:
    """Return the authority's open cases, or (`over`) those that are over and say what they were about; newest first."""
    refuse_others(actor)
    rows = Case.objects.of(actor).order_by("-id")
    rows = rows.exclude(state__in=OPEN_STATES).exclude(account="") if over else rows.filter(state__in=OPEN_STATES)
    return list(rows[:MOST_LISTED])


def left_count(actor: Actor) -> int:
    """Return how many accounts were left alone as somebody's own, of which nothing else is kept."""
    return Case.objects.of(actor).filter(left_as=Left.SOMEBODY).count()


def case_for(actor: Actor, uid: UUID | str, *, lock: bool = False) -> Case:
    """Return one case of the actor's authority. Raises NotFound, NotPermitted."""
    refuse_others(actor)
    rows = Case.objects.of(actor).filter(uid=uid)
    return _one(rows.select_for_update() if lock else rows)


def case_of_account(actor: Actor, platform: str, account: str) -> Case | None:
    """Return the case about an account, whatever became of it; None when nobody has looked at it."""
    keys = [rules.account_key(each, account) for each in ([platform] if platform else ["", *registry.platforms()])]
    found: Case | None = Case.objects.of(actor).filter(key__in=keys).order_by("id").select_for_update().first()
    return found


def uncaptured(actor: Actor, platform: str) -> list[Case]:
    """Return the open cases about accounts on a platform of which nobody has kept how they look, oldest first."""
    captured = Evidence.objects.of(actor).filter(proof=Proof.CAPTURED).values("case_id")
    rows = Case.objects.of(actor).filter(state__in=OPEN_STATES, platform=platform).exclude(pk__in=captured)
    return list(rows.order_by("id")[:MOST_CAPTURED])


def is_captured(actor: Actor, case: Case) -> bool:
    """Whether how an account looked has been kept."""
    return Evidence.objects.of(actor).filter(case=case, proof=Proof.CAPTURED).exists()


def evidence_of(actor: Actor, case: Case) -> list[Evidence]:
    """Return what shows what an account was, oldest first."""
    rows = Evidence.objects.of(actor).filter(case=case).select_related("by", "picture")
    return list(rows.order_by("id"))


def evidence_for(actor: Actor, uid: UUID | str) -> Evidence:
    """Return one piece of evidence of the actor's authority. Raises NotFound, NotPermitted."""
    refuse_others(actor)
    return _one(Evidence.objects.of(actor).select_related("picture").filter(uid=uid))


def lookout_of(actor: Actor) -> Lookout | None:
    """Return when the authority's name was looked for and will be; None before the first sweep."""
    found: Lookout | None = Lookout.objects.of(actor).first()
    return found


def known_names(actor: Actor) -> Known:
    """Return what the authority is called: its own name, its organisation's, and channels' names with its place in."""
    authority = core.authority_of(actor)
    own = [authority.name, authority.organisation.name]
    used = []
    for channel in channels.channels(actor):
        used += [channel.name, channel.handle.partition("@")[0].partition(".")[0]]
    return known_as([*own, *bearing(used, own=own)])


def warnings(actor: Actor | None, accounts: Collection[str] | None) -> list[ReportedFalse]:
    """Return the accounts that are warned of in public, newest first; for `channels.queries.warned`."""
    if actor is not None:
        return _warned(Case.objects.of(actor), accounts)
    with wall.widened("answer whose an account is"):
        return _warned(Case.objects.everywhere("answer whose an account is"), accounts)


def _warned(rows: QuerySet[Case], accounts: Collection[str] | None) -> list[ReportedFalse]:
    rows = rows.filter(warned_at__isnull=False, warning_ended_at=None)
    if accounts is not None:
        rows = rows.filter(account__in=accounts)
    return [
        ReportedFalse(
            authority=row.authority.name, authority_slug=row.authority.slug, platform=row.platform,
            account=row.account, name=row.shown_name, address=row.address, says=row.warning,
            since=row.warned_at.astimezone(STOCKHOLM).date() if row.warned_at else today(),
            is_there=row.state != CaseState.GONE,
        )
        for row in rows.select_related("authority").order_by("-warned_at", "-id")[:MOST_LISTED]
    ]  # fmt: skip


def ready_report(actor: Actor, case: Case, page: str) -> str:
    """Return what may be pasted into a platform's form, in Swedish and English. `page` tells our own accounts."""
    authority = core.authority_of(actor)
    where = case.address or case.account
    return (
        f"{authority.name} är en svensk myndighet. Kontot {where} är inte vårt och utger sig för att vara vi. "
        f"Våra egna konton står här: {page}\n"
        f"Vi ber er ta bort kontot. Kontakt: {authority.communications_email or authority.phone or page}\n\n"
        f"{authority.name} is a Swedish public authority. The account {where} is not ours and impersonates us. "
        f"Our own accounts are listed here: {page}\n"
        f"We ask you to remove the account. Contact: {authority.communications_email or authority.phone or page}"
    )


# --- What is said of our matters --------------------------------------------------------------------------------------


def searches(actor: Actor) -> list[Search]:
    """Return what the authority listens for, by words."""
    refuse_others(actor)
    return list(Search.objects.of(actor).filter(ended_at=None).order_by("words", "id"))


def search_for(actor: Actor, uid: UUID | str, *, lock: bool = False) -> Search:
    """Return one search of the actor's authority, ended ones too. Raises NotFound, NotPermitted."""
    refuse_others(actor)
    rows = Search.objects.of(actor).filter(uid=uid)
    return _one(rows.select_for_update() if lock else rows)


def sources_of(actor: Actor, search: Search) -> list[Source]:
    """Return where a search listens, with its channels."""
    rows = Source.objects.of(actor).filter(search=search, ended_at=None).select_related("channel")
    return list(rows.order_by("id"))


def hits_of(actor: Actor, search: Search, *, before: int | None = None) -> list[Hit]:
    """Return what was heard, latest first, at most 50 and one more that tells that there are others."""
    rows = Hit.objects.of(actor).filter(search=search)
    if before is not None:
        edge = Hit.objects.of(actor).filter(search=search, pk=before).values_list("said_at", flat=True).first()
        rows = rows.filter(said_at__lt=edge) if edge is not None else rows.none()
    return list(rows.order_by("-said_at", "-id")[: MOST_HITS + 1])


def days_of(actor: Actor, search: Search, *, days: int = DAYS_SHOWN) -> list[tuple[date, int]]:
    """Return how much was heard on each of the latest days, today last; days of silence are 0."""
    first = today() - timedelta(days=days - 1)
    rows = DayCount.objects.of(actor).filter(search=search, on__gte=first).values_list("on", "count")
    told = dict(rows)
    return [(first + timedelta(days=n), told.get(first + timedelta(days=n), 0)) for n in range(days)]


def lately(actor: Actor, *, days: int = 7) -> dict[int, int]:
    """Return how much was heard in each search in the latest days, by its key."""
    first = today() - timedelta(days=days - 1)
    found: dict[int, int] = {}
    rows = DayCount.objects.of(actor).filter(on__gte=first).values_list("search_id", "count")
    for search_id, count in rows:
        found[search_id] = found.get(search_id, 0) + count
    return found


def keeping_of(actor: Actor) -> Keeping:
    """Return how long what was heard is kept; a blank row with what is usual where nobody has chosen."""
    found = Keeping.objects.of(actor).first()
    return found or Keeping(authority_id=actor.authority_id)


def colleagues(actor: Actor) -> list[tuple[str, str]]:
    """Return the names and addresses of those who work here, so that none of them is listened for. Law: TF-13"""
    return [(person.name, person.email) for person in core.people(actor)]


@dataclass(frozen=True, slots=True)
class Ear:
    """A channel through which a platform can be asked, one for each platform."""

    channel_id: int
    platform: str


def ears(actor: Actor) -> list[Ear]:
    """Return one connected channel of each platform that can be searched, the oldest, to ask the platform through."""
    readings = channels.readings(actor)
    found: dict[str, Ear] = {}
    for channel in sorted(channels.channels(actor), key=lambda each: each.pk):
        if channel.platform not in registry.searched():
            continue
        reading = readings.get(channel.pk)
        is_able = reading is not None and reading.connection in (Connection.CONNECTED, Connection.TRANSIENT)
        if is_able and channel.state in (ChannelState.ACTIVE, ChannelState.DORMANT, ChannelState.CLOSING):
            found.setdefault(channel.platform, Ear(channel.pk, channel.platform))
    return list(found.values())


def source_in_hand(pk: int) -> Source:
    """Return a source that a sweep has claimed, with its search, channel and authority."""
    rows = Source.objects.everywhere("listen").select_related("search", "channel", "authority")
    return rows.get(pk=pk)


def lookout_in_hand(pk: int) -> Lookout:
    """Return a lookout that a sweep has claimed, with its authority."""
    return Lookout.objects.everywhere("look for false accounts").select_related("authority").get(pk=pk)


# --- What was found elsewhere -----------------------------------------------------------------------------------------


def found_elsewhere(actor: Actor, *, over: bool = False) -> list[Elsewhere]:
    """Return what somebody has found elsewhere and is not settled, or (`over`) what is; newest first."""
    refuse_others(actor)
    open_states = (ElsewhereState.WAITING, ElsewhereState.TO_ANSWER)
    rows = Elsewhere.objects.of(actor).select_related("unit").order_by("-id")
    rows = rows.exclude(state__in=open_states) if over else rows.filter(state__in=open_states)
    return list(rows[:MOST_LISTED])


def elsewhere_for(actor: Actor, uid: UUID | str, *, lock: bool = False) -> Elsewhere:
    """Return one thing that was found elsewhere. Raises NotFound, NotPermitted."""
    refuse_others(actor)
    rows = Elsewhere.objects.of(actor).filter(uid=uid)
    return _one(rows.select_for_update() if lock else rows.select_related("unit", "brought_by", "decided_by", "item"))


def _one(rows: QuerySet[Row]) -> Row:
    found = rows.first()
    if found is None:
        raise NotFound
    return found
