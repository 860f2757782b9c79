"""What is told to the board: a month's decisions by delegation, to print or to take along as a file."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from narvaro.base.clock import STOCKHOLM, today
from narvaro.core import queries as core
from narvaro.core import spreadsheet
from narvaro.core.access import MemberRequest, access
from narvaro.core.types import READS_ALL
from narvaro.moderation import delegation

_FIRST = date(2020, 1, 1)


@access("member", *READS_ALL)
@require_GET
def decisions(request: MemberRequest) -> HttpResponse:
    """A month's decisions by delegation, oldest first."""
    month, first = _month(request), delegation.first_month(request.actor)
    earlier, later = delegation.before(month), delegation.following(month)
    page = {
        "month": month, "decided": delegation.delegated(request.actor, month), "authority":
        core.authority_of(request.actor).name,
        "older_url": f"?manad={earlier:%Y-%m}" if first is not None and earlier >= first else "",
        "newer_url": f"?manad={later:%Y-%m}" if later <= today() else "",
    }  # fmt: skip
    return render(request, "moderation/delegation.html", page)


@access("member", *READS_ALL)
@require_GET
def decisions_file(request: MemberRequest) -> HttpResponse:
    """The same as a file for a spreadsheet."""
    month = _month(request)
    heads = [
        _("Beslutat"), _("Beslutat av"), _("Åtgärd"), _("Grund"), _("Kanal"), _("Gäller till"), _("Läge"),
        _("Beslutets id"),
    ]  # fmt: skip
    lines = [spreadsheet.MARK + spreadsheet.line(heads)]
    for one in delegation.delegated(request.actor, month):
        measure = one.measure
        lines.append(spreadsheet.line([
            measure.decided_at, measure.decided_by.name if measure.decided_by else "Närvaro",
            str(measure.get_kind_display()), one.title, measure.channel.name, one.until_at,
            str(measure.get_state_display()), str(measure.uid),
        ]))  # fmt: skip
    response = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="delegationsbeslut-{month:%Y-%m}.csv"'
    return response


def _month(request: MemberRequest) -> date:
    """Return the month that is asked for; this one where none is, or one that is none."""
    try:
        found = datetime.strptime(request.GET.get("manad", "")[:7], "%Y-%m").replace(tzinfo=STOCKHOLM).date()
    except ValueError:
        found = date.min
    return found if _FIRST <= found <= today() else today().replace(day=1)
