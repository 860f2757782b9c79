"""Pages of the handbook. They show what is written and change nothing."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from narvaro.base import law as laws_of_sweden
from narvaro.core.access import access, may_enter
from narvaro.core.law_words import CONFIDENCE
from narvaro.core.types import NotFound
from narvaro.training import queries as training
from narvaro.web.handbook import contents, markup
from narvaro.web.handbook import search as finding

HARM_TESTS = {
    "presume_open": gettext_lazy("Uppgiften lämnas ut, om inte ett utlämnande kan väntas skada."),
    "presume_secret": gettext_lazy("Uppgiften är hemlig, om det inte står klart att den kan lämnas ut utan skada."),
    "absolute": gettext_lazy("Uppgiften är hemlig utan någon prövning av skada."),
    "mixed": gettext_lazy("Hur skada prövas skiljer sig mellan delarna. Läs bestämmelsen."),
}

_FAMILIES = (
    ("TF", gettext_lazy("Tryckfrihetsförordningen")),
    ("OSL", gettext_lazy("Offentlighet och sekretess")),
    ("BBS", gettext_lazy("Elektroniska anslagstavlor")),
    ("TCO", gettext_lazy("EU-regler om innehåll på nätet")),
    ("DSA", gettext_lazy("EU-regler om innehåll på nätet")),
    ("TTPA", gettext_lazy("EU-regler om innehåll på nätet")),
    ("FL", gettext_lazy("Förvaltningslagen")),
    ("RF", gettext_lazy("Regeringsformen")),
    ("KL", gettext_lazy("Kommunallagen")),
    ("DL", gettext_lazy("Likabehandling och språk")),
    ("SL", gettext_lazy("Likabehandling och språk")),
    ("GDPR", gettext_lazy("Dataskydd")),
    ("LEK", gettext_lazy("Dataskydd")),
    ("DOS", gettext_lazy("Tillgänglighet")),
    ("URL", gettext_lazy("Upphovsrätt och bilder")),
    ("ARK", gettext_lazy("Arkiv och gallring")),
    ("SEC", gettext_lazy("Säkerhet")),
    ("OD", gettext_lazy("Öppna data")),
)


@access("person")
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """The handbook's first page: everything it holds, by group."""
    pages = contents.pages(contents.language())
    groups = [{"label": group.label, "pages": [pages[slug] for slug in group.slugs]} for group in contents.GROUPS]
    return render(request, "web/handbook/start.html", {"groups": groups})


@access("person")
@require_GET
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """One page."""
    language = contents.language()
    found = contents.pages(language).get(slug)
    if found is None:
        raise NotFound(_("Den sidan finns inte i handboken. Sök, eller börja från handbokens första sida."))
    before, after = contents.neighbours(slug, language)
    reader = getattr(request, "actor", None)
    context = {
        "page": found, "html": markup.for_reader(found.marked.html, partial(may_enter, reader)),
        "group": contents.group_of(slug), "before": before, "after": after,
    }  # fmt: skip
    return render(request, "web/handbook/page.html", context)


@access("person")
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Search in the handbook and in the law pages."""
    question = request.GET.get("fraga", "")[:200]
    context = {"question": question, "hits": finding.find(question, contents.language())}
    return render(request, "web/handbook/search.html", context)


@access("person")
@require_GET
def laws(request: HttpRequest) -> HttpResponse:
    """Every provision that Närvaro leans on, by statute, and the kinds of records; or those that hold some words."""
    question = request.GET.get("fraga", "")[:200].strip()
    wanted = finding.provisions(question, contents.language()) if question else None
    families: dict[str, dict[str, Any]] = {}
    label_of = dict(_FAMILIES)
    for provision in laws_of_sweden.provisions().values():
        if wanted is not None and reverse("handbook_law", args=[provision.id]) not in wanted:
            continue
        label = label_of.get(provision.id.partition("-")[0], gettext_lazy("Övrigt"))
        family = families.setdefault(str(label), {"label": label, "laws": []})
        family["laws"].append(_shown(provision))
    classes = [
        _shown(each) for each in laws_of_sweden.record_classes().values()
        if wanted is None or reverse("handbook_law", args=[each.id]) in wanted
    ]  # fmt: skip
    page = {"families": list(families.values()), "classes": classes, "law_question": question}
    return render(request, "web/handbook/laws.html", page)


@access("person")
@require_GET
def law(request: HttpRequest, id: str) -> HttpResponse:
    """One provision in our own words, or one kind of record, with where it was read and how sure we are."""
    try:
        cited = laws_of_sweden.cited(id)
    except KeyError:
        raise NotFound(_("Den bestämmelsen finns inte i lagkatalogen.")) from None
    context: dict[str, Any] = {
        "law": _shown(cited),
        "confidence": CONFIDENCE[cited.confidence],
        "pages": contents.citing(id, contents.language()),
        "cases": training.cases_about(id) if getattr(request, "actor", None) is not None else [],
    }
    if isinstance(cited, laws_of_sweden.RecordClass):
        context["record_class"] = _kind_of_record(cited)
        context["laws"] = [_shown(laws_of_sweden.cited(other)) for other in cited.law]
    else:
        context["harm_test"] = HARM_TESTS[cited.harm_test] if cited.harm_test else ""
    return render(request, "web/handbook/law.html", context)


def _shown(cited: laws_of_sweden.Provision | laws_of_sweden.RecordClass) -> dict[str, Any]:
    english = contents.language() == "en"
    shown: dict[str, Any] = {
        "id": cited.id,
        "title": cited.title_en if english else cited.title_sv,
        "read_on": cited.read_on,
        "is_unread": cited.confidence in ("recalled", "D"),
    }
    if isinstance(cited, laws_of_sweden.RecordClass):
        return shown | {"text": cited.note_en if english else cited.note_sv}
    return shown | {"text": cited.text_en if english else cited.text_sv, "citation": cited.citation, "url": cited.url}


def _kind_of_record(cited: laws_of_sweden.RecordClass) -> dict[str, str]:
    registration = {
        laws_of_sweden.Registration.REGISTER: _("Ska diarieföras"),
        laws_of_sweden.Registration.KEPT_IN_ORDER: _("Hålls ordnad"),
        laws_of_sweden.Registration.NONE: _("Behöver varken diarieföras eller hållas ordnad"),
        laws_of_sweden.Registration.NOT_A_RECORD: _("Är inte en allmän handling"),
    }
    return {"registration": registration[cited.registration], "keeping": _keeping(cited)}


def _keeping(cited: laws_of_sweden.RecordClass) -> str:
    if cited.disposition is laws_of_sweden.Disposition.PRESERVE:
        return _("Bevaras")
    if cited.disposition is laws_of_sweden.Disposition.FOLLOWS_CASE:
        return _("Följer ärendet")
    since = cited.from_en if contents.language() == "en" else cited.from_sv
    if cited.keep_months is not None:
        return _("Förslag: gallras %(months)s månader efter %(since)s") % {"months": cited.keep_months, "since": since}
    if cited.keep_days is not None:
        return _("Förslag: gallras %(days)s dagar efter %(since)s") % {"days": cited.keep_days, "since": since}
    return _("Rensas när arbetet är klart")
