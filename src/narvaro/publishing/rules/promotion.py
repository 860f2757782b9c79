"""Decisions about paid promotion on plain values: what must be said of it, and what a platform may stop."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from narvaro.publishing.types.promotion import SELL_NO_POLITICS, STOP_MORE, Topic

LONGEST = timedelta(days=731)
MOST_KR = 100_000_000


def why_not(values: Mapping[str, Any], today: date) -> tuple[str, str] | None:
    """
    Return (field, sentence) for what stops a purchase from being entered; None when nothing does.

    What has begun is entered whatever it is: a register that refuses what happened is not true. It is told apart by
    `flags_of` instead.

    Law: TTPA-1
    """
    if values["ends_on"] < values["begins_on"] or values["ends_on"] - values["begins_on"] > LONGEST:
        return "ends_on", _("Slutdagen kommer efter startdagen, högst två år senare.")
    if values["amount_kr"] > MOST_KR:
        return "amount_kr", _("Beloppet är för stort. Skriv hela kronor.")
    if values["begins_on"] <= today:
        return None
    if values["topic"] == Topic.POLITICAL:
        if values["platform"] in SELL_NO_POLITICS:
            return "topic", _("Plattformen säljer inte politisk reklam i EU. Sprid det i era egna kanaler i stället.")
        if not values["label_about"]:
            return "label_about", _("Politisk reklam ska säga vilket val eller vilken regel den gäller.")
        if not values["label_url"]:
            return "label_url", _(
                "Politisk reklam ska leda till ett meddelande om vem som betalar och till vem den visas."
            )
    if may_be_stopped(values["topic"], values["platform"]) and not values["fallback"]:
        return "fallback", _("Plattformen kan stoppa det här. Skriv hur det sprids då, till exempel i egna kanaler.")
    return None


def may_be_stopped(topic: str, platform: str) -> bool:
    """Whether the platform is known to stop paid posts about this, however neutral they are. Law: TTPA-1"""
    return topic in (Topic.SOCIAL, Topic.VOTING) and platform in STOP_MORE


def flags_of(topic: str, platform: str, label_about: str, label_url: str) -> list[str]:
    """Return what anybody who reads the register should know of a purchase, as sentences; [] mostly. Law: TTPA-1"""
    flags = []
    if topic == Topic.POLITICAL:
        flags.append(_("Politisk reklam enligt EU:s regler."))
        if not (label_about and label_url):
            flags.append(_("Märkningen som krävs av politisk reklam saknas."))
        if platform in SELL_NO_POLITICS:
            flags.append(_("Plattformen säljer inte politisk reklam i EU."))
    return flags
