"""Who watches which channels when."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.channels import rules
from narvaro.channels.models import WatchShift
from narvaro.core import audit
from narvaro.core import queries as core
from narvaro.core.types import Actor, Invalid, NotPermitted

if TYPE_CHECKING:
    from narvaro.core.models import Person


@transaction.atomic
def add_shift(
    *, actor: Actor, watch_group: str, person: Person, from_at: datetime, until_at: datetime, is_duty: bool = False
) -> WatchShift:
    """
    Put somebody on watch for a group of channels, or on duty for what cannot wait.

    Raises:
        NotPermitted: The actor may not register channels.
        Invalid: The end is not after the beginning.
    """
    if not rules.may_register(actor):
        raise NotPermitted
    if until_at <= from_at:
        raise Invalid(_("Passet ska sluta efter att det börjar."), field="until_at")
    core.person_for(actor, person.uid)
    shift: WatchShift = WatchShift.objects.create(
        authority_id=actor.authority_id, watch_group=watch_group.strip(), person=person, from_at=from_at,
        until_at=until_at, is_duty=is_duty,
    )  # fmt: skip
    audit.note(actor, "channels.add_shift", shift, person=person.pk)
    return shift


@transaction.atomic
def remove_shift(*, actor: Actor, shift_id: int) -> None:
    """Take back a watch. Raises NotPermitted."""
    if not rules.may_register(actor):
        raise NotPermitted
    shift = WatchShift.objects.of(actor).filter(pk=shift_id).first()
    if shift is not None:
        audit.note(actor, "channels.remove_shift", shift, person=shift.person_id)
        shift.delete()
