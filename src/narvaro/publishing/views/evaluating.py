"""The page where somebody says how a message went."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done
from narvaro.core.types import ANSWERS
from narvaro.publishing import queries
from narvaro.publishing.actions.evaluation import evaluate_message
from narvaro.publishing.forms.evaluation import EvaluationForm
from narvaro.publishing.forms.messages import ReturnForm
from narvaro.publishing.queries.evaluation import evaluated
from narvaro.publishing.views.messages import shown


@access("member", *ANSWERS)
@require_POST
def evaluate(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Say how a message went that is out."""
    actor = request.actor
    found = queries.message_for(actor, uid)
    form = EvaluationForm(request.POST, known=evaluated(actor, found, queries.channels_of(actor, found)))
    if done(request, form, lambda: evaluate_message(
        actor=actor, uid=uid, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Utvärderingen är sparad."))
        return redirect("publishing:message", uid)
    return shown(request, uid, ReturnForm(), said=form, how=form)
