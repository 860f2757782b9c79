"""What the days do: licences and consents that soon end wait for somebody, and what has ended is taken away."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import STOCKHOLM, today
from narvaro.core import waiting
from narvaro.core.types import Actor, Role
from narvaro.media import queries, rules
from narvaro.media.actions.consents import end_consent, end_licence


def follow_terms() -> None:
    """
    Put what ends within a month before those who lead communications, and act on what has ended.

    Law: URL-1, URL-5
    """
    soon = today() + timedelta(days=rules.DUE_DAYS)
    for asset in queries.licences_until(soon):
        actor = Actor.system(asset.authority, "follow terms")
        if asset.licence_until is not None and asset.licence_until < today():
            end_licence(actor=actor, asset=asset)
        elif asset.licence_until is not None:
            with translation.override(settings.LANGUAGE_CODE):
                title = _("Licensen går ut: %(title)s") % {"title": queries.name_of(actor, asset)[:80]}
            _put(actor, queries.LICENCE_KIND, asset.pk, title, f"/bilder/{asset.uid}/", asset.licence_until)
    for consent in queries.consents_until(soon):
        actor = Actor.system(consent.authority, "follow terms")
        if consent.until is not None and consent.until < today():
            end_consent(actor=actor, consent=consent)
        elif consent.until is not None:
            with translation.override(settings.LANGUAGE_CODE):
                title = _("Ett samtycke till bilder går ut")  # whose stands sealed, on its page
            _put(actor, queries.CONSENT_KIND, consent.pk, title, f"/bilder/samtycken/{consent.uid}/", consent.until)


def _put(actor: Actor, kind: str, key: int, title: str, link: str, on: date) -> None:
    waiting.put(actor, [waiting.Wait(
        place=queries.PLACE, subject_kind=kind, subject_id=key, title=title, link=link,
        due_at=datetime.combine(on, time(16), STOCKHOLM), role=Role.COMMUNICATIONS_LEAD.value,
    )])  # fmt: skip
