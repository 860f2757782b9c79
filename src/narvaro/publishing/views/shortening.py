"""What is said when the links of a message have been made short."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from narvaro.core.access import MemberRequest
from narvaro.links import queries as links
from narvaro.links import rules

if TYPE_CHECKING:
    from narvaro.links.models import ShortLink


def tell_of_links(request: MemberRequest, made: Sequence[ShortLink]) -> None:
    """Say how many links were made short, and which of them lead to somebody else's site."""
    if not made:
        messages.info(request, _("Det finns ingen lång länk i texten att göra kort. Utkastet är sparat."))
        return
    words = ngettext("%(n)d länk är kort nu.", "%(n)d länkar är korta nu.", len(made)) % {"n": len(made)}
    messages.success(request, f"{words} {_('Utkastet är sparat.')}")
    foreign = dict.fromkeys(rules.host_of(each.target) for each in made if links.is_foreign(request.actor, each.target))
    if foreign:
        told = {"hosts": ", ".join(foreign)}
        messages.warning(request, _("Det här är inte er egen webbplats: %(hosts)s. Se efter att det är rätt.") % told)
