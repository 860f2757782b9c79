"""
The register as anybody reads it: our accounts, whether a certain one is ours, and the same as data.

Each page is the same for everybody, so that it can be kept by caches.

Law: BBS-2, OSL-5, OD-1, TF-1
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from narvaro.channels import openapi, queries
from narvaro.channels.queries.warned import reported_false
from narvaro.channels.types import OWN, AccountKind, Comments
from narvaro.core import openly, spreadsheet
from narvaro.core import queries as core
from narvaro.core.access import OpenRequest, access
from narvaro.core.types import Actor
from narvaro.formats import dcat

if TYPE_CHECKING:
    from narvaro.channels.queries import PublicAccount
    from narvaro.channels.queries.warned import ReportedFalse
    from narvaro.core.models import Authority

_JSON = "application/json; charset=utf-8"


@access("open")
@require_safe
def accounts(request: OpenRequest) -> HttpResponseBase:
    """The authority's accounts: what each is for, when somebody is there, where else to turn; and former ones."""
    return _ready(request, "accounts", lambda: _page(request, "accounts", **_all(request)))


@access("open")
@require_safe
def check(request: OpenRequest) -> HttpResponseBase:
    """Whether an account is the authority's, by its address or name."""
    typed = request.GET.get("konto", "").strip()[:500]
    with translation.override(openly.language(request)):
        found = queries.accounts_named(typed, actor=request.visitor) if typed else []
        page = _page(
            request, "check", typed=typed,
            false_ones=reported_false(request.visitor, typed) if typed else [],
            ours=[_shown(request, each) for each in found if each.closed_on is None],
            former=[_shown(request, each) for each in found if each.closed_on is not None],
        )  # fmt: skip
        return openly.kept_by_caches(request, page)


@csp_replace({"frame-ancestors": ["*"]})
@xframe_options_exempt
@access("open")
@require_safe
def embedded(request: OpenRequest) -> HttpResponseBase:
    """The accounts in use as a bare list, for a frame on the authority's own website: nothing in it can be acted on."""
    return _ready(request, "embedded", lambda: _page(request, "embedded", **_all(request)))


@csrf_exempt  # nothing can be sent here: whoever tries is told so, and not that a form is too old
@access("open")
@require_safe
def as_json(request: OpenRequest) -> HttpResponseBase:
    """The same as data."""
    return _ready(request, "json", lambda: openly.as_data(_json(_everything(request.visitor))))


@access("open")
@require_safe
def as_csv(request: OpenRequest) -> HttpResponseBase:
    """The same for a spreadsheet."""
    return _ready(request, "csv", lambda: openly.as_data(_csv(request.visitor)))


@access("open")
@require_safe
def feed(request: OpenRequest) -> HttpResponseBase:
    """What has been opened and closed, latest first, as Atom."""
    return _ready(request, "feed", lambda: _atom(request.visitor))


@access("open")
@require_safe
def trust(request: OpenRequest) -> HttpResponseBase:
    """The accounts as lines of trust.txt, to be put on the authority's own website."""
    return _ready(request, "trust", lambda: openly.as_data(_lines(request.visitor)))


@access("open")
@require_safe
def catalogue(request: OpenRequest) -> HttpResponseBase:
    """The authority's open data as DCAT-AP-SE, for harvesters: RDF/XML unless another form is asked for."""
    return _catalogued(request, [request.authority])


@access("public")
@require_safe
def catalogue_of_all(request: HttpRequest) -> HttpResponseBase:
    """
    The open data of the first organisation here, at the address where Sveriges dataportal looks.

    Where several organisations share an installation, each is harvested at its authorities' own addresses.
    """
    return _catalogued(request, core.authorities_of_the_first())


@csrf_exempt  # as above
@access("public")
@require_safe
def verify(request: HttpRequest) -> HttpResponseBase:
    """
    Whether an account is an authority's, for machines: `?url=` (an address or a name).

    `answer` is "ours" for an account in use, "closed" for one that was ours, "unknown" when nobody here knows
    it, and "reported_false" when an authority here says that it poses as the authority.
    """
    typed = request.GET.get("url", "").strip()
    if not typed or len(typed) > openapi.LONGEST_QUESTION:
        data = {"error": "Lägg till ?url= med kontots adress eller namn, högst 500 tecken."}
        return openly.as_data(HttpResponse(json.dumps(data, ensure_ascii=False), content_type=_JSON, status=400))
    found = queries.accounts_named(typed)
    false_ones = [] if found else reported_false(None, typed)
    told: dict[str, Any] = {
        "url": typed, "answer": "reported_false" if false_ones else _answer(found),
        "accounts": [_data(each) for each in found], "reported_false": [_false(each) for each in false_ones],
    }  # fmt: skip
    return openly.kept_by_caches(request, openly.as_data(_json(told)))


@access("public")
@require_safe
def described(request: HttpRequest) -> HttpResponseBase:
    """What machines may ask here, as OpenAPI."""
    data = openapi.description(settings.OPTIONS.base_url)
    return openly.kept_by_caches(request, openly.as_data(_json(data)))


def _answer(found: list[PublicAccount]) -> str:
    states = {each.closed_on is None for each in found}
    return "ours" if True in states else "closed" if states else "unknown"


_COLUMNS = (
    "authority", "organisation_number", "platform", "name", "handle", "url", "unit", "kind", "purpose", "audience",
    "languages", "staffed_hours", "comments", "elsewhere", "function_mailbox", "privacy_url", "opened_on", "closed_on",
    "house_rules", "uid",
)  # fmt: skip


def _ready(request: OpenRequest, what: str, make: Callable[[], HttpResponse]) -> HttpResponseBase:
    """Answer with what is kept ready of the authority's open pages, made anew when its register has changed."""
    authority = request.authority
    with translation.override(openly.language(request)):
        name = (authority.uid, what, openly.stays_in_language(request))
        return openly.kept_ready(request, name, authority.edition, make)


def _everything(actor: Actor) -> dict[str, Any]:
    authority = core.authority_of(actor)
    return {
        "authority": {"name": authority.name, "organisation_number": authority.organisation_number},
        "page": _address(authority, "accounts"),
        "accounts": [_data(each) for each in queries.public_accounts(actor)],
    }


def _csv(actor: Actor) -> HttpResponse:
    found = [_data(each) for each in queries.public_accounts(actor)]
    names = list(_COLUMNS)
    lines = [spreadsheet.line(names), *(spreadsheet.line([_cell(row[name]) for name in names]) for row in found)]
    response = HttpResponse(spreadsheet.MARK + "".join(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="kanaler.csv"'
    return response


def _atom(actor: Actor) -> HttpResponse:
    authority = core.authority_of(actor)
    home = _address(authority, "accounts")
    made = _Feed(
        title=_("Konton som %(name)s har") % {"name": authority.name}, link=home, description="",
        feed_url=_address(authority, "feed"), language=translation.get_language(),
    )  # fmt: skip
    for at, account in sorted(_events(actor), key=lambda each: each[0], reverse=True)[:100]:
        is_closed = account.closed_on is not None and at.date() == account.closed_on
        title = _("Avslutat: %(name)s") if is_closed else _("Nytt: %(name)s")
        made.add_item(
            title=title % {"name": account.name}, link=account.url or home,
            unique_id=f"urn:uuid:{account.uid}{'#closed' if is_closed else ''}", updateddate=at,
            description=account.purpose or f"{account.platform_name} {account.handle}",
        )  # fmt: skip
    return HttpResponse(made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


def _lines(actor: Actor) -> HttpResponse:
    authority = core.authority_of(actor)
    found = [each for each in queries.public_accounts(actor) if each.closed_on is None and each.url]
    lines = [
        *([f"belongto={authority.website}"] if authority.website else []),
        *([f"contact=mailto:{authority.communications_email}"] if authority.communications_email else []),
        *(f"social={each.url}" for each in found),
    ]
    return HttpResponse("".join(f"{line}\n" for line in lines), content_type="text/plain; charset=utf-8")


def _catalogued(request: HttpRequest, authorities: list[Authority]) -> HttpResponseBase:
    if not authorities:
        return HttpResponse("Ingen myndighet finns här än.", content_type="text/plain; charset=utf-8", status=404)
    form = _form(request)
    editions = tuple((each.uid, each.edition) for each in authorities)
    name = (authorities[0].uid, "catalogue", form, len(authorities))
    return openly.kept_ready(request, name, editions, lambda: _catalogue(authorities, form))


def _catalogue(authorities: list[Authority], form: dcat.Form) -> HttpResponse:
    wider = _address(authorities[0], "catalogue")
    made = dcat.Catalogue(
        iri=wider, title_sv=f"Öppna data från {authorities[0].name}", publisher=_agent(authorities[0]),
        description_sv="Det myndigheten delar om sin närvaro i sociala medier.",
        datasets=tuple(_dataset(each) for each in authorities),
    )  # fmt: skip
    response = HttpResponse(dcat.serialised(made, form), content_type=f"{dcat.MEDIA_TYPES[form]}; charset=utf-8")
    patch_vary_headers(response, ["Accept"])
    return openly.as_data(response)


def _form(request: HttpRequest) -> dcat.Form:
    wanted = request.GET.get("format", "")
    for form, media_type in dcat.MEDIA_TYPES.items():
        if wanted == form or (not wanted and media_type in request.headers.get("Accept", "")):
            return form
    return "xml"


def _agent(authority: Authority) -> dcat.Agent:
    return dcat.Agent(
        iri=f"{_address(authority, 'accounts')}#authority", name=authority.name, homepage=authority.website,
        email=authority.communications_email,
    )  # fmt: skip


def _dataset(authority: Authority) -> dcat.Dataset:
    home = _address(authority, "catalogue")
    ways = (("json", "application/json"), ("csv", "text/csv"), ("feed", "application/atom+xml"))
    name = authority.name
    return dcat.Dataset(
        iri=f"{home}#accounts",
        title_sv=f"Konton i sociala medier: {name}",
        title_en=f"Accounts in social media: {name}",
        description_sv=f"Konton i sociala medier som tillhör {name}, vad de är till för och vilka som är avslutade.",
        description_en=f"Which accounts in social media belong to {name}, what they are for and which are closed.",
        publisher=_agent(authority),
        distributions=tuple(
            dcat.Distribution(
                f"{home}#{way}", _address(authority, way), media_type, "Alla konton, vart och ett för sig."
            )
            for way, media_type in ways
        ),
        keywords_sv=("sociala medier", "konton", "myndigheter"),
    )


def _page(request: OpenRequest, what: str, **more: Any) -> HttpResponse:
    authority = request.authority
    address, asked = _path(authority, what), urlencode({"konto": more["typed"]}) if more.get("typed") else ""
    stays = openly.stays_in_language(request)
    page = {
        "authority": authority,
        "shell": {"authority_name": authority.name},
        "language_links": openly.other_languages(f"{address}?{asked}" if asked else address),
        "stays": stays,
        "language": openly.language(request) if stays else "",
        "rules_url": _staying(_leads("house_rules:page", slug=authority.slug), stays),
        "paid_url": _staying(_leads("promotions:page", slug=authority.slug), stays),
        "news_url": _staying(_leads("outlets_open:all", slug=authority.slug), stays),
        **more,
    }
    return HttpResponse(render_to_string(f"channels/open/{what}.html", page))


def _all(request: OpenRequest) -> dict[str, Any]:
    found = queries.public_accounts(request.visitor)
    return {
        "false_ones": [each for each in reported_false(request.visitor) if each.is_there],
        "in_use": [_shown(request, each) for each in found if each.closed_on is None],
        "closed": [_shown(request, each) for each in found if each.closed_on is not None],
        "has_news": any(each.platform in OWN for each in found),
    }


def _shown(request: OpenRequest, account: PublicAccount) -> dict[str, Any]:
    rules_url = _leads("house_rules:channel", slug=account.authority_slug, uid=account.uid)
    return {
        "account": account,
        "platform": account.platform_name or _("Annan plats"),
        "kind": AccountKind(account.kind).label,
        "comments": Comments(account.comments).label,
        "rules_url": _staying(rules_url, openly.stays_in_language(request)),
    }


def _staying(address: str, stays: str) -> str:
    return f"{address}{stays}" if address else ""


def _data(account: PublicAccount) -> dict[str, Any]:
    told = {name: value for name, value in asdict(account).items() if name in _COLUMNS}
    rules_url = _leads("house_rules:channel", slug=account.authority_slug, uid=account.uid)
    return {
        **told,
        "languages": list(account.languages),
        "opened_on": account.opened_on.isoformat() if account.opened_on else None,
        "closed_on": account.closed_on.isoformat() if account.closed_on else None,
        "house_rules": settings.OPTIONS.base_url + rules_url if rules_url else None,
    }


def _false(each: ReportedFalse) -> dict[str, Any]:
    told = {"authority": each.authority, "platform": each.platform, "account": each.account, "says": each.says}
    return {**told, "since": each.since.isoformat(), "is_there": each.is_there}


def _cell(value: Any) -> str:
    return " ".join(value) if isinstance(value, list) else str(value or "")


class _Feed(Atom1Feed):
    """A feed that is the same until something happens: an empty one would else be new each second."""

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else datetime(2000, 1, 1, tzinfo=UTC)


def _events(actor: Actor) -> list[tuple[datetime, PublicAccount]]:
    found = queries.public_accounts(actor)
    days = [(day, each) for each in found for day in (each.opened_on, each.closed_on) if day is not None]
    return [(datetime.combine(day, time(), UTC), each) for day, each in days]


def _json(data: dict[str, Any]) -> HttpResponse:
    return HttpResponse(json.dumps(data, ensure_ascii=False, indent=1), content_type=_JSON)


def _path(authority: Authority, name: str) -> str:
    return reverse(f"accounts:{name}", kwargs={"slug": authority.slug})


def _address(authority: Authority, name: str) -> str:
    return f"{settings.OPTIONS.base_url}{_path(authority, name)}"


def _leads(name: str, **where: str) -> str:
    try:
        return reverse(name, kwargs=where)
    except NoReverseMatch:
        return ""  # that page is not part of this installation
