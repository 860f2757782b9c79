"""Those whom most tests are about: an authority, its lead, one of its channels. A plugin of pytest."""

from __future__ import annotations

from typing import Any

import pytest

# Django is not set up yet when a plugin is read, so what these build with is asked for when they build.


@pytest.fixture
def authority() -> Any:
    """Give an authority."""
    from narvaro.core.testing import an_authority

    return an_authority()


@pytest.fixture
def lead(authority: Any) -> Any:
    """Give its communications lead."""
    return _somebody(authority, "COMMUNICATIONS_LEAD")


@pytest.fixture
def registrar(authority: Any) -> Any:
    """Give its registrar."""
    return _somebody(authority, "REGISTRAR")


@pytest.fixture
def archivist(authority: Any) -> Any:
    """Give its archivist."""
    return _somebody(authority, "ARCHIVIST")


@pytest.fixture
def channel(authority: Any) -> Any:
    """Give one of its channels."""
    from narvaro.channels.testing import a_channel

    return a_channel(authority)


def _somebody(authority: Any, role: str) -> Any:
    from narvaro.core.testing import an_actor
    from narvaro.core.types import Role

    return an_actor(authority, role=Role[role])
