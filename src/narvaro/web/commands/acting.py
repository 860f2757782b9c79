"""Who acts at the command line, where, and with what secrets. Loaded once settings are."""

from __future__ import annotations

import argparse
import getpass
import sys
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from narvaro.channels import queries as channel_queries
from narvaro.core import actions, queries
from narvaro.core.types import Actor, Role
from narvaro.web.commands.console import Code, Console, Stop
from narvaro.web.commands.language import _
from narvaro.web.commands.reasons import reason

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import Authority, Person, Unit

DUTY = "kommandoraden"


def authority_in(given: argparse.Namespace) -> Authority:
    """
    Return the authority that was named, or the only one.

    Raises:
        Stop: Nothing is set up, or several are possible.
        NotFound: None has that short name.
    """
    found = queries.all_authorities()
    if not found:
        raise Stop(_("Ingen myndighet är uppsatt ännu. Kör narvaro setup eller narvaro demo."), Code.WRONG_USE)
    if given.authority:
        return next((a for a in found if given.authority in (a.name, str(a.uid))), None) or queries.authority_by_slug(
            given.authority
        )
    if len(found) > 1:
        names = ", ".join(authority.slug for authority in found)
        raise Stop(_("Välj myndighet med --authority: %(names)s.") % {"names": names}, Code.WRONG_USE)
    return found[0]


def actor_in(given: argparse.Namespace) -> Actor:
    """Return the person named by --as, else the installation itself. Raises Stop, NotFound."""
    authority = authority_in(given)
    if given.acting_as:
        return queries.actor_by_email(given.acting_as, authority)
    return Actor.system(authority, DUTY)


def channel_named(actor: Actor, name: str) -> Channel:
    """
    Return a channel by its uid, name or handle.

    Raises:
        Stop: None or several are called so.
    """
    channels = channel_queries.registered(actor, include_closed=True)
    wanted = name.strip().lstrip("@").lower()
    found = [c for c in channels if wanted in (str(c.uid), c.handle.lower(), c.name.lower())]
    if len(found) == 1:
        return found[0]
    choices = ", ".join(sorted(c.handle for c in channels)) or _("inga")
    sentence = _("Ingen kanal heter %(name)s.") if not found else _("Flera kanaler heter %(name)s. Ange uid i stället.")
    raise Stop(sentence % {"name": name} + " " + _("Kanaler: %(names)s.") % {"names": choices}, Code.WRONG_USE)


def unit_named(actor: Actor, name: str) -> Unit:
    """
    Return a unit by its name or uid.

    Raises:
        Stop: There is none.
    """
    units = queries.units(actor)
    found = _unit_among(units, name)
    if found is None:
        choices = ", ".join(unit.name for unit in units) or _("inga")
        sentence = _("Ingen enhet heter %(name)s. Enheter: %(names)s.")
        raise Stop(sentence % {"name": name, "names": choices}, Code.WRONG_USE)
    return found


def unit_made(actor: Actor, name: str) -> tuple[Unit, bool]:
    """Return the unit of that name and whether it was made now; without a name the first, or a new "Kommunikation"."""
    units = queries.units(actor)
    found = _unit_among(units, name)
    if found is None and not name and units:
        found = units[0]
    if found is not None:
        return found, False
    return actions.add_unit(actor=actor, name=name or "Kommunikation"), True


def _unit_among(units: list[Unit], name: str) -> Unit | None:
    return next((u for u in units if u.name.lower() == name.strip().lower() or str(u.uid) == name), None)


def person_named(actor: Actor, who: str, *, role: Role, unit_uid: UUID | None) -> tuple[Person, bool]:
    """
    Return the person with an address ("a@b" or "Namn <a@b>"), and whether they were added now.

    Raises:
        Invalid: It is no address, or belongs to another organisation.
    """
    name, address = parseaddr(who)
    if "@" not in address:
        raise Stop(_("%(who)s är ingen e-postadress.") % {"who": who}, Code.WRONG_USE)
    known = next((p for p in queries.people(actor) if p.email == address.lower()), None)
    if known is not None:
        return known, False
    name = name or address.split("@")[0].replace(".", " ").replace("_", " ").title()
    return actions.add_person(actor=actor, email=address, name=name, role=role, unit_uid=unit_uid), True


def password_link(person: Person) -> str:
    """Return a link with which the person chooses a password, once and within three days."""
    from allauth.account.forms import default_token_generator  # noqa: PLC0415 - slow to load
    from allauth.account.utils import user_pk_to_url_str  # noqa: PLC0415

    key = default_token_generator.make_token(person)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(person), "key": key})
    return f"{settings.OPTIONS.base_url}{path}"


def tell_link(console: Console, person: Person) -> str:
    """Say how somebody without a password gets in; returns the link."""
    link = password_link(person)
    console.note(password_link=link)
    console.say(_("%(email)s väljer lösenord här, en gång och inom tre dagar:") % {"email": person.email})
    console.say(f"  {link}")
    return link


def secret_in(path: str, prompt: str) -> str:
    """
    Return a secret from a file, from standard input ("-"), or typed unseen on a terminal.

    Raises:
        Stop: There is none.
    """
    try:
        if path:
            secret = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
        elif sys.stdin.isatty():
            secret = getpass.getpass(f"{prompt}: ")
        else:
            secret = ""
    except (OSError, UnicodeDecodeError) as error:
        why = reason(error) if isinstance(error, OSError) else _("den är ingen textfil")
        raise Stop(_("Filen %(file)s kan inte läsas: %(why)s.") % {"file": path, "why": why}, Code.WRONG_USE) from None
    if not secret.strip():
        raise Stop(_("%(what)s saknas. Ange en fil med hemligheten.") % {"what": prompt}, Code.WRONG_USE)
    return secret.strip()
