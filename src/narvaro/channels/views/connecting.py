"""Connecting a channel to its platform, by each of the platform's ways in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from narvaro.channels import actions, queries, rules
from narvaro.channels.forms import (
    AppPasswordForm,
    BeginForm,
    CodeForm,
    PickForm,
    TokenForm,
)
from narvaro.channels.types import ChannelState, Connection, NotConnected, Platform
from narvaro.channels.views import showing
from narvaro.connectors import bluesky, oauth, private
from narvaro.connectors.mastodon import oauth as mastodon
from narvaro.connectors.port import Misconfigured, PlatformError, Transient
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import perform
from narvaro.core.types import NotFound, NotPermitted

if TYPE_CHECKING:
    from narvaro.channels.models import Channel

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
BEGUN = "channels_begun"  # in the session: the connection that is being made in this browser


@access("member")
@require_GET
def connect(request: MemberRequest, uid: UUID) -> HttpResponse:
    """The ways in to a channel's platform."""
    return connecting(request, to_connect(request, uid))


@access("member")
@require_POST
def begin(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Make Närvaro known to the server, and lead the person there to let it in."""
    found = to_connect(request, uid)
    form = BeginForm(request.POST)
    if not form.is_valid() or found.platform != Platform.MASTODON:
        return redirect("channels:connect", uid)
    home = OUT_OF_BAND if form.cleaned_data["shows_code"] else callback_address(request)
    try:
        base_url = mastodon.base_url_of(found.base_url)
        app = mastodon.register_app(base_url, home, allow_private_hosts=settings.OPTIONS.allow_private_hosts)
    except PlatformError as error:
        return connecting(request, found, trouble=trouble_of(error))
    start = partial(actions.start_oauth, actor=request.actor, channel=found, secrets=asdict(app))
    state = perform(request.actor, form.cleaned_data["intent"], start)
    request.session[BEGUN] = {"channel": str(uid), "state": state, "url": mastodon.authorize_url(app, state)}
    return redirect("channels:connect", uid)


@access("member")
@require_GET
def callback(request: MemberRequest) -> HttpResponse:
    """Where the server leads the person back to, with a code or a refusal."""
    begun = request.session.get(BEGUN, {})
    state = request.GET.get("state", "")
    if not state or state != begun.get("state"):
        messages.error(
            request, _("Anslutningen började i en annan webbläsare eller är för gammal. Börja om från kanalens sida.")
        )
        return redirect("channels:channels")
    if begun.get("way"):
        return _let_in(request, begun)
    if request.GET.get("error") == "invalid_scope":
        return _begun_wider(request, begun)
    if request.GET.get("error") or not request.GET.get("code"):
        messages.error(request, _("Servern släppte inte in Närvaro. Inget är ändrat. Försök igen när du vill."))
        return redirect("channels:connect", begun["channel"])
    return _finished(request, state, request.GET["code"][:4000])


@access("member")
@require_POST
def code(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Finish with the code that the server showed, when it could not lead back here."""
    found = to_connect(request, uid)
    form = CodeForm(request.POST)
    begun = request.session.get(BEGUN, {})
    if not form.is_valid():
        return connecting(request, found, code_form=form)
    if begun.get("channel") != str(uid):
        return redirect("channels:connect", uid)
    return _finished(request, begun["state"], form.cleaned_data["code"])


@access("member")
@require_POST
def token(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Connect with an access token that was made on the platform."""
    found = to_connect(request, uid)
    form = TokenForm(request.POST)
    if not form.is_valid() or found.platform != Platform.MASTODON:
        return connecting(request, found, token_form=form)
    return _connected(request, found, {"access_token": form.cleaned_data["access_token"].strip()})


@access("member")
@require_POST
def app_password(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Connect a Bluesky account with its handle and an app password."""
    found = to_connect(request, uid)
    form = AppPasswordForm(request.POST)
    if not form.is_valid() or found.platform != Platform.BLUESKY:
        return connecting(request, found, password_form=form)
    wanted, private = form.cleaned_data, settings.OPTIONS.allow_private_hosts
    name = found.remote_id or found.handle
    try:
        # A known channel is asked for where it lives each time: an account may have moved.
        service = wanted["service"] or (found.base_url if wanted.get("directory") else "")
        service = service or bluesky.service_for(name, allow_private_hosts=private)
        made = bluesky.connect(service, name, wanted["app_password"], allow_private_hosts=private)
    except PlatformError as error:
        return connecting(request, found, trouble=trouble_of(error), password_form=form)
    options = {"plc": wanted["directory"]} if wanted.get("directory") else {}
    return _connected(request, found, made.secrets, base_url=made.base_url, options=options, password_form=form)


def _let_in(request: MemberRequest, begun: dict[str, str]) -> HttpResponse:
    """Take home what a platform answered where the authority has an app, and connect or let the person choose."""
    if any(request.GET.get(name) for name in ("error", "denied", "oauth_problem")):
        messages.error(request, _("Plattformen släppte inte in Närvaro. Inget är ändrat. Försök igen när du vill."))
        return redirect("channels:connect", begun["channel"])
    request.session.pop(BEGUN, None)
    try:
        found, kept = actions.finish_oauth(actor=request.actor, state=begun["state"])
    except (NotFound, NotPermitted):
        messages.error(request, _too_old())
        return redirect("channels:channels")
    found = queries.channel_for(request.actor, found.uid)
    app = queries.platform_app(request.actor, found.platform)
    if app is None:
        return redirect("channels:connect", found.uid)
    answer = {name: str(value)[:4000] for name, value in list(request.GET.items())[:20]}
    try:
        way = oauth.way_in(found.platform)
        choices = way.finish(queries.opened_app(app, kept["redirect_uri"]), json.loads(kept["kept"]), answer)
    except PlatformError as error:
        return connecting(request, found, trouble=trouble_of(error))
    known = [each for each in choices if rules.is_choice(each.remote_id, each.handle, found.remote_id, found.handle)]
    if len(known) == 1:
        return connected_by(request, found, known[0], picked=known[0].remote_id)
    return _to_choose(request, found, choices)


def _to_choose(request: MemberRequest, found: Channel, choices: Sequence[oauth.Choice]) -> HttpResponse:
    if not choices or found.remote_id:
        text = _("Ni släppte inte in Närvaro till något konto som kan vara %(wanted)s.") % {"wanted": found.handle}
        return connecting(request, found, trouble=_trouble_of(NotConnected(text, Connection.RECONNECT)))
    state = actions.start_oauth(actor=request.actor, channel=found, secrets={"choices": oauth.packed(choices)})
    offered = [[each.name or each.handle, each.handle] for each in choices]
    request.session[BEGUN] = {"channel": str(found.uid), "state": state, "offered": offered}
    return redirect("channels:connect", found.uid)


def connected_by(
    request: MemberRequest, found: Channel, choice: oauth.Choice, *, picked: str = ""
) -> HttpResponse:  # fmt: skip
    """Connect with one account that the authority's app was let in to."""
    return _connected(
        request, found, choice.secrets, base_url=choice.base_url, options=dict(choice.options), picked=picked
    )


def _begun_wider(request: MemberRequest, begun: dict[str, str]) -> HttpResponse:
    """Ask for what every server knows, when the server did not know the narrower rights that were asked for."""
    request.session.pop(BEGUN, None)
    try:
        found, kept = actions.finish_oauth(actor=request.actor, state=begun["state"])
    except (NotFound, NotPermitted):
        return redirect("channels:connect", begun["channel"])
    if kept["scopes"] == mastodon.WIDE_SCOPES:
        messages.error(request, _("Servern släppte inte in Närvaro. Inget är ändrat. Försök igen när du vill."))
        return redirect("channels:connect", begun["channel"])
    private = settings.OPTIONS.allow_private_hosts
    try:
        app = mastodon.register_app(kept["base_url"], kept["redirect_uri"], allow_private_hosts=private, is_wide=True)
    except PlatformError as error:
        return connecting(request, queries.channel_for(request.actor, found.uid), trouble=trouble_of(error))
    state = actions.start_oauth(actor=request.actor, channel=found, secrets=asdict(app))
    request.session[BEGUN] = {**begun, "state": state, "url": mastodon.authorize_url(app, state)}
    messages.info(
        request,
        _("Servern känner inte till de snäva rättigheterna. Öppna den igen, så ber Närvaro om att läsa och skriva."),
    )
    return redirect("channels:connect", begun["channel"])


def _finished(request: MemberRequest, state: str, code: str) -> HttpResponse:
    request.session.pop(BEGUN, None)
    try:
        found, kept = actions.finish_oauth(actor=request.actor, state=state)
    except (NotFound, NotPermitted):
        messages.error(request, _too_old())
        return redirect("channels:channels")
    found = queries.channel_for(request.actor, found.uid)
    try:
        key = mastodon.exchange_code(
            mastodon.App(**kept), code, allow_private_hosts=settings.OPTIONS.allow_private_hosts
        )
    except PlatformError as error:
        return connecting(request, found, trouble=trouble_of(error))
    return _connected(request, found, key.secrets())


def _connected(
    request: MemberRequest,
    found: Channel,
    secrets: Any,
    *,
    base_url: str = "",
    options: dict[str, str] | None = None,
    picked: str = "",
    **forms: Any,
) -> HttpResponse:
    try:
        # Not `perform`: the platform is asked within, and no transaction waits for a network.
        actions.connect_channel(
            actor=request.actor, channel=found, secrets=secrets, base_url=base_url, options=options, picked=picked
        )
    except NotConnected as error:
        return connecting(request, found, trouble=_trouble_of(error), **forms)
    messages.success(request, _("Kanalen är ansluten och läses in nu. Det som redan är bevarat finns kvar."))
    return redirect("channels:channel", found.uid)


def connecting(request: MemberRequest, found: Channel, *, trouble: Any = None, **forms: Any) -> HttpResponse:
    """Show the ways in to a channel's platform, and what went wrong just now."""
    begun = request.session.get(BEGUN, {})
    page = {
        "channel": found,
        "reading": queries.reading_of(request.actor, found),
        "trouble": trouble,
        "begun": begun if begun.get("channel") == str(found.uid) else None,
        "begin_form": BeginForm(),
        "begin_code_form": BeginForm(initial={"shows_code": True}),
        "code_form": CodeForm(),
        "token_form": TokenForm(),
        "password_form": AppPasswordForm(),
        "pick_form": PickForm(offered=begun["offered"]) if begun.get("offered") else None,
        "host": found.base_url.partition("://")[2],
        **forms,
    }
    if found.platform in oauth.ways():
        page |= _of_app(request, found)
    page["form"] = next((form for form in forms.values() if form.errors), None)
    return render(request, "channels/connect.html", page, status=422 if trouble or page["form"] else 200)


def _of_app(request: MemberRequest, found: Channel) -> dict[str, Any]:
    way = oauth.way_in(found.platform)
    return {
        "app": queries.platform_app(request.actor, found.platform),
        "may_keep_app": rules.may_keep_app(request.actor),
        "way": way,
        "asks_messages": found.options.get(private.OPTION) == private.READ,
        "host": rules.platform_name(found.platform),
    }


def to_connect(request: MemberRequest, uid: UUID) -> Channel:
    """Return the channel, for somebody who may connect it."""
    found = queries.channel_for(request.actor, uid)
    if not showing.may_connect(request.actor, found) or found.state == ChannelState.CLOSED:
        raise NotPermitted
    if not rules.may_be_connected(found.platform):
        raise NotFound
    return found


def callback_address(request: HttpRequest) -> str:
    """Return where the server is to lead back: the address people use, on the own machine the one used just now."""
    path = reverse("channels:callback")
    return request.build_absolute_uri(path) if settings.OPTIONS.is_local else settings.OPTIONS.base_url + path


def _too_old() -> str:
    return _("Anslutningen hann bli för gammal eller är redan använd. Börja om från kanalens sida.")


def trouble_of(error: PlatformError) -> dict[str, Any]:
    how = Connection.RECONNECT
    if isinstance(error, Transient):
        how = Connection.TRANSIENT
    elif isinstance(error, Misconfigured):
        how = Connection.MISCONFIGURED
    return _trouble_of(NotConnected(str(error), how))


def _trouble_of(error: NotConnected) -> dict[str, Any]:
    """A fault in words: what happened, and what to do about that class of fault (P6)."""
    heading, advice = {
        Connection.TRANSIENT: (
            _("Det gick inte just nu"), _("Felet är tillfälligt och ligger hos plattformen. Försök igen om en stund."),
        ),
        Connection.RECONNECT: (
            _("Plattformen släppte inte in Närvaro"), _("Börja om, och logga in med det konto som kanalen gäller."),
        ),
    }.get(
        error.how,
        (
            _("Uppgifterna stämmer inte"),
            _("Kontrollera kontots namn och adress. Det hjälper inte att bara försöka igen."),
        ),
    )  # fmt: skip
    return {"kind": "warning" if error.how == Connection.TRANSIENT else "error", "heading": heading,
            "text": str(error), "advice": advice}  # fmt: skip
