"""Pages of the channel register: which channels there are, how they stand, and connecting them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from narvaro.base.clock import STOCKHOLM, now, today
from narvaro.channels import actions, queries, rules
from narvaro.channels.forms import (
    AddForm,
    AppPasswordForm,
    BeginForm,
    ChangeForm,
    CloseForm,
    CodeForm,
    ReadForm,
    RemoveShiftForm,
    ShiftForm,
    TokenForm,
)
from narvaro.channels.types import ChannelState, Connection, NotConnected, Platform
from narvaro.connectors import bluesky
from narvaro.connectors.mastodon import oauth
from narvaro.connectors.port import Capability, Misconfigured, PlatformError, Transient
from narvaro.core import audit
from narvaro.core import queries as core
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import done, perform, posted
from narvaro.core.moments import hours, near_time
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted

if TYPE_CHECKING:
    from narvaro.channels.models import Channel, ChannelReading

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
BEGUN = "channels_begun"  # in the session: the connection that is being made in this browser

_ABLE = {
    Capability.READ: gettext_lazy("Läsa kommentarer och omnämnanden"),
    Capability.READ_PRIVATE: gettext_lazy("Läsa direktmeddelanden"),
    Capability.PUBLISH: gettext_lazy("Publicera svar"),
    Capability.PUBLISH_IMAGE: gettext_lazy("Publicera bilder"),
    Capability.HIDE: gettext_lazy("Dölja andras kommentarer"),
    Capability.REMOVE_OWN: gettext_lazy("Ta bort egna inlägg"),
    Capability.BLOCK: gettext_lazy("Blockera konton"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a channel stands: the state in a word and as a sentence, what is next, and who can do it."""

    kind: str
    word: str
    sentence: str
    next: str = ""
    complete: str = ""
    is_behind: bool = False


# --- The register ---------------------------------------------------------------------------------------------------


@access("member")
@require_GET
def channels(request: MemberRequest) -> HttpResponse:
    """Every channel with who answers for it, how its connection stands and how far it is read."""
    is_closed_shown = request.GET.get("avslutade") == "ja"
    readings = queries.readings(request.actor)
    found = queries.channels(request.actor, include_closed=is_closed_shown)
    page = {
        "left": queries.people_who_left(request.actor, found),
        "rows": [(channel, _standing(channel, readings[channel.pk])) for channel in found],
        "may_add": rules.may_register(request.actor),
        "is_closed_shown": is_closed_shown,
    }
    return render(request, "channels/channels.html", page)


@access("member", *rules.REGISTERS)
@require_http_methods(["GET", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """A new channel in one short form, then straight to connecting it."""
    form = AddForm(*posted(request), actor=request.actor)
    if form.is_valid():
        try:
            channel = perform(request.actor, form.cleaned_data["intent"], form.act)
        except Invalid as error:
            form.refuse(error)
        else:
            if channel.platform == Platform.MANUAL:
                messages.success(request, _("Kanalen står i registret. Det som skrivs där lägger ni in för hand."))
                return redirect("channels:channel", channel.uid)
            messages.success(request, _("Kanalen står i registret. Anslut den, så läses den in."))
            return redirect("channels:connect", channel.uid)
    return _formed(request, "channels/add.html", form)


@access("member")
@require_GET
def channel(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One channel: what it is, how it stands, what is next and who can do it, its people and its history."""
    found = queries.channel_for(request.actor, uid)
    overview = queries.overview(request.actor, found)
    page = {
        "channel": found,
        "reading": overview.reading,
        "standing": _standing(found, overview.reading),
        "able": _able(overview.reading),
        "holder": _holder(found, overview),
        "left": overview.left,
        "read_form": ReadForm(),
        "may_change": rules.may_register(request.actor, found.unit_id) and found.state != ChannelState.CLOSED,
        "may_connect": _may_connect(request.actor, found) and found.platform != Platform.MANUAL,
        "is_open": found.state != ChannelState.CLOSED,
        "history": [
            {"at": entry.at, "who": audit.who(entry), "text": audit.sentence(entry.verb), "detail": entry.why}
            for entry in overview.history
        ],
    }
    return render(request, "channels/channel.html", page)


@access("member")
@require_http_methods(["GET", "POST"])
def change(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Change a channel's name, unit, people, purpose, watch group or answering goal."""
    found = queries.channel_for(request.actor, uid)
    if not rules.may_register(request.actor, found.unit_id):
        raise NotPermitted
    form = ChangeForm(*posted(request), actor=request.actor, channel=found)
    if done(request, form, form.act):
        messages.success(request, _("Ändringen är sparad."))
        return redirect("channels:channel", uid)
    return _formed(request, "channels/change.html", form, channel=found)


@access("member")
@require_http_methods(["GET", "POST"])
def close(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Close a channel, with a reason; everything kept stays (P14)."""
    found = queries.channel_for(request.actor, uid)
    if not rules.may_register(request.actor, found.unit_id) or found.state == ChannelState.CLOSED:
        raise NotPermitted
    form = CloseForm(*posted(request))
    if done(request, form, lambda: actions.close_channel(
        actor=request.actor, channel=found, why=form.cleaned_data["why"]
    )):  # fmt: skip
        messages.success(request, _("Kanalen är avslutad. Allt som är bevarat finns kvar."))
        return redirect("channels:channel", uid)
    return _formed(request, "channels/close.html", form, channel=found)


@access("member")
@require_POST
def read_now(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Let a channel be read at once."""
    found = queries.channel_for(request.actor, uid)
    form = ReadForm(request.POST)
    if form.is_valid():
        act = partial(actions.read_soon, actor=request.actor, channel=found)
        if perform(request.actor, form.cleaned_data["intent"], act):
            messages.success(request, _("Kanalen läses om några sekunder."))
        else:
            messages.error(request, _("Kanalen kan inte läsas förrän den är ansluten."))
    return redirect("channels:channel", uid)


# --- Connecting -----------------------------------------------------------------------------------------------------


@access("member")
@require_GET
def connect(request: MemberRequest, uid: UUID) -> HttpResponse:
    """The ways in to a channel's platform."""
    return _connecting(request, _to_connect(request, uid))


@access("member")
@require_POST
def begin(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Make Närvaro known to the server, and lead the person there to let it in."""
    found = _to_connect(request, uid)
    form = BeginForm(request.POST)
    if not form.is_valid() or found.platform != Platform.MASTODON:
        return redirect("channels:connect", uid)
    home = OUT_OF_BAND if form.cleaned_data["shows_code"] else _callback(request)
    try:
        base_url = oauth.base_url_of(found.base_url)
        app = oauth.register_app(base_url, home, allow_private_hosts=settings.OPTIONS.allow_private_hosts)
    except PlatformError as error:
        return _connecting(request, found, trouble=_trouble(error))
    start = partial(actions.start_oauth, actor=request.actor, channel=found, secrets=asdict(app))
    state = perform(request.actor, form.cleaned_data["intent"], start)
    request.session[BEGUN] = {"channel": str(uid), "state": state, "url": oauth.authorize_url(app, state)}
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
    found = _to_connect(request, uid)
    form = CodeForm(request.POST)
    begun = request.session.get(BEGUN, {})
    if not form.is_valid():
        return _connecting(request, found, code_form=form)
    if begun.get("channel") != str(uid):
        return redirect("channels:connect", uid)
    return _finished(request, begun["state"], form.cleaned_data["code"])


@access("member")
@require_POST
def token(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Connect with an access token that was made on the platform."""
    found = _to_connect(request, uid)
    form = TokenForm(request.POST)
    if not form.is_valid() or found.platform != Platform.MASTODON:
        return _connecting(request, found, token_form=form)
    return _connected(request, found, {"access_token": form.cleaned_data["access_token"].strip()})


@access("member")
@require_POST
def app_password(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Connect a Bluesky account with its handle and an app password."""
    found = _to_connect(request, uid)
    form = AppPasswordForm(request.POST)
    if not form.is_valid() or found.platform != Platform.BLUESKY:
        return _connecting(request, found, password_form=form)
    wanted, private = form.cleaned_data, settings.OPTIONS.allow_private_hosts
    name = found.remote_id or found.handle
    try:
        # A known channel is asked for where it lives each time: an account may have moved.
        service = wanted["service"] or (found.base_url if wanted.get("directory") else "")
        service = service or bluesky.service_for(name, allow_private_hosts=private)
        made = bluesky.connect(service, name, wanted["app_password"], allow_private_hosts=private)
    except PlatformError as error:
        return _connecting(request, found, trouble=_trouble(error), password_form=form)
    options = {"plc": wanted["directory"]} if wanted.get("directory") else {}
    return _connected(request, found, made.secrets, base_url=made.base_url, options=options, password_form=form)


def _begun_wider(request: MemberRequest, begun: dict[str, str]) -> HttpResponse:
    """Ask for what every server knows, when the server did not know the narrower rights that were asked for."""
    request.session.pop(BEGUN, None)
    try:
        found, kept = actions.finish_oauth(actor=request.actor, state=begun["state"])
    except (NotFound, NotPermitted):
        return redirect("channels:connect", begun["channel"])
    if kept["scopes"] == oauth.WIDE_SCOPES:
        messages.error(request, _("Servern släppte inte in Närvaro. Inget är ändrat. Försök igen när du vill."))
        return redirect("channels:connect", begun["channel"])
    private = settings.OPTIONS.allow_private_hosts
    try:
        app = oauth.register_app(kept["base_url"], kept["redirect_uri"], allow_private_hosts=private, is_wide=True)
    except PlatformError as error:
        return _connecting(request, queries.channel_for(request.actor, found.uid), trouble=_trouble(error))
    state = actions.start_oauth(actor=request.actor, channel=found, secrets=asdict(app))
    request.session[BEGUN] = {**begun, "state": state, "url": oauth.authorize_url(app, state)}
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
        messages.error(
            request, _("Anslutningen hann bli för gammal eller är redan använd. Börja om från kanalens sida.")
        )
        return redirect("channels:channels")
    found = queries.channel_for(request.actor, found.uid)
    try:
        key = oauth.exchange_code(oauth.App(**kept), code, allow_private_hosts=settings.OPTIONS.allow_private_hosts)
    except PlatformError as error:
        return _connecting(request, found, trouble=_trouble(error))
    return _connected(request, found, key.secrets())


def _connected(
    request: MemberRequest,
    found: Channel,
    secrets: Any,
    *,
    base_url: str = "",
    options: dict[str, str] | None = None,
    **forms: Any,
) -> HttpResponse:
    try:
        # Not `perform`: the platform is asked within, and no transaction waits for a network.
        actions.connect_channel(actor=request.actor, channel=found, secrets=secrets, base_url=base_url, options=options)
    except NotConnected as error:
        return _connecting(request, found, trouble=_trouble_of(error), **forms)
    messages.success(request, _("Kanalen är ansluten och läses in nu. Det som redan är bevarat finns kvar."))
    return redirect("channels:channel", found.uid)


def _connecting(request: MemberRequest, found: Channel, *, trouble: Any = None, **forms: Any) -> HttpResponse:
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
        "host": found.base_url.partition("://")[2],
        **forms,
    }
    page["form"] = next((form for form in forms.values() if form.errors), None)
    return render(request, "channels/connect.html", page, status=422 if trouble or page["form"] else 200)


def _to_connect(request: MemberRequest, uid: UUID) -> Channel:
    found = queries.channel_for(request.actor, uid)
    if not _may_connect(request.actor, found) or found.state == ChannelState.CLOSED:
        raise NotPermitted
    if found.platform == Platform.MANUAL:
        raise NotFound
    return found


def _may_connect(actor: Actor, found: Channel) -> bool:
    return rules.may_connect(actor, found.responsible_id, found.deputy_id, found.unit_id)


def _callback(request: HttpRequest) -> str:
    """Where the server is to lead back: the address people use, on the own machine the one used just now."""
    path = reverse("channels:callback")
    return request.build_absolute_uri(path) if settings.OPTIONS.is_local else settings.OPTIONS.base_url + path


def _trouble(error: PlatformError) -> dict[str, Any]:
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


# --- Watches --------------------------------------------------------------------------------------------------------


@access("member")
@require_http_methods(["GET", "POST"])
def shifts(request: MemberRequest) -> HttpResponse:
    """Who watches which channels when, a week at a time, and who has duty for what cannot wait."""
    may_change = rules.may_register(request.actor)
    form = ShiftForm(*posted(request), actor=request.actor)
    if form.is_bound and not may_change:
        raise NotPermitted
    if form.is_valid():
        try:
            shift = perform(request.actor, form.cleaned_data["intent"], form.act)
        except Invalid as error:
            form.refuse(error)
        else:
            messages.success(request, _("Passet är inlagt."))
            return redirect(
                f"{reverse('channels:shifts')}?vecka={_week_key(shift.from_at.astimezone(STOCKHOLM).date())}"
            )
    monday = _monday(request.GET.get("vecka", ""))
    people = {person.pk: person.name for person in core.people(request.actor)}
    page = {
        "days": _days(request.actor, monday),
        "monday": monday,
        "week": monday.isocalendar().week,
        "earlier": _week_key(monday - timedelta(days=7)),
        "later": _week_key(monday + timedelta(days=7)),
        "on_duty": [people[pk] for pk in queries.duty_contacts(request.actor) if pk in people],
        "groups": _groups(request.actor, people),
        "may_change": may_change,
    }
    return _formed(request, "channels/shifts.html", form, **page)


@access("member")
@require_POST
def remove_shift(request: MemberRequest) -> HttpResponse:
    """Take back a watch."""
    form = RemoveShiftForm(request.POST)
    if form.is_valid():
        perform(request.actor, form.cleaned_data["intent"], partial(form.act, request.actor))
        messages.success(request, _("Passet är borttaget."))
    monday = _monday(request.GET.get("vecka", ""))
    return redirect(f"{reverse('channels:shifts')}?vecka={_week_key(monday)}")


def _days(actor: Actor, monday: date) -> list[dict[str, Any]]:
    midnights = [datetime.combine(monday + timedelta(days=n), datetime.min.time(), STOCKHOLM) for n in range(8)]
    found = queries.shifts_between(actor, midnights[0], midnights[7])
    return [
        {
            "on": begin.date(),
            "is_today": begin.date() == today(),
            "shifts": [
                {
                    "shift": shift,
                    "form": RemoveShiftForm(initial={"shift": shift.pk}, auto_id=f"d{begin:%d}-{shift.pk}-%s"),
                    "times": hours(max(shift.from_at, begin), min(shift.until_at, end)),
                }
                for shift in found
                if shift.from_at < end and shift.until_at > begin
            ],
        }
        for begin, end in pairwise(midnights)
    ]


def _groups(actor: Actor, people: dict[int, str]) -> list[dict[str, Any]]:
    """Each group with its channels, and who has them now."""
    found = [channel for channel in queries.channels(actor) if channel.watch_group]
    holders = queries.holders(actor, found)
    return [
        {
            "name": name,
            "channels": [
                {"channel": c, "holder": people.get(holders[c.pk] or 0, "")} for c in found if c.watch_group == name
            ],
        }
        for name in sorted({c.watch_group for c in found})
    ]


def _monday(key: str) -> date:
    try:
        year, week = int(key[:4]), int(key[6:8])
        return date.fromisocalendar(min(max(year, 2000), 2200), week, 1)
    except ValueError:
        return today() - timedelta(days=today().weekday())


def _week_key(day: date) -> str:
    year, week, _day = day.isocalendar()
    return f"{year}-W{week:02d}"


# --- Words ----------------------------------------------------------------------------------------------------------


def _standing(found: Channel, reading: ChannelReading) -> Standing:
    """Return how a channel stands in words (P5, P6): never only that it is broken, always what to do."""
    names = _(" eller ").join(person.name for person in (found.responsible, found.deputy) if person is not None)
    complete = _complete(reading.complete_to)
    if found.state == ChannelState.CLOSED:
        return Standing("neutral", _("Avslutad"), _("Kanalen är avslutad. Allt som är bevarat finns kvar."))
    if reading.connection == Connection.MANUAL:
        return Standing(
            "info", _("Sköts för hand"), _("Kanalen sköts för hand."),
            _("Den som ser något på kanalen lägger in det här, så att det bevaras och besvaras."),
        )  # fmt: skip
    if reading.connection == Connection.NOT_CONNECTED:
        return Standing(
            "warning", _("Inte ansluten"), _("Kanalen är inte ansluten, så inget läses in."),
            _("%(names)s kan ansluta den.") % {"names": names}, complete,
        )  # fmt: skip
    if reading.connection == Connection.RECONNECT:
        return Standing(
            "error", _("Behöver anslutas på nytt"), reading.last_error or _("Plattformen godtar inte längre nyckeln."),
            _("Inget läses in förrän %(names)s har anslutit kanalen på nytt. Allt som är bevarat finns kvar.")
            % {"names": names}, complete, is_behind=True,
        )  # fmt: skip
    if reading.connection == Connection.MISCONFIGURED:
        return Standing(
            "error", _("Fel i inställningarna"), reading.last_error or _("Kanalen kan inte läsas som den är inställd."),
            _("Kontrollera kontot och anslut kanalen på nytt. %(names)s kan göra det.") % {"names": names}, complete,
            is_behind=True,
        )  # fmt: skip
    is_behind = rules.is_behind(reading.connection, reading.complete_to, now())
    if reading.connection == Connection.TRANSIENT:
        return Standing(
            "warning", _("Tillfälligt fel"), reading.last_error or _("Plattformen svarar inte just nu."),
            _("Närvaro försöker igen av sig självt %(when)s. Inget behöver göras.")
            % {"when": near_time(reading.next_at)}, complete, is_behind=is_behind,
        )  # fmt: skip
    if is_behind:
        sentence = _("Kanalen är ansluten men ännu inte läst till slut.")
        later = _("Läsningen pågår. Dröjer det länge, se till att arbetet i bakgrunden är igång.")
        kind = "warning" if reading.complete_to else "info"  # the first reading is no trouble, it only takes time
        return Standing(kind, _("Ansluten"), sentence, later, complete, is_behind=True)
    return Standing("success", _("Ansluten"), _("Kanalen är ansluten."), _("Inget behöver göras."), complete)


def _complete(at: datetime | None) -> str:
    return _("komplett till %(when)s") % {"when": near_time(at)} if at else ""


def _able(reading: ChannelReading) -> list[dict[str, Any]]:
    return [
        {"label": _ABLE.get(row["capability"], row["capability"]), "works": row["works"], "note": row["note"]}
        for row in reading.capabilities
    ]


def _holder(found: Channel, overview: queries.Overview) -> str:
    """Who has what comes in now, as a sentence."""
    if overview.holder_id is None:
        return _("Alla som svarar för kanalen är borta. Det som kommer in går till kommunikationsavdelningen.")
    name = {"name": overview.holder_name}
    if overview.holder_id == found.responsible_id:
        return _("Det som kommer in nu går till %(name)s.") % name
    if overview.holder_id == found.deputy_id:
        return _("Den ansvariga är borta, så det som kommer in nu går till %(name)s.") % name
    return _("%(name)s har bevakningen just nu.") % name


def _formed(request: HttpRequest, template: str, form: Any, **page: Any) -> HttpResponse:
    status = 422 if form.is_bound and form.errors else 200
    return render(request, template, {"form": form, **page}, status=status)
