"""Documents of policy as PDF/A and PDF/UA: a version of the guideline, and the answers to an auditor. Law: SM-03"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from narvaro.base import law
from narvaro.base.clock import STOCKHOLM
from narvaro.formats import pdf
from narvaro.policy import guidelines, parameters

if TYPE_CHECKING:
    from narvaro.core.models import Authority
    from narvaro.policy.models import Guideline, GuidelineStep
    from narvaro.policy.types import AuditAnswer

STATES = {"yes": gettext_lazy("Ja"), "partly": gettext_lazy("Delvis"), "no": gettext_lazy("Nej")}


def guideline_pdf(authority: Authority, guideline: Guideline, adoption: GuidelineStep | None, *, at: datetime) -> bytes:
    """Return one version as a document, in Swedish: it is what the authority has decided. Law: SM-03, SL-1"""
    with translation.override(settings.LANGUAGE_CODE):
        found = guidelines.filled(guidelines.sections(guideline.sections), guideline.values)
        parts: list[dict[str, Any]] = [
            {"heading": f"{each.number} {each.heading}".strip(), "paragraphs": paragraphs(each.text), "rows": []}
            for each in found
        ]
        values = [
            [str(parameters.PARAMETERS[key].label), parameters.labelled(key, value)]
            for key, value in guideline.values.items()
            if key in parameters.PARAMETERS
        ]
        parts += [
            {"heading": _("Det som riktlinjen bestämmer"), "paragraphs": [], "rows": values},
            {"heading": _("Beslutade frister"), "paragraphs": [], "rows": retention_rows(guideline.retention)},
        ]
        lead = [adoption_words(adoption), f"{_('Kontrollsumma')}: {guideline.content_hash or '–'}"]
        return _set(guideline.title, authority.name, lead, parts, (_("Uppgift"), _("Beslut")), at=at)


def audit_pdf(authority: Authority, answers: Iterable[AuditAnswer], *, at: datetime) -> bytes:
    """Return the answers to an auditor as a document, with the address of each piece of evidence."""
    base = settings.OPTIONS.base_url
    with translation.override(settings.LANGUAGE_CODE):
        parts = [
            {
                "heading": str(each.question),
                "paragraphs": [f"{STATES[each.state]}. {each.sentence}", *_cited(each.law)],
                "rows": [[str(one.text), f"{base}{one.url}"] for one in each.evidence],
            }
            for each in answers
        ]
        day = date_format(at.astimezone(STOCKHOLM), "j F Y")
        lead = [_("Svaren är hämtade ur det som finns i Närvaro den %(day)s.") % {"day": day}]
        heads = (_("Underlag"), _("Adress"))
        return _set(_("Granskning av sociala medier"), authority.name, lead, parts, heads, at=at)


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text: an empty line parts them."""
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]


def adoption_words(adoption: GuidelineStep | None) -> str:
    """Return who adopted a version, when and where it is kept, as one sentence."""
    if adoption is None or adoption.decided_on is None:
        return _("Utkast, inte antaget.")
    return _("Antagen av %(body)s den %(day)s, %(where)s.") % {
        "body": adoption.body, "day": date_format(adoption.decided_on, "j F Y"),
        "where": ", ".join(filter(None, [adoption.paragraph, adoption.diary_number])),
    }  # fmt: skip


def retention_rows(retention: dict[str, Any]) -> list[list[str]]:
    """Return what is decided about classes of records, each with how it reads, in the order of the classes."""
    english = (translation.get_language() or "sv").startswith("en")
    rows = []
    for code, each in law.record_classes().items():
        if code in retention:
            title = each.title_en if english else each.title_sv
            rows.append([f"{code} {title}", disposition_words(**retention[code])])
    return rows


def disposition_words(disposition: str, keep_months: int | None) -> str:
    """Return what becomes of records of a class, in words."""
    if disposition == "dispose":
        return _("Gallras efter %(n)d månader") % {"n": keep_months or 0}
    return {
        "preserve": _("Bevaras"), "follows_case": _("Följer ärendet"), "weed": _("Rensas"),
    }[disposition]  # fmt: skip


def _cited(id: str) -> list[str]:
    if not id:
        return []
    cited = law.cited(id)
    return [f"{cited.title_sv} ({id})"]


def _set(
    title: str, authority: str, lead: Sequence[str], parts: Sequence[Any], heads: tuple[str, str], *, at: datetime
) -> bytes:
    template = (files("narvaro.policy") / "document.typ").read_bytes()
    values = {"title": title, "authority": authority, "lead": list(lead), "parts": list(parts), "heads": list(heads)}
    return pdf.render(template, values, at=at)
