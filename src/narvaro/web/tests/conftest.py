"""What tests of whole installations share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from narvaro.web.tests.installation import Installation, copy_of, with_tables


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that was set up once, never changed and often copied."""
    with with_tables(tmp_path_factory.mktemp("model") / "data") as made:
        done = made.run("setup", "--authority", "Kommunstyrelsen", "--admin", "admin@storkoping.example", "--link")
        assert done.returncode == 0, done.stderr
        yield made


@pytest.fixture
def installed(model: Installation, tmp_path: Path) -> Iterator[Installation]:
    """An installation of one's own, set up and at rest."""
    with copy_of(model, tmp_path / "data") as made:
        yield made
