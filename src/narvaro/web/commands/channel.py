"""`narvaro channel add | connect | list | import`: official accounts in the register, connected without a browser."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from narvaro.base.platforms import catalogue
from narvaro.connectors.oauth import ways as let_in_by_app
from narvaro.connectors.registry import platforms as connectable
from narvaro.web.commands import register
from narvaro.web.commands.console import Code, Console, Stop
from narvaro.web.commands.language import _
from narvaro.web.commands.who import add_who

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import Person, Unit
    from narvaro.core.types import Actor

BLUESKY = "https://bsky.social"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        choices=["add", "connect", "list", "import"],
        metavar="add|connect|list|import",
        help=_("lägg till, anslut på nytt, visa, läs in ett register"),
    )
    parser.add_argument("file", nargs="?", metavar=_("FIL"), default="", help=_("för import: CSV, XLSX eller JSON"))
    parser.add_argument(
        "--platform",
        choices=list(catalogue()),
        metavar=_("PLATTFORM"),
        help=_("en av %(known)s") % {"known": ", ".join(catalogue())},
    )
    parser.add_argument(
        "--url", metavar=_("ADRESS"), default="", help=_("serverns adress; där Närvaro inte läser, kontots sida")
    )
    parser.add_argument("--handle", metavar=_("KONTO"), default="", help=_("kontots namn; behövs utom för mastodon"))
    parser.add_argument("--name", metavar=_("NAMN"), default="", help=_("vad kanalen kallas här; annars kontots namn"))
    parser.add_argument(
        "--token-file", metavar=_("FIL"), default="", help=_("fil med åtkomstnyckel (mastodon), - för standard in")
    )
    parser.add_argument(
        "--app-password-file", metavar=_("FIL"), default="", help=_("fil med applösenord (bluesky), - för standard in")
    )
    parser.add_argument(
        "--unit", metavar=_("NAMN"), default="", help=_("enhet som kanalen hör till; görs om den saknas")
    )
    parser.add_argument(
        "--responsible", metavar=_("E-POST"), default="", help=_("den som ansvarar; läggs till om den saknas")
    )
    parser.add_argument("--deputy", metavar=_("E-POST"), default="", help=_("ersättaren; läggs till om den saknas"))
    parser.add_argument("--purpose", metavar="TEXT", default="", help=_("vad kanalen är till för"))
    parser.add_argument(
        "--watch-group", metavar=_("NAMN"), default="", help=_("grupp av kanaler som vaktas tillsammans")
    )
    parser.add_argument(
        "--in-operation-from",
        metavar=_("DATUM"),
        default="",
        help=_("dag från vilken frister räknas, ÅÅÅÅ-MM-DD; annars nu"),
    )
    parser.add_argument(
        "--option", metavar=_("NAMN=VÄRDE"), action="append", default=[], help=_("plattformens särskilda val")
    )
    parser.add_argument(
        "--channel", metavar=_("KANAL"), default="", help=_("för connect: kanalens namn, konto eller uid")
    )
    parser.add_argument("--no-connect", action="store_true", help=_("bara i registret; anslut senare"))
    register.add_rows(parser)
    add_who(parser)
    parser.epilog = _(
        "Nyckeln provas mot plattformen innan något skrivs. "
        "Till exempel: narvaro channel add --platform mastodon --url https://social.example --token-file nyckel "
        "--responsible bibliotek@storkoping.example --deputy reserv@storkoping.example --unit Biblioteket"
    )


def run(given: argparse.Namespace, console: Console) -> Code:
    what: dict[str, Callable[[argparse.Namespace, Console], Code]] = {
        "add": _add, "connect": _connect, "list": _list, "import": _import,
    }  # fmt: skip
    return what[given.what](given, console)


def _add(given: argparse.Namespace, console: Console) -> Code:
    from django.db import transaction  # noqa: PLC0415 - settings are read only when they are needed

    from narvaro.channels import actions  # noqa: PLC0415
    from narvaro.web.commands import acting  # noqa: PLC0415

    _refuse_lacking(given)
    # Where the authority has an app of its own somebody lets it in in the browser; until then the channel goes by hand.
    is_by_hand = given.platform not in connectable() or given.platform in let_in_by_app()
    actor = acting.actor_in(given)
    in_operation_from, options = _from(given.in_operation_from), _options(given)
    found = _Found(handle=given.handle, base_url="" if is_by_hand else given.url)
    if not is_by_hand and not given.no_connect:
        found = _tried(given)
    with transaction.atomic():  # a channel that is refused leaves no unit and no people behind
        responsible, deputy, unit = _people(given, actor)
        channel = actions.add_channel(
            actor=actor, platform=given.platform, name=given.name or found.name or found.handle, handle=found.handle,
            unit=unit, responsible=responsible, deputy=deputy, base_url=found.base_url,
            url=given.url if is_by_hand else "", purpose=given.purpose, options=options,
            watch_group=given.watch_group, in_operation_from=in_operation_from,
        )  # fmt: skip
    if found.secrets:
        channel = actions.connect_channel(actor=actor, channel=channel, secrets=found.secrets)
    _told(console, channel, is_connected=bool(found.secrets))
    links = {
        person.email: acting.tell_link(console, person)
        for person in (responsible, deputy)
        if person is not None and not person.has_usable_password()
    }
    console.note(password_links=links)
    return Code.DONE


def _connect(given: argparse.Namespace, console: Console) -> Code:
    from narvaro.channels import actions  # noqa: PLC0415
    from narvaro.web.commands import acting  # noqa: PLC0415

    if not given.channel:
        raise Stop(_("Ange kanalen med --channel."), Code.WRONG_USE)
    actor = acting.actor_in(given)
    channel = acting.channel_named(actor, given.channel)
    given.platform, given.url, given.handle = channel.platform, given.url or channel.base_url, channel.handle
    found = _tried(given)
    channel = actions.connect_channel(actor=actor, channel=channel, secrets=found.secrets, base_url=found.base_url)
    _told(console, channel, is_connected=True)
    return Code.DONE


def _list(given: argparse.Namespace, console: Console) -> Code:
    from narvaro.channels import queries  # noqa: PLC0415
    from narvaro.web.commands import acting  # noqa: PLC0415

    actor = acting.actor_in(given)
    readings = queries.readings(actor)
    rows = []
    for channel in queries.registered(actor, include_closed=True):
        reading = readings[channel.pk]
        rows.append(
            {
                "uid": channel.uid, "platform": channel.platform, "name": channel.name, "handle": channel.handle,
                "unit": channel.unit.name, "responsible": channel.responsible.email,
                "deputy": channel.deputy.email if channel.deputy else None, "state": channel.state,
                "connection": reading.connection, "complete_to": reading.complete_to, "last_error": reading.last_error,
            }
        )  # fmt: skip
        complete = f"{reading.complete_to:%Y-%m-%d %H:%M} UTC" if reading.complete_to else "–"
        console.say(f"{channel.platform:9} {channel.handle}  {reading.get_connection_display()}  {complete}")
        who = ", ".join(person.name for person in (channel.responsible, channel.deputy) if person)
        console.say(f"          {channel.name}  {channel.unit.name}: {who}")
        if reading.last_error:
            console.say(f"          {reading.last_error}")
    console.note(channels=rows)
    if not rows:
        console.say(_("Inga kanaler ännu. Lägg till en med narvaro channel add."))
    return Code.DONE


def _import(given: argparse.Namespace, console: Console) -> Code:
    if not given.file:
        raise Stop(_("Ange filen som ska läsas in."), Code.WRONG_USE)
    accounts = register.Accounts(register.content_of(given.file), given, given.file)
    return register.tell(console, {given.file: accounts.fates()}, given)


class _Found:
    """What trying a key against the platform told."""

    def __init__(self, *, handle: str, base_url: str, name: str = "", secrets: Mapping[str, str] | None = None) -> None:
        self.handle, self.base_url, self.name = handle, base_url, name
        self.secrets: Mapping[str, str] = secrets or {}


def _tried(given: argparse.Namespace) -> _Found:
    """
    Try the key by reading the account's own profile.

    Raises:
        PlatformError: The platform says no; nothing has been written here.
    """
    from django.conf import settings  # noqa: PLC0415

    from narvaro.connectors.port import Account, ReconnectNeeded  # noqa: PLC0415
    from narvaro.connectors.registry import connector  # noqa: PLC0415
    from narvaro.web.commands import acting  # noqa: PLC0415

    private = settings.OPTIONS.allow_private_hosts
    if given.platform == "bluesky":
        from narvaro.connectors.bluesky import connect  # noqa: PLC0415

        password = acting.secret_in(given.app_password_file, _("Applösenordet"))
        made = connect(given.url or BLUESKY, given.handle, password, allow_private_hosts=private)
        return _Found(handle=made.handle, base_url=made.base_url, secrets=made.secrets)
    secrets = {"access_token": acting.secret_in(given.token_file, _("Åtkomstnyckeln"))}
    account = Account(given.url.rstrip("/"), given.handle, "", _Held(secrets), private, _options(given))
    try:
        profile = connector(given.platform).profile(account)
    except ReconnectNeeded:
        sentence = _("%(server)s godtar inte åtkomstnyckeln. Kontrollera den, eller skapa en ny på kontots sida.")
        raise Stop(sentence % {"server": given.url}, Code.REFUSED) from None
    return _Found(handle=profile.handle, base_url=given.url, name=profile.display_name, secrets=secrets)


class _Held:
    """A keeper for one try."""

    def __init__(self, held: Mapping[str, str]) -> None:
        self._held = held

    def secrets(self) -> Mapping[str, str]:
        return self._held

    def renew(self, stale: Mapping[str, str], renewal: Any) -> Mapping[str, str]:
        return self._held


def _people(given: argparse.Namespace, actor: Actor) -> tuple[Person, Person | None, Unit]:
    """Return who is responsible, the deputy and the unit; each is added where it lacks."""
    from narvaro.core.types import Role  # noqa: PLC0415
    from narvaro.web.commands import acting  # noqa: PLC0415

    unit, _is_new = acting.unit_made(actor, given.unit)
    responsible, _is_new = acting.person_named(actor, given.responsible, role=Role.REPRESENTATIVE, unit_uid=unit.uid)
    if not given.deputy:
        return responsible, None, unit
    deputy, _is_new = acting.person_named(actor, given.deputy, role=Role.DEPUTY, unit_uid=unit.uid)
    return responsible, deputy, unit


def _refuse_lacking(given: argparse.Namespace) -> None:
    lacking = [
        name
        for name, is_lacking in (
            ("--platform", not given.platform),
            ("--responsible", not given.responsible),
            ("--url", given.platform == "mastodon" and not given.url),
            ("--handle", given.platform != "mastodon" and not given.handle),
            ("--handle", given.platform == "mastodon" and given.no_connect and not given.handle),
        )
        if is_lacking
    ]
    if lacking:
        raise Stop(_("Det här saknas: %(what)s.") % {"what": ", ".join(lacking)}, Code.WRONG_USE)


def _options(given: argparse.Namespace) -> dict[str, str]:
    pairs = [option.partition("=") for option in given.option]
    if any(not mark for _name, mark, _value in pairs):
        raise Stop(_("Skriv --option som NAMN=VÄRDE."), Code.WRONG_USE)
    return {name.strip(): value.strip() for name, _mark, value in pairs}


def _from(day: str) -> Any:
    if not day:
        return None
    from datetime import date, datetime, time  # noqa: PLC0415

    from narvaro.base.clock import STOCKHOLM  # noqa: PLC0415

    try:
        return datetime.combine(date.fromisoformat(day), time.min, STOCKHOLM)
    except ValueError:
        raise Stop(_("%(day)s är inget datum. Skriv ÅÅÅÅ-MM-DD.") % {"day": day}, Code.WRONG_USE) from None


def _told(console: Console, channel: Channel, *, is_connected: bool) -> None:
    console.note(channel=channel.uid, handle=channel.handle, name=channel.name, connected=is_connected)
    sentence = (
        _("%(name)s (%(handle)s) är ansluten och läses från och med nu.")
        if is_connected
        else _("%(name)s (%(handle)s) står i registret.")
    )
    console.say(sentence % {"name": channel.name, "handle": channel.handle})
