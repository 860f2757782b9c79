"""What anybody may tell without signing in: that an account may pose as the authority."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from narvaro.core import queries as core
from narvaro.core.access import OpenRequest, access
from narvaro.core.forms import done
from narvaro.watch import actions, tries
from narvaro.watch.forms import TipForm


@never_cache
@access("open")
@require_http_methods(["GET", "POST"])
def tip(request: OpenRequest) -> HttpResponse:
    """Tell of an account that may pose as the authority, without saying who one is."""
    begun = {"account": request.GET.get("konto", "")[:500]}
    form = TipForm(request.POST or None, initial=begun)
    page = {"authority": core.authority_of(request.visitor), "form": form}
    if done(
        request, form, lambda: actions.take_tip(actor=request.visitor, **form.values), within=tries.one_tip(request)
    ):  # fmt: skip
        return render(request, "watch/open/thanks.html", page)
    return render(request, "watch/open/tip.html", page, status=422 if form.is_bound else 200)
