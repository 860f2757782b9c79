"""Taking out what is kept of those who have consented, and forgetting it: by request, and as the plan decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit
from narvaro.core.types import Actor, Invalid, NotPermitted, Stale
from narvaro.media import queries, rules
from narvaro.media.models import Consent, ImageRule
from narvaro.media.queries import consent_register

FORMS = ("json", "csv")
RECORD_CLASS = "SM-16"


@transaction.atomic
def take_out_consents(*, actor: Actor, form: str, words: str = "") -> list[dict[str, Any]]:
    """
    Return the register, or what is kept of whoever is named, and note who took it out. No name stands in the log.

    Raises:
        NotPermitted: The actor reads no consents.
        Invalid: There is no such form.

    Law: GDPR-3, URL-5
    """
    if form not in FORMS:
        raise Invalid(_("Välj i vilken form det ska hämtas."), field="kind")
    found = consent_register.taken_out(actor, words=words)
    audit.note(actor, "media.take_out_consents", form=form, count=len(found), is_of_one=bool(words.strip()))
    return found


@transaction.atomic
def forget_consent(*, actor: Actor, uid: UUID | str, why: str) -> Consent:
    """
    Forget who had consented, at once, when they ask for it. That there was a consent, and when, stays.

    Raises:
        NotFound
        NotPermitted: The actor neither keeps the register nor is the data protection officer.
        Invalid: No reason; it has not been withdrawn; or a picture is left to take away, which needs the name.
        Stale: It is forgotten already.

    Law: SM-16, GDPR-4
    """
    if not rules.may_forget(actor):
        raise NotPermitted
    consent = queries.consent_for(actor, uid, lock=True)
    if consent.disposed_at is not None:
        raise Stale(_("Uppgifterna är redan gallrade."))
    if not why.strip():
        raise Invalid(_("Skriv varför uppgifterna gallras i förtid."), field="why")
    if consent.withdrawn_at is None and consent.ended_at is None:
        raise Invalid(_("Samtycket gäller. Notera först att det är återkallat, så tas bilderna bort."), field="why")
    if consent_register.is_left_to_take_away(actor, consent):
        raise Invalid(_("Bilder är kvar att ta bort. Ta bort dem och markera det först."), field="why")
    consent.sealed, consent.kept_where, consent.disposed_at = None, "", now()
    consent.save(update_fields=["sealed", "kept_where", "disposed_at"])
    audit.note(actor, "media.forget_consent", consent, why=why.strip()[:300])
    return consent


@transaction.atomic
def settle_consent_keeping(*, actor: Actor, retention: Mapping[str, Mapping[str, Any]], decided_in: str) -> None:
    """
    Let the decided plan say how long it is kept who had consented; what the plan does not decide stays as it ships.

    Raises:
        NotPermitted: A person asks; only what was adopted does.

    Law: SM-16
    """
    if not actor.is_system:
        raise NotPermitted
    decided = retention.get(RECORD_CLASS)
    months = decided.get("keep_months") if decided else rules.DISPOSAL_MONTHS
    rows = ImageRule.objects.of(actor)
    if months == rules.DISPOSAL_MONTHS and not rows.exists():
        return
    rows.update_or_create(
        authority_id=actor.authority_id, defaults={"consent_months": months, "decided_in": decided_in[:200]}
    )
    audit.note(actor, "media.settle_consent_keeping", months=months)
