"""
What an account says of itself, and what leads back to it: read on demand and every month, and written down.

Law: BBS-2, OD-6
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from narvaro.base.clock import now, today
from narvaro.channels import queries
from narvaro.channels.actions.life import set_condition
from narvaro.channels.models import Channel, ChannelCheck, CheckDemands
from narvaro.channels.queries import checking
from narvaro.channels.rules import about
from narvaro.channels.rules.about import AboutItem, LinkBack
from narvaro.channels.rules.people import may_connect
from narvaro.channels.rules.platforms import is_by_hand
from narvaro.channels.types import NOT_BEGUN, OWN, ChannelState, Connection, Reading
from narvaro.connectors import oauth, web
from narvaro.connectors.port import PlatformError, Profile
from narvaro.connectors.registry import connector, platforms
from narvaro.core import audit
from narvaro.core import rules as house
from narvaro.core.jobs import real_now
from narvaro.core.types import Actor, Invalid, NotPermitted
from narvaro.formats import backlinks

if TYPE_CHECKING:
    from narvaro.connectors.port import Account, Connector

_DUTY = "check accounts"


def verify_account(*, actor: Actor, channel: Channel) -> ChannelCheck:
    """
    Read an account's presentation and the authority's website now, and write down what is missing.

    The platform is asked outside any transaction. Where it does not answer, what was found before stands.

    Returns:
        The check; `last_error` says what could not be read.

    Raises:
        NotPermitted: The actor does not answer for the channel.
        Invalid: The channel is kept by hand, not connected, or not in use.

    Law: BBS-2, OD-6
    """
    _refuse(actor, channel)
    if is_by_hand(channel.platform, channel.remote_id):
        raise Invalid(_("Kontot kan inte läsas av Närvaro. Läs presentationen själv och kryssa i vad den säger."))
    reading = queries.reading_of(actor, channel)
    if reading.connection not in (Connection.CONNECTED, Connection.TRANSIENT):
        raise Invalid(_("Anslut kanalen först, så kan Närvaro läsa presentationen."))
    make_checks([channel])
    row = ChannelCheck.objects.of(actor).get(channel=channel)
    _look(actor, channel, row.pk, None)
    found = checking.check_of(actor, channel)
    assert found is not None
    return found


@transaction.atomic
def verify_by_hand(*, actor: Actor, channel: Channel, says: Collection[str]) -> ChannelCheck:
    """
    Write down what somebody who has read an account's presentation on its platform says that it says.

    Raises:
        NotPermitted: The actor does not answer for the channel.

    Law: BBS-2
    """
    _refuse(actor, channel)
    make_checks([channel])
    wanted = checking.demands_of(actor).items
    lacking = [item for item in wanted if item not in says]
    rows = ChannelCheck.objects.of(actor).filter(channel=channel)
    rows.update(
        checked_at=now(), by_id=actor.person_id, is_by_hand=True, lacking=lacking, met_by="", last_error="",
        next_at=now() + about.HOLDS_FOR_BY_HAND,
    )  # fmt: skip
    _write_condition(actor, channel, lacking, valid_for=about.HOLDS_FOR_BY_HAND)
    audit.note(actor, "channels.verify_account", channel, by_hand=True, lacking=lacking)
    return rows.get()


@transaction.atomic
def change_demands(
    *, actor: Actor, items: Collection[str], page: str = "", seen_version: int | None = None
) -> CheckDemands:
    """
    Choose what each presentation has to say, and where the authority's own website lists its accounts.

    Raises:
        NotPermitted: The actor does not change how the authority is set up.
        Invalid: Who it is left out, or the page is no address.
        Stale

    Law: BBS-2
    """
    if not (actor.is_system or house.may_change_setup(actor)):
        raise NotPermitted
    if AboutItem.IDENTITY not in items:
        raise Invalid(_("Vilka ni är måste alltid stå där."), field="items")
    if page.strip() and not page.strip().lower().startswith(("https://", "http://")):
        raise Invalid(_("Klistra in hela adressen, med https:// först."), field="page")
    CheckDemands.objects.bulk_create([CheckDemands(authority_id=actor.authority_id)], ignore_conflicts=True)
    row: CheckDemands = CheckDemands.objects.of(actor).select_for_update().get()
    house.refuse_stale(seen_version, row.version)
    row.items = [item.value for item in AboutItem if item in items]
    row.page = page.strip()[:500]
    row.version += 1
    row.save()
    audit.note(actor, "channels.change_demands", row, items=row.items)
    return row


# --- By the sweep -----------------------------------------------------------------------------------------------------


def make_checks(channels: Collection[Channel]) -> None:
    """Give each channel its due row; one that has one keeps it."""
    rows = [ChannelCheck(authority_id=channel.authority_id, channel=channel) for channel in channels]
    ChannelCheck.objects.bulk_create(rows, ignore_conflicts=True)


def make_due_checks() -> None:
    """Give each connected channel of every authority its due row."""
    known = ChannelCheck.objects.everywhere(_DUTY).values("channel_id")
    rows = Channel.objects.everywhere(_DUTY).filter(pk__in=queries.connected_ids()).exclude(pk__in=known)
    rows = rows.exclude(platform__in=OWN)  # nobody presents us there but ourselves
    make_checks(list(rows))


def claim_check() -> Reading | None:
    """Take the next account that is due to be looked at, of those that can be read, under a lease."""
    rows = ChannelCheck.objects.everywhere(_DUTY)
    ready = ~Q(channel__state__in=[*NOT_BEGUN, ChannelState.CLOSED])
    with transaction.atomic():
        due = rows.filter(ready, Q(lease_until=None) | Q(lease_until__lt=real_now()), next_at__lte=now())
        due = due.filter(channel__platform__in=platforms())
        due = due.exclude(channel__platform__in=oauth.ways(), channel__remote_id="")  # by hand until connected
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        row = due.order_by("next_at", "id").first()
        if row is None:
            return None
        rows.filter(pk=row.pk).update(lease_until=real_now() + about.LEASE, fence=F("fence") + 1)
        return Reading(row.pk, row.authority_id, row.fence + 1, "")


def check_account(reading: Reading) -> None:
    """Look at an account that a sweep has claimed."""
    row = checking.check_in_hand(reading.channel_id)
    _look(Actor.system(row.authority, _DUTY), row.channel, row.pk, reading.fence)


def _look(actor: Actor, channel: Channel, pk: int, fence: int | None) -> None:
    """Read the account and the website, then write what was found, unless somebody else has the row by now."""
    account, platform = queries.account_of(channel), connector(channel.platform)
    try:
        profile = platform.profile(account)
        shown = about.Presented(
            profile.display_name, f"{profile.about}\n{profile.beside}".strip(), _pinned(platform, account, profile)
        )
    except PlatformError as problem:
        _held(pk, fence).update(lease_until=None, last_error=str(problem)[:500], next_at=now() + timedelta(days=1))
        return
    expected, demands = checking.expected_of(actor, channel), checking.demands_of(actor)
    wanted = {AboutItem(item) for item in demands.items if item in set(AboutItem)}
    lacking, met_by = about.lacking_items(shown, expected, wanted=wanted, platform=channel.platform)
    links, trouble = _links_back(channel, profile, website=expected.website, page=demands.page)
    with transaction.atomic():
        changed = _held(pk, fence).update(
            lease_until=None, checked_at=now(), by_id=actor.person_id, is_by_hand=False,
            lacking=[item.value for item in lacking], links_back=links, met_by=met_by, last_error=trouble[:500],
            next_at=now() + about.CHECK_EVERY,
        )  # fmt: skip
        if changed:
            _write_condition(actor, channel, [item.value for item in lacking], valid_for=about.HOLDS_FOR)
            audit.note(actor, "channels.verify_account", channel, lacking=[item.value for item in lacking])


def _held(pk: int, fence: int | None) -> Any:
    rows = ChannelCheck.objects.everywhere(_DUTY).filter(pk=pk)
    return rows if fence is None else rows.filter(fence=fence)


def _pinned(platform: Connector, account: Account, profile: Profile) -> str:
    """Return the post that an account shows first, "" when it has none; that it cannot be read is no fault."""
    if not profile.pinned_id:
        return ""
    try:
        thread = platform.read_thread(account, profile.pinned_id, ())
    except PlatformError:
        return ""
    return next((item.text for item in thread.items if item.remote_id == profile.pinned_id and item.is_own), "")


def _links_back(channel: Channel, profile: Profile, *, website: str, page: str) -> tuple[list[dict[str, Any]], str]:
    """Return what leads back to an account, and what could not be read."""
    where = {
        "platform": channel.platform, "handle": profile.handle or channel.handle, "remote_id": profile.remote_id,
        "url": channel.url or profile.url,
    }  # fmt: skip

    def is_named(addresses: Collection[str]) -> bool:
        return any(about.is_account_at(address, **where) for address in addresses)

    listed = page or website
    html, trouble = _read(listed)
    trust, _no_trust = _read(f"{website.rstrip('/')}/trust.txt" if website else "")
    is_vouched = any(backlinks.is_within(each, website) for each in profile.vouched)
    found = {
        LinkBack.REL_ME: is_named(backlinks.rel_me(html, listed)),
        LinkBack.VOUCHED: is_vouched,
        LinkBack.DOMAIN: about.is_under_domain(str(where["handle"]), website),
        LinkBack.SAME_AS: is_named(backlinks.same_as(html, listed)),
        LinkBack.TRUST: is_named(backlinks.trusted(trust)),
    }
    if not website:
        trouble = _("Myndighetens webbplats står inte i inställningarna, så inget kan leda tillbaka.")
    return [{"key": key.value, "is_there": is_there} for key, is_there in found.items()], trouble


def _read(address: str) -> tuple[str, str]:
    if not address:
        return "", ""
    try:
        fetched = web.fetch(address, allow_private_hosts=settings.OPTIONS.allow_private_hosts)
    except PlatformError as problem:
        return "", str(problem)
    return fetched.body.decode("utf-8", "replace"), ""


def _write_condition(actor: Actor, channel: Channel, lacking: Collection[str], *, valid_for: timedelta) -> None:
    missing = [about.ITEMS[AboutItem(item)] for item in lacking if item in set(AboutItem)]
    set_condition(
        actor=actor, channel=channel, key="about_text", met=not missing, valid_until=today() + valid_for,
        says=gettext_noop("Presentationen säger inte: %(what)s.") if missing else "", values={"what": missing},
        link=f"/kanaler/{channel.uid}/presentation/",
    )  # fmt: skip


def _refuse(actor: Actor, channel: Channel) -> None:
    if not may_connect(actor, channel.responsible_id, channel.deputy_id, channel.unit_id):
        raise NotPermitted
    if channel.state in (*NOT_BEGUN, ChannelState.CLOSED):
        raise Invalid(_("Kanalen är inte i drift."))
