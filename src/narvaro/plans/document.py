"""A plan as a document: PDF/A with what it says, what was decided about it, and the hash that this is bound to."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.core import queries as core
from narvaro.core.moments import full_time
from narvaro.core.types import Actor, Role
from narvaro.decisions.rules import content_hash
from narvaro.formats import pdf
from narvaro.plans import rules
from narvaro.plans.queries import Written
from narvaro.plans.types import PlanState


def as_pdf(actor: Actor, written: Written) -> bytes:
    """
    Return the version in force, else the latest, as PDF/A in Swedish. The same plan gives the same bytes.

    Law: SM-02, ARK-14, SL-1
    """
    with translation.override(settings.LANGUAGE_CODE):
        values, at = _values(actor, written), (written.in_force or written.latest).written_at
    return pdf.render((files("narvaro.plans") / "plan.typ").read_bytes(), values, at=at)


def _values(actor: Actor, written: Written) -> dict[str, Any]:
    plan, version = written.plan, written.in_force or written.latest
    channel, answers = plan.channel, version.answers
    facts = [
        (_("Kanal"), channel.name), (_("Enhet"), channel.unit.name), (_("Ansvarig"), channel.responsible.name),
        (_("Ersättare"), channel.deputy.name if channel.deputy else _("Ingen")),
        (_("Version"), _("%(number)s av %(latest)s") % {"number": version.number, "latest": plan.latest}),
        (_("Hur den står"), PlanState.DECIDED.label if written.in_force else PlanState(plan.state).label),
    ]  # fmt: skip
    exact = content_hash(version.content)
    return {
        "title": _("Plan för %(name)s") % {"name": channel.name}, "authority": core.authority_of(actor).name,
        "facts": [list(map(str, row)) for row in facts],
        "sections": [
            {"heading": str(section.label), "rows": rows}
            for section in rules.SECTIONS
            if (rows := [[str(part.label), rules.words_of(answers, part.key)] for part in section.parts
                         if answers.get(part.key)])
        ],
        "decisions": [
            [full_time(row.at), f"{row.by.name}, {Role(row.role).label.lower()}" if row.role else row.by.name,
             "\n".join(filter(None, (str(row.get_outcome_display()), row.reference, row.why)))]
            for row in reversed(written.decisions) if row.content_hash == exact
        ],
        "lessons": plan.lessons, "hash": exact,
        "hash_words": _("Beslutet är bundet till exakt den här texten. Dess kontrollsumma (SHA-256):"),
    }  # fmt: skip
