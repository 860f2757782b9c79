"""Connecting by an app of the authority's own: entering the app, beginning, and choosing between accounts."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from narvaro.base import platforms
from narvaro.channels import actions, queries, rules
from narvaro.channels.forms import AppForm, BeginForm, PickForm
from narvaro.channels.views.connecting import (
    BEGUN,
    callback_address,
    connected_by,
    connecting,
    to_connect,
    trouble_of,
)
from narvaro.connectors import oauth, private
from narvaro.connectors.port import PlatformError
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, perform, posted
from narvaro.core.types import NotFound, NotPermitted, Role


@access("member", Role.ADMINISTRATOR, Role.COMMUNICATIONS_LEAD)
@require_http_methods(["GET", "POST"])
def app(request: MemberRequest, key: str) -> HttpResponse:
    """The authority's own app with a platform: what to enter there, and its id and secret here."""
    if key not in oauth.ways():
        raise NotFound
    if not rules.may_keep_app(request.actor):
        raise NotPermitted
    kept = queries.platform_app(request.actor, key)
    begun = {"client_id": kept.client_id, "service": kept.service} if kept else {}
    form = AppForm(*posted(request), initial=begun, version=kept.version if kept else None)
    if done(request, form, lambda: actions.keep_app(
        actor=request.actor, platform=key, seen_version=form.cleaned_data["seen_version"], **form.values
    )):  # fmt: skip
        messages.success(request, _("Appen är sparad. Nu kan kanalerna där anslutas."))
        return redirect("channels:channels")
    page = {
        "form": form,
        "kept": kept,
        "platform": platforms.platform(key),
        "way": oauth.way_in(key),
        "redirect_uri": callback_address(request),
    }
    return render(request, "channels/app.html", page, status=422 if form.is_bound else 200)


@access("member")
@require_POST
def begin(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Lead the person to the platform, to let the authority's app in."""
    found = to_connect(request, uid)
    form = BeginForm(request.POST)
    kept = queries.platform_app(request.actor, found.platform)
    if not form.is_valid() or kept is None or found.platform not in oauth.ways():
        return redirect("channels:connect", uid)
    home = callback_address(request)
    state = actions.new_state()
    wants_messages = found.options.get(private.OPTION) == private.READ
    app = replace(queries.opened_app(kept, home), wants_messages=wants_messages)
    try:
        begun = oauth.way_in(found.platform).begin(app, state)
    except PlatformError as error:
        return connecting(request, found, trouble=trouble_of(error))
    secrets = {"redirect_uri": home, "kept": json.dumps(dict(begun.kept))}
    start = partial(actions.start_oauth, actor=request.actor, channel=found, secrets=secrets, state=state)
    perform(request.actor, form.cleaned_data["intent"], start)
    request.session[BEGUN] = {"channel": str(uid), "state": state, "url": begun.url, "way": found.platform}
    return redirect("channels:connect", uid)


@access("member")
@require_POST
def pick(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Connect with the account that somebody chose by its name."""
    found = to_connect(request, uid)
    begun = request.session.get(BEGUN, {})
    if begun.get("channel") != str(uid) or not begun.get("offered"):
        return redirect("channels:connect", uid)
    form = PickForm(request.POST, offered=begun["offered"])
    if not form.is_valid():
        return connecting(request, found, pick_form=form)
    request.session.pop(BEGUN, None)
    try:
        _channel, kept = actions.finish_oauth(actor=request.actor, state=begun["state"])
    except (NotFound, NotPermitted):
        messages.error(request, _("Anslutningen hann bli för gammal eller är redan använd. Börja om."))
        return redirect("channels:connect", uid)
    choice = oauth.unpacked(kept["choices"])[int(form.cleaned_data["account"])]
    return connected_by(request, found, choice, picked=choice.remote_id)
