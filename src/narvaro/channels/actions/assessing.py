"""What an authority has found out about a platform."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import now, today
from narvaro.channels import queries
from narvaro.channels.models import PlatformAssessment
from narvaro.core import audit
from narvaro.core import rules as house
from narvaro.core.types import Actor, Invalid, NotPermitted, Role, Stale


@transaction.atomic
def assess_platform(
    *, actor: Actor, platform: str, transfer: str = "", terms: str = "", joint_controller_url: str = "",
    assessment: str = "", terms_read_on: date | None = None, seen_version: int | None = None,
) -> PlatformAssessment:  # fmt: skip
    """
    Write what the authority says of a platform: where personal data go, what it has agreed to, how it judges that.

    Raises:
        NotPermitted: The actor neither leads communications nor looks after data protection.
        NotFound: There is no such platform.
        Stale
        Invalid: The terms cannot have been read in the future.

    Law: GDPR-2, GDPR-10
    """
    if not actor.has(Role.COMMUNICATIONS_LEAD, Role.ADMINISTRATOR, Role.DPO):
        raise NotPermitted
    if terms_read_on is not None and terms_read_on > today():
        raise Invalid(_("Dagen har inte varit än."), field="terms_read_on")
    row = queries.assessment_of(actor, platform)
    house.refuse_stale(seen_version, row.version)
    said = {
        "transfer": transfer.strip(), "terms": terms.strip(), "joint_controller_url": joint_controller_url,
        "assessment": assessment.strip(), "terms_read_on": terms_read_on,
    }  # fmt: skip
    changed = sorted(name for name, value in said.items() if getattr(row, name) != value)
    for name, value in said.items():
        setattr(row, name, value)
    row.changed_by_id, row.changed_at = actor.person_id, now()
    row.version += 0 if row.pk is None else 1
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # another wrote for the first time in between
        raise Stale from None
    audit.note(actor, "channels.assess_platform", row, platform=platform, fields=changed)
    return row
