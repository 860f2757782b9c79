"""What an auditor asks of the inbox: whether residents are answered in time. Of the authority, never of anybody."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core.types import Actor
from narvaro.inbox.models import Incoming
from narvaro.policy.types import AuditAnswer, Evidence

DAYS = 30


def audit_answers(actor: Actor) -> list[AuditAnswer]:
    """Return whether those who asked something in the last month had an answer in time. Law: FL-2"""
    rows = Incoming.objects.of(actor).filter(due_at__gt=now() - timedelta(days=DAYS), due_at__lte=now())
    late = Q(answered_at=None, done_at=None) | Q(answered_at__gt=F("due_at"))
    found = rows.aggregate(asked=Count("pk"), late=Count("pk", filter=late))
    asked, in_time = found["asked"], found["asked"] - found["late"]
    if not asked:
        state, says = "yes", _("Ingen fråga har väntat ut sin tid den senaste månaden.")
    else:
        state = "yes" if in_time == asked else "partly" if in_time else "no"
        says = _("%(in_time)d av %(asked)d frågor den senaste månaden togs om hand i tid.") % {
            "in_time": in_time, "asked": asked,
        }  # fmt: skip
    link = Evidence(_("Inkorg"), reverse("inbox:inbox"))
    return [AuditAnswer("answers", _("Får den som frågar svar i tid?"), state, says, (link,), "FL-2")]
