"""Every write of the register of paid promotion. Närvaro buys nothing; it keeps what was bought."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import now, today
from narvaro.base.http import Guard, Refused
from narvaro.core import audit
from narvaro.core.types import ANSWERS, Actor, Invalid, NotPermitted, Stale
from narvaro.publishing import queries
from narvaro.publishing.models import Promotion, PromotionVersion
from narvaro.publishing.queries import promotion as register
from narvaro.publishing.rules import promotion as rules
from narvaro.publishing.types.promotion import Topic


@transaction.atomic
def enter_promotion(
    *, actor: Actor, title: str, payer: str, function: str, amount_kr: int, begins_on: date, ends_on: date,
    audience: str, platform: str, topic: str = Topic.ORDINARY, post_url: str = "", label_about: str = "",
    label_url: str = "", fallback: str = "", message_uid: UUID | str | None = None,
) -> Promotion:  # fmt: skip
    """
    Enter a purchase of reach, before it begins or afterwards.

    Args:
        payer: Who pays: an organisation, never a person.
        function: Who answers for it here: a unit or a function, never a person.
        label_about, label_url: What political advertising must say of itself.
        fallback: How it is spread when the platform stops it.
        message_uid: The message that it spreads, when it was written here.

    Raises:
        NotPermitted: The actor does not answer residents.
        NotFound: No such message.
        Invalid: Something is missing, or it is about to begin and may not be bought so: says what and why.

    Law: TTPA-1, TF-5, RF-1
    """
    if not actor.has_anywhere(*ANSWERS):
        raise NotPermitted
    message = queries.message_for(actor, message_uid) if message_uid else None
    promotion = Promotion(authority_id=actor.authority_id, entered_by_id=actor.person_id, message=message, version=0)
    _fill(promotion, {
        "title": title, "payer": payer, "function": function, "amount_kr": amount_kr, "begins_on": begins_on,
        "ends_on": ends_on, "audience": audience, "platform": platform, "topic": topic, "post_url": post_url,
        "label_about": label_about, "label_url": label_url, "fallback": fallback,
    })  # fmt: skip
    _store(actor, promotion, "")
    audit.note(actor, "publishing.enter_promotion", promotion, topic=promotion.topic)
    return promotion


@transaction.atomic
def change_promotion(
    *, actor: Actor, uid: UUID | str, why: str, seen_version: int | None = None, **values: Any
) -> Promotion:
    """
    Put right what stands about a purchase; what stood before is kept.

    Args:
        values: All that `enter_promotion` takes, but for the message.

    Raises: NotFound, NotPermitted; Invalid: As `enter_promotion`, or no reason; Stale: Changed meanwhile, or withdrawn.

    Law: TTPA-1
    """
    promotion = _held(actor, uid, seen_version)
    if not why.strip():
        raise Invalid(_("Skriv varför uppgifterna ändras."), field="why")
    _fill(promotion, values)
    _store(actor, promotion, why)
    audit.note(actor, "publishing.change_promotion", promotion, why=why, version=promotion.version)
    return promotion


@transaction.atomic
def withdraw_promotion(*, actor: Actor, uid: UUID | str, why: str, seen_version: int | None = None) -> Promotion:
    """
    Strike out what was entered by mistake or never bought; it stays here with the reason, and anybody reads it no more.

    Raises: NotFound, NotPermitted; Invalid: No reason; Stale: Changed meanwhile, or withdrawn already.
    """
    promotion = _held(actor, uid, seen_version)
    if not why.strip():
        raise Invalid(_("Skriv varför posten stryks."), field="why")
    promotion.withdrawn_at, promotion.withdrawn_why = now(), why.strip()[:300]
    promotion.version += 1
    promotion.save(update_fields=["withdrawn_at", "withdrawn_why", "version"])
    audit.note(actor, "publishing.withdraw_promotion", promotion, why=why)
    return promotion


def _fill(promotion: Promotion, values: dict[str, Any]) -> None:
    tidy: dict[str, Any] = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    for name in ("title", "payer", "function", "audience"):
        if not tidy[name]:
            raise Invalid(_("Fyll i fältet. Den som läser registret behöver det."), field=name)
    for name in ("post_url", "label_url"):
        _refuse_odd_address(tidy[name], name)
    if tidy["amount_kr"] < 0:
        raise Invalid(_("Skriv hela kronor."), field="amount_kr")
    if tidy["topic"] not in Topic.values:
        raise Invalid(_("Välj vad det är."), field="topic")
    stopped = rules.why_not(tidy, today())
    if stopped is not None:
        raise Invalid(stopped[1], field=stopped[0])
    for name in register.CONTENT:
        setattr(promotion, name, tidy[name])


def _refuse_odd_address(address: str, name: str) -> None:
    if not address:
        return
    try:
        Guard(allow_private=True).check_url(address)
    except Refused as error:
        raise Invalid(str(error), field=name) from None


def _held(actor: Actor, uid: UUID | str, seen_version: int | None) -> Promotion:
    promotion = register.promotion_for(actor, uid, lock=True)
    if not actor.has_anywhere(*ANSWERS):
        raise NotPermitted
    if promotion.withdrawn_at is not None:
        raise Stale(_("Posten är redan struken."))
    if seen_version is not None and seen_version != promotion.version:
        raise Stale
    return promotion


def _store(actor: Actor, promotion: Promotion, why: str) -> None:
    promotion.version += 1
    promotion.save()
    PromotionVersion.objects.create(
        authority_id=actor.authority_id, promotion=promotion, number=promotion.version, why=why.strip()[:300],
        by_id=actor.person_id, content=register.content_of_promotion(promotion),
    )  # fmt: skip
