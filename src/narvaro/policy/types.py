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
