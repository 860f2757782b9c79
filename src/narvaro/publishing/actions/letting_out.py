"""Letting out what newer rules hold: by a person who posts there, with the reason, and never past what stops a text."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.core import audit
from narvaro.core.types import Actor, Invalid, NotPermitted, Stale
from narvaro.publishing import queries
from narvaro.publishing.actions.publications import release
from narvaro.publishing.models import Publication
from narvaro.publishing.queries import held


@transaction.atomic
def let_out_held(*, actor: Actor, uid: UUID | str, why: str) -> Publication:
    """
    Let out a planned post that newer rules ask about, as it stands.

    Raises:
        NotFound
        NotPermitted: The actor does not post in the channel.
        Invalid: No reason; it is stopped by the rules and must be mended; or a crisis asks for somebody's approval.
        Stale: No rules hold it any longer.

    Law: GDPR-7, OSL-1
    """
    publication = queries.publication_for(actor, uid)
    about = held.about_held(actor, publication)
    if about is None:
        raise Stale(_("Inlägget hålls inte längre inne."))
    if not about.is_theirs:
        raise NotPermitted
    if about.approver is not None:
        raise Invalid(_("Krisläge gäller. Inlägget godkänns bland det som väntar på godkännande."), field="why")
    if about.checks.stops:
        raise Invalid(
            _("Inlägget går inte ut så här: %(why)s Ändra det först.") % {"why": " ".join(about.checks.stops)},
            field="why",
        )
    if not why.strip():
        raise Invalid(_("Skriv varför det ska ut ändå."), field="why")
    release(actor=actor, publication=publication, why=why)
    audit.note(actor, "publishing.let_out_held", publication, why=why.strip()[:300])
    return queries.publication_for(actor, uid)
