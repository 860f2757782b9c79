"""Who works in the inbox, where, and what was asked there."""

from __future__ import annotations

import pytest

from narvaro.channels.testing import a_channel
from narvaro.core.testing import a_unit, an_actor, person_of
from narvaro.core.types import Role
from narvaro.inbox.testing import a_comment
from narvaro.inbox.tests.pages.desk import signed_in


@pytest.fixture
def unit(authority):
    return a_unit(authority)


@pytest.fixture
def worker(authority, unit):
    return an_actor(authority, role=Role.REPRESENTATIVE, unit=unit)


@pytest.fixture
def channel(authority, unit, worker):
    return a_channel(authority, unit=unit, responsible=person_of(worker))


@pytest.fixture
def comment(authority, channel):
    return a_comment(authority, "När öppnar simhallen på lördag?", channel=channel)


@pytest.fixture
def client(worker):
    return signed_in(worker)
