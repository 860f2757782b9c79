"""One's own settings."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods

from narvaro.core import actions, queries
from narvaro.core.access import MemberRequest, access
from narvaro.core.accounts import remember_language
from narvaro.core.forms.acting import done, posted
from narvaro.core.forms.profile import ProfileForm


@access("member")
@require_http_methods(["GET", "POST"])
def profile(request: MemberRequest) -> HttpResponse:
    """Name, signature, language; and the ways to password, two-step sign-in and passkeys."""
    actor, me = request.actor, queries.person_by_id(request.actor.person_id)
    begun = {key: getattr(me, key) for key in ("name", "signature", "withhold_name", "phone", "language")}
    form = ProfileForm(posted(request)[0], initial=begun)
    if done(request, form, lambda: actions.change_profile(actor=actor, **form.values)):
        with override(form.values["language"]):
            messages.success(request, _("Dina inställningar är sparade."))
        response = redirect("core:profile")
        remember_language(response, form.values["language"])
        return response
    page = {
        "form": form, "me": me, "has_two_step": bool(queries.with_two_step([me.pk])),
        "roles": queries.roles_held(actor, [me.pk]).get(me.pk, []), "authorities": queries.authorities_of(me),
    }  # fmt: skip
    return render(request, "core/people/profile.html", page, status=422 if form.is_bound else 200)
