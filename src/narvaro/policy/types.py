"""Words for grounds and house rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

VERBS = {
    "policy.take_starting_rules": _("började med kommentarsreglerna som följer med"),
    "policy.add_rule": _("lade till en kommentarsregel"),
    "policy.change_rule": _("ändrade en kommentarsregel"),
    "policy.end_rule": _("avslutade en kommentarsregel"),
    "policy.move_rule": _("flyttade en kommentarsregel"),
    "policy.change_notice": _("ändrade en mall för besked"),
    "policy.restore_notice": _("återställde en mall för besked"),
    "policy.add_words": _("lade till egna ord att lyfta fram"),
    "policy.change_words": _("ändrade egna ord att lyfta fram"),
    "policy.switch_words": _("slog på eller stängde av egna ord"),
    "policy.end_words": _("tog bort egna ord"),
    "policy.begin_guideline": _("började på en ny version av riktlinjen"),
    "policy.write_section": _("skrev i utkastet till riktlinje"),
    "policy.add_section": _("lade till ett avsnitt i utkastet"),
    "policy.remove_section": _("tog bort ett avsnitt ur utkastet"),
    "policy.move_section": _("flyttade ett avsnitt i utkastet"),
    "policy.fill_in": _("fyllde i utkastets värden"),
    "policy.decide_retention": _("fyllde i utkastets gallringsfrister"),
    "policy.drop_draft": _("lade undan ett utkast till riktlinje"),
    "policy.adopt_guideline": _("förde in att riktlinjen är antagen"),
    "policy.bring_into_force": _("lät riktlinjen gälla"),
    "policy.review_guideline": _("förde in att riktlinjen är sedd över"),
    "policy.name_reviewer": _("utsåg någon att se över riktlinjen"),
    "policy.end_reviewer": _("avslutade uppdraget att se över riktlinjen"),
    "policy.keep_minutes": _("förde in ett protokoll om sociala medier"),
    "policy.acknowledge": _("bekräftade att riktlinjen är läst"),
    "policy.see_duties": _("bekräftade vad det innebär att vara ansvarig för kanalen"),
}
"""What each of policy's audit verbs means, after the actor's name."""


class Catalogue(models.TextChoices):
    """
    The three separate catalogues of grounds. Opinion, criticism and politics stand in none of them (RF-2).

    SECRECY blames nobody: a resident who shares too much has done nothing wrong.
    """

    CRIME = "crime", _("Brott och upphovsrätt")
    HOUSE = "house", _("Våra kommentarsregler")
    SECRECY = "secrecy", _("Sekretess och personuppgifter")


class Measure(models.TextChoices):
    """What may be done about a comment or its author, least intrusive first."""

    ANSWER = "answer", _("Svara")
    WARN = "warn", _("Påminn om reglerna")
    HIDE = "hide", _("Dölj")
    REMOVE = "remove", _("Ta bort")
    BLOCK = "block", _("Blockera")


class Heard(models.TextChoices):
    """Where own words are listened for."""

    INCOMING = "incoming", _("Det som andra skriver till er")
    OUTGOING = "outgoing", _("Det ni själva skriver")
    BOTH = "both", _("Båda")


class GuidelineState(models.TextChoices):
    """Where a version of the guideline is in its life; it goes one way."""

    DRAFT = "draft", _("Utkast")
    DROPPED = "dropped", _("Undanlagt utkast")
    ADOPTED = "adopted", _("Antagen")
    IN_FORCE = "in_force", _("Gäller")
    SUPERSEDED = "superseded", _("Ersatt")


class StepKind(models.TextChoices):
    """What happened to a version of the guideline."""

    BEGUN = "begun", _("Påbörjad")
    DROPPED = "dropped", _("Undanlagd")
    ADOPTED = "adopted", _("Antagen")
    IN_FORCE = "in_force", _("Började gälla")
    REVIEWED = "reviewed", _("Sedd över utan ändring")
    SUPERSEDED = "superseded", _("Ersatt")


@dataclass(frozen=True, slots=True)
class Section:
    """
    One section of a guideline. `code` tells what it is about, whatever it is called; own sections have own codes.

    `number` is the authority's own numbering, such as "4.2".
    """

    code: str
    number: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where an answer to an auditor can be seen: what the link says, and its address."""

    text: Any
    url: str


@dataclass(frozen=True, slots=True)
class AuditAnswer:
    """An auditor's question answered from what is there now: `state` is "yes", "partly" or "no"."""

    key: str
    question: Any
    state: str
    sentence: Any
    evidence: tuple[Evidence, ...] = ()
    law: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """
    One ground that a moderator may give.

    `code` is "BBS-5a" … "BBS-5-2", "OSL", "GDPR-7", "own_data", or the code of a house rule. `law` are ids of the law
    catalogue. `first` is the least intrusive measure that is enough: what is stricter asks for a reason, but for
    `remove_first`, where the law asks for removal at once (BBS-5) and nothing milder is tried before.
    """

    code: str
    catalogue: Catalogue
    title: Any  # words, translated where they are shown
    text: Any  # one plain sentence: what it is
    law: tuple[str, ...] = ()
    first: Measure = Measure.HIDE
    remove_first: bool = False
    no_capture: bool = False  # BBS-10: sealed, never copied
    counts_as_misconduct: bool = True
    rule_id: int | None = None  # the house rule's row


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to think of before a rule or a text is used, and the provision it leans on. Never a stop."""

    code: str
    sentence: Any  # words, translated where they are shown
    law: str = ""
