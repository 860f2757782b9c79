"""What is due with a picture that may not be used any more never goes out."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.publishing.actions.sending import Attempt, every_row, in_hand, tell_author
from narvaro.publishing.types import State


def bar(attempt: Attempt, reason: str) -> None:
    """Give up an attempt before anything was sent, and tell its author why. Law: URL-1, URL-5"""
    row = every_row().select_related("channel__authority").get(pk=attempt.publication.pk)
    with transaction.atomic():
        if in_hand(attempt).update(state=State.REFUSED, lease_until=None, reason=reason[:500]):
            tell_author(row, _("Bilden får inte användas längre"))
