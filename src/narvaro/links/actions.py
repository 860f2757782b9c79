"""
Every write of short links: made, led elsewhere, retired, and counted.

A click is counted in the hour it came, and nothing is kept of whoever followed the link: no address, no browser, no
cookie and no page they came from.
"""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime
from threading import Lock
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit
from narvaro.core.types import ANSWERS, Actor, Invalid, NotPermitted, Stale
from narvaro.links import queries, rules
from narvaro.links.models import LinkHour, LinkTarget, ShortLink
from narvaro.links.types import Tagging

log = logging.getLogger("narvaro.links")
MOST_IN_A_TEXT = 10
_TRIES = 5
_MOST_ROUNDS = 20
_MOST_PENDING = 10_000  # different links in different hours, while the database does not answer


@transaction.atomic
def make_link(
    *, actor: Actor, target: str, code: str = "", title: str = "", tagging: str = Tagging.PATH, campaign: str = "",
    agreed: bool = False,
) -> ShortLink:  # fmt: skip
    """
    Make a short link to a page.

    Args:
        code: A code of one's own; "" for one by chance.
        tagging: Whether the address gets UTM marks: who it comes from is then the code.
        campaign: The name of what it belongs to, for the marks.
        agreed: That a page outside the authority's own website is meant.

    Raises:
        NotPermitted: The actor does not answer residents.
        Invalid: The address or the code cannot be used, the code is taken, or the page is not ours and nobody agreed.

    Law: GDPR-1, RF-4
    """
    if not actor.has_anywhere(*ANSWERS):
        raise NotPermitted
    target, title, code = _target(actor, target, agreed=agreed), title.strip(), rules.tidy_code(code)
    if code and not rules.is_code(code):
        raise Invalid(_("En egen kod är 3–30 tecken: a–z, siffror och bindestreck."), field="code")
    for chosen in [code] if code else [rules.a_code() for _try in range(_TRIES)]:
        leads = (
            rules.tagged(target, source=chosen, campaign=campaign.strip()[:60]) if tagging == Tagging.UTM else target
        )
        try:
            with transaction.atomic():
                made: ShortLink = ShortLink.objects.create(
                    authority_id=actor.authority_id, code=chosen, title=title[:120], target=leads,
                    made_by_id=actor.person_id,
                )  # fmt: skip
        except IntegrityError:
            continue
        _keep_target(actor, made)
        audit.note(actor, "links.make_link", made)
        return made
    raise Invalid(_("Den koden är upptagen. Välj en annan."), field="code")


@transaction.atomic
def shorten(*, actor: Actor, text: str, title: str = "") -> tuple[str, list[ShortLink]]:
    """
    Make a short link of each address in a text; returns the text with those instead, and the links.

    Our own short links stay as they are, and so does what no short link can lead to.

    Raises: NotPermitted; Invalid: There are very many.
    """
    found = [each for each in rules.addresses_in(text) if not rules.why_not_target(each, settings.OPTIONS.base_url)]
    if len(found) > MOST_IN_A_TEXT:
        raise Invalid(_("Det är för många länkar. Högst tio i taget kan göras korta."), field="text")
    made = {each: make_link(actor=actor, target=each, title=title, agreed=True) for each in found}
    instead = {address: queries.address_of(link) for address, link in made.items()}
    return rules.exchanged(text, instead), list(made.values())


@transaction.atomic
def change_target(
    *, actor: Actor, uid: UUID | str, target: str, agreed: bool = False, seen_version: int | None = None
) -> ShortLink:
    """
    Let a link lead elsewhere from now on; where it led before is kept.

    Raises: NotFound, NotPermitted; Invalid: As `make_link`; Stale: Changed meanwhile, or retired.

    Law: RF-4
    """
    link = _held(actor, uid, seen_version)
    link.target = _target(actor, target, agreed=agreed)
    link.version += 1
    link.save(update_fields=["target", "version"])
    _keep_target(actor, link)
    audit.note(actor, "links.change_target", link, version=link.version)
    return link


@transaction.atomic
def retire_link(*, actor: Actor, uid: UUID | str, why: str = "", seen_version: int | None = None) -> ShortLink:
    """
    Let a link lead nowhere: whoever follows it is told that it is gone. Its code is never used again.

    Raises: NotFound, NotPermitted; Stale: Changed meanwhile, or retired already.
    """
    link = _held(actor, uid, seen_version)
    link.retired_at, link.retired_why = now(), why.strip()[:300]
    link.version += 1
    link.save(update_fields=["retired_at", "retired_why", "version"])
    audit.note(actor, "links.retire_link", link, why=why)
    return link


# --- Counting ---------------------------------------------------------------------------------------------------------


class Clicks:
    """
    Clicks on their way to the table: whoever comes while somebody writes leaves theirs to be written together.

    A link that everybody follows at once then costs one write for many, and nobody waits for another's. What cannot be
    written now is written with the next click.
    """

    def __init__(self) -> None:
        self._pending: Counter[tuple[int, int, datetime]] = Counter()
        self._guard, self._writing = Lock(), Lock()

    def add(self, link: ShortLink) -> None:
        """Count one click on a link, in this hour."""
        hour = now().replace(minute=0, second=0, microsecond=0)
        with self._guard:
            if len(self._pending) < _MOST_PENDING:
                self._pending[link.authority_id, link.pk, hour] += 1
        for _round in range(_MOST_ROUNDS):
            if not self._pending or not self._writing.acquire(blocking=False):
                return
            try:
                self._write()
            except DatabaseError:
                log.exception("Klick kunde inte räknas nu")
                return
            finally:
                self._writing.release()

    def _write(self) -> None:
        with self._guard:
            taken, self._pending = self._pending, Counter()
        try:
            with transaction.atomic():
                for key in sorted(taken):  # in one order, so that two processes do not wait for each other
                    _add(*key, taken[key])
        except DatabaseError:
            with self._guard:
                self._pending.update(taken)
            raise


clicks = Clicks()


def _add(authority_id: int, link_id: int, hour: datetime, count: int) -> None:
    rows = LinkHour.objects.everywhere("follow").filter(authority_id=authority_id, link_id=link_id, hour=hour)
    if rows.update(clicks=F("clicks") + count):
        return
    try:
        with transaction.atomic():
            LinkHour.objects.create(authority_id=authority_id, link_id=link_id, hour=hour, clicks=count)
    except IntegrityError:
        rows.update(clicks=F("clicks") + count)


# --- Steps ------------------------------------------------------------------------------------------------------------


def _target(actor: Actor, target: str, *, agreed: bool) -> str:
    target = target.strip()
    if not urlsplit(target).scheme and "." in target and " " not in target:
        target = f"https://{target}"
    reason = rules.why_not_target(target, settings.OPTIONS.base_url)
    if reason:
        raise Invalid(reason, field="target")
    if not agreed and queries.is_foreign(actor, target):
        raise Invalid(
            _("Sidan %(host)s är inte er egen webbplats. Kryssa i att det är rätt, om det är den ni menar.")
            % {"host": rules.host_of(target)},
            field="agreed",
        )
    return target


def _held(actor: Actor, uid: UUID | str, seen_version: int | None) -> ShortLink:
    link = queries.link_for(actor, uid, lock=True)
    if not actor.has_anywhere(*ANSWERS):
        raise NotPermitted
    if link.retired_at is not None:
        raise Stale(_("Länken är redan indragen."))
    if seen_version is not None and seen_version != link.version:
        raise Stale
    return link


def _keep_target(actor: Actor, link: ShortLink) -> None:
    LinkTarget.objects.create(
        authority_id=actor.authority_id, link=link, number=link.version, target=link.target, by_id=actor.person_id
    )
