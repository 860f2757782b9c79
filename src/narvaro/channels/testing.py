"""Builders for tests: a channel with responsible and deputy, connected to a platform that answers as told."""

from __future__ import annotations

import itertools
from datetime import timedelta

from narvaro.base.clock import today
from narvaro.channels import actions
from narvaro.channels.models import Channel, ChannelReading, RegisterFile
from narvaro.channels.types import Connection, Platform
from narvaro.core.models import Authority, Person, Unit
from narvaro.core.testing import a_unit, an_actor, person_of
from narvaro.core.types import Actor, Role

_numbers = itertools.count(1)


def a_channel(
    authority: Authority,
    *,
    platform: Platform = Platform.MASTODON,
    unit: Unit | None = None,
    responsible: Person | None = None,
    deputy: Person | None = None,
    connection: Connection = Connection.CONNECTED,
    **values: object,
) -> Channel:
    unit = unit or a_unit(authority)
    number = next(_numbers)
    responsible = responsible or person_of(an_actor(authority, role=Role.REPRESENTATIVE, unit=unit))
    values.setdefault("papers_by", today() + timedelta(days=90))
    channel = Channel.objects.create(
        authority=authority, platform=platform, name=f"Kanal {number}", handle=f"kanal{number}@social.example",
        base_url="https://social.example", remote_id=f"account-{number}", unit=unit, responsible=responsible,
        deputy=deputy, **values,
    )  # fmt: skip
    ChannelReading.objects.create(authority=authority, channel=channel, connection=connection)
    return channel


def a_register_file(actor: Actor) -> RegisterFile:
    """Return somebody's register, kept to be looked through."""
    table = "Plattform;Konto;Namn;Enhet\nMastodon;lill@social.example;Lillköping;Torget\n"
    return actions.keep_register(actor=actor, name="konton.csv", content=table.encode())
