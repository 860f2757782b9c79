"""`narvaro setup`: the first organisation, authority and administrator, without a browser."""

from __future__ import annotations

import argparse
import getpass
import secrets
import sys

from narvaro.web.commands.console import Code, Console, Stop
from narvaro.web.commands.language import _


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--authority", metavar=_("NAMN"), required=True, help=_("nämnden eller styrelsen som handlingarna hör till")
    )
    parser.add_argument(
        "--organisation", metavar=_("NAMN"), default="", help=_("kommunen, regionen eller bolaget; annars samma namn")
    )
    parser.add_argument(
        "--kind",
        choices=["municipality", "region", "agency", "company"],
        default="municipality",
        help=_("slag av organisation"),
    )
    parser.add_argument("--admin", metavar=_("E-POST"), required=True, help=_("administratörens e-postadress"))
    parser.add_argument("--admin-name", metavar=_("NAMN"), default="", help=_("administratörens namn"))
    parser.add_argument(
        "--password-file",
        metavar=_("FIL"),
        default="",
        help=_("fil med lösenordet, - för standard in; annars frågas du, eller får en engångslänk"),
    )
    parser.add_argument(
        "--link", action="store_true", help=_("fråga inte efter lösenord, skriv en engångslänk i stället")
    )


def run(given: argparse.Namespace, console: Console) -> Code:
    from django.db import transaction  # noqa: PLC0415 - settings are read only when they are needed

    from narvaro.core import actions, queries  # noqa: PLC0415
    from narvaro.policy import actions as policy  # noqa: PLC0415
    from narvaro.web import serving  # noqa: PLC0415
    from narvaro.web.commands import acting  # noqa: PLC0415

    if not given.authority.strip():
        raise Stop(_("%(name)s behöver ett värde.") % {"name": "--authority"}, Code.WRONG_USE)
    serving.prepare(with_files=False)
    chosen = _password(given)
    with transaction.atomic():
        authority, actor = actions.set_up(
            organisation=given.organisation or given.authority,
            authority=given.authority,
            admin_email=given.admin,
            admin_name=given.admin_name or _("Administratör"),
            admin_password=chosen or secrets.token_urlsafe(32),
            kind=given.kind,
        )
        policy.take_starting_rules(actor=actor)
    console.note(authority=authority.slug, authority_uid=authority.uid, admin=given.admin.strip().lower())
    console.say(_("%(name)s är uppsatt (kortnamn %(slug)s).") % {"name": authority.name, "slug": authority.slug})
    if not chosen:
        acting.tell_link(console, queries.person_by_id(actor.person_id))
    return Code.DONE


def _password(given: argparse.Namespace) -> str:
    """Return the chosen password; "" when a link is to be made."""
    from narvaro.web.commands import acting  # noqa: PLC0415

    if given.password_file:
        return acting.secret_in(given.password_file, _("Lösenordet"))
    if given.link or given.json or not sys.stdin.isatty():
        return ""
    chosen = getpass.getpass(_("Välj ett lösenord (minst 12 tecken, tomt ger en engångslänk): "))
    if chosen and chosen != getpass.getpass(_("Samma lösenord igen: ")):
        raise Stop(_("Lösenorden var inte lika. Försök igen."), Code.WRONG_USE)
    return chosen
