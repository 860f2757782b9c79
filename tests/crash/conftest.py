"""What the crash tests share: the servers, an installation at rest, and the dice."""

from __future__ import annotations

import os
import random
import secrets
import sys
from collections.abc import Iterator

import pytest

from narvaro.testing.servers.bluesky import BlueskyNetwork
from narvaro.testing.servers.postgres import PostgresServer
from narvaro.testing.servers.snac import Snac
from tests.crash.house import House

SEED = int(os.environ.get("NARVARO_TEST_CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
# Each database is tried by a worker of its own, where there are several.
DATABASES = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("sqlite", "postgresql")]


@pytest.fixture(scope="session")
def snac() -> Iterator[Snac]:
    with Snac() as server:
        yield server


@pytest.fixture(scope="session")
def network() -> Iterator[BlueskyNetwork]:
    with BlueskyNetwork() as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session", params=DATABASES)
def model(request: pytest.FixtureRequest) -> Iterator[House]:
    """An installation that was started once and is at rest: making the tables takes longer than copying them."""
    url = request.getfixturevalue("postgres").fresh_database() if request.param == "postgresql" else ""
    with House(url) as made:
        made.do("prepare")
        yield made


@pytest.fixture
def house(request: pytest.FixtureRequest, model: House) -> Iterator[House]:
    url = model.database_url and copied(request.getfixturevalue("postgres"), model.database_url)
    with House(url, like=model) as made:
        yield made


def copied(postgres: PostgresServer, url: str) -> str:
    server, _slash, name = url.rpartition("/")
    copy = f"t{secrets.token_hex(6)}"
    postgres.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
    return f"{server}/{copy}"


@pytest.fixture
def dice() -> random.Random:
    sys.stdout.write(f"NARVARO_TEST_CRASH_SEED={SEED}\n")  # pytest shows it with a failure
    return random.Random(SEED)
