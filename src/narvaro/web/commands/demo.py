"""`narvaro demo`: a plainly fictional municipality to try with."""

from __future__ import annotations

import argparse
import secrets

from narvaro.web.commands.console import Code, Console, Stop
from narvaro.web.commands.language import _


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _(
        "Bara i en tom installation på den egna maskinen. Alla personer är funktioner och alla invånare påhittade."
    )


def run(given: argparse.Namespace, console: Console) -> Code:
    from django.conf import settings  # noqa: PLC0415 - settings are read only when they are needed

    from narvaro.core import queries  # noqa: PLC0415
    from narvaro.web import demo, serving  # noqa: PLC0415

    if not settings.OPTIONS.is_local:
        raise Stop(_("Demon läses bara in på den egna maskinen (localhost)."), Code.REFUSED)
    serving.prepare(with_files=False)
    password = secrets.token_urlsafe(12)
    actor = demo.load_demo(password=password)
    serving.follow_feeds()
    people = [person.email for person in queries.people(actor)]
    console.note(authority=queries.authority_of(actor).slug, email=demo.ADMINISTRATOR, password=password, people=people)
    console.say(_("Storköping är inläst. Logga in som %(email)s.") % {"email": demo.ADMINISTRATOR})
    console.say(_("Lösenord för alla i demon: %(password)s") % {"password": password})
    return Code.DONE
