"""What the shell around every page needs: the authority, the places with their counts, and warnings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from hashlib import blake2b
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from narvaro import __version__
from narvaro.channels import queries as channels
from narvaro.core import jobs, queries, waiting
from narvaro.core.gathering import gathered
from narvaro.core.moments import full_time
from narvaro.core.types import ANSWERS, READS_ALL, Actor, Role
from narvaro.moderation import queries as moderation

COLOUR_COOKIE = "narvaro_colours"
WORKER_SILENT = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Place:
    """One of the few places of Närvaro, with what waits there (`counts` names rows of core.waiting)."""

    url_name: str
    label: Any
    icon: str
    prefixes: tuple[str, ...]
    counts: tuple[str, ...] = ()
    roles: frozenset[Role] = READS_ALL


PLACES = (
    Place("start", gettext_lazy("Att göra"), "todo", ("/att-gora/", "/utbildning/"), ("training",), frozenset(Role)),
    Place(
        "inbox:inbox", gettext_lazy("Inkorg"), "inbox", ("/inkorg/", "/moderering/"),
        ("inbox", "escalation", "advice", "moderation"),
    ),
    Place(
        "publishing:unclear", gettext_lazy("Publicerat"), "publish", ("/publicerat/", "/bilder/"),
        ("publications", "media", "sources"), ANSWERS,
    ),
    Place(
        "channels:channels", gettext_lazy("Kanaler"), "channels", ("/kanaler/", "/planer/", "/bevakning/"),
        ("security", "continuity", "plans", "watch"), frozenset(Role),
    ),
    Place("records:search", gettext_lazy("Handlingar"), "records", ("/handlingar/",), ("registry", "snapshot")),
    Place(
        "core:administration", gettext_lazy("Administration"), "admin", ("/administration/", "/franvaro/"),
        roles=frozenset({Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD, Role.AUDITOR, Role.DPO, Role.ARCHIVIST}),
    ),
)  # fmt: skip


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the template context `shell`; see docs/design.md for its keys. A part of a page never asks for it."""
    return {"shell": SimpleLazyObject(partial(_shell, request))}


def _shell(request: HttpRequest) -> dict[str, Any]:
    context: dict[str, Any] = {
        "version": __version__,
        "language_url": reverse("set_language"),
        "colour_mode": chosen_colours(request),
        "colour_mode_url": reverse("colours"),
    }
    actor: Actor | None = getattr(request, "actor", None)
    person = getattr(request, "user", None)  # absent when a request was refused before anybody was known
    if person is not None and person.is_authenticated:
        context |= {
            "person_name": person.name,
            "sign_out_url": reverse("account_logout"),
            "account_url": reverse("core:profile"),
            "help_url": reverse("handbook"),
        }
    if actor is not None:
        context |= _of_authority(request, actor)
    return context


def places(request: HttpRequest, actor: Actor) -> list[dict[str, Any]]:
    """Return the places that the actor may enter, with how much waits for them in each."""
    counts = waiting.counts(actor, [name for place in PLACES for name in place.counts])
    found = []
    for place in PLACES:
        if not actor.has_anywhere(*place.roles):
            continue
        waits = sum(counts.values()) if place.url_name == "start" else sum(counts.get(name, 0) for name in place.counts)
        found.append({
            "label": place.label, "url": reverse(place.url_name), "icon": place.icon, "count": waits,
            "current": request.path.startswith(place.prefixes),
        })  # fmt: skip
    return found


def counts_token(found: list[dict[str, Any]]) -> str:
    """Return a short text that changes when any count does."""
    return blake2b("|".join(str(place["count"]) for place in found).encode(), digest_size=6).hexdigest()


def _of_authority(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    parts = {
        "authority": queries.authority_part(actor), "heartbeat": jobs.heartbeat_part(),
        "unhealthy": channels.unhealthy_part(actor), "crises": moderation.crises_part(actor),
    }  # fmt: skip
    if actor.has_anywhere(Role.ADMINISTRATOR):
        parts["dead"] = jobs.dead_part()
    read = gathered(parts)
    (authority,) = read["authority"]
    found = places(request, actor)
    return {
        "authority_name": authority.name,
        "authority_slug": authority.slug,
        "logo_url": f"{reverse('logo')}?v={authority.version}" if authority.logo_type else "",
        "theme_css_url": f"{reverse('theme')}?v={authority.version}" if authority.is_coloured else "",
        "places": found,
        "poll_url": reverse("counts"),
        "poll_token": counts_token(found),
        "search_url": reverse("records:search") if actor.has_anywhere(*READS_ALL) else "",
        "banners": _crisis_banners(read["crises"], may_read=actor.has_anywhere(*READS_ALL))
        + _banners(read["heartbeat"], read["unhealthy"], has_dead=bool(read.get("dead")), is_demo=authority.is_demo),
    }


def _crisis_banners(crises: list[Any], *, may_read: bool) -> list[dict[str, str]]:
    """Everybody knows while it lasts; whoever may read the page is led to it."""
    found = []
    for crisis in crises:
        name = crisis.channel.name if crisis.channel_id else _("alla kanaler")
        sentence = _("Krisläge för %(name)s sedan %(since)s: %(why)s")
        banner = {
            "kind": "warning",
            "text": sentence % {"name": name, "since": full_time(crisis.started_at), "why": crisis.why},
        }
        if may_read:
            banner |= {"url": reverse("moderation:crises"), "url_text": _("Öppna krisläget")}
        found.append(banner)
    return found


def _banners(heartbeats: list[Any], unhealthy: list[Any], *, has_dead: bool, is_demo: bool) -> list[dict[str, str]]:
    found = []
    if not any(jobs.real_now() - heartbeat.at <= WORKER_SILENT for heartbeat in heartbeats):
        sentence = _(
            "Arbetet i bakgrunden står still: inget läses in och inget skickas. Kontakta den som sköter driften."
        )
        found.append({"kind": "error", "text": sentence})
    if has_dead:
        found.append({
            "kind": "warning",
            "text": _("Arbete i bakgrunden har givits upp och behöver ses över."),
            "url": reverse("core:operations"),
            "url_text": _("Öppna driftsidan"),
        })  # fmt: skip
    for reading in unhealthy:
        found.append({
            "kind": "warning",
            "text": _("Kanalen %(name)s behöver anslutas på nytt.") % {"name": reading.channel.name},
            "url": reverse("channels:channel", args=[reading.channel.uid]),
            "url_text": _("Öppna kanalen"),
        })  # fmt: skip
    if is_demo:
        found.append(
            {"kind": "info", "text": _("Det här är en påhittad kommun att prova i. Inget av det är på riktigt.")}
        )
    return found


def chosen_colours(request: HttpRequest) -> str:
    """Return "light" or "dark" where the reader chose, else ""."""
    chosen = request.COOKIES.get(COLOUR_COOKIE, "")
    return chosen if chosen in ("light", "dark") else ""
