"""The doctor says when an authority has suggestions on and what they need is gone."""

from __future__ import annotations

import pytest

from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Role
from narvaro.inbox import actions
from narvaro.screening import learner
from narvaro.web import diagnosis

pytestmark = pytest.mark.django_db


def test_the_doctor_tells_how_what_suggestions_need_is_installed(monkeypatch):
    lead = an_actor(an_authority(), role=Role.COMMUNICATIONS_LEAD)
    unused = list(diagnosis._learner())
    actions.switch_learner(actor=lead, on=True)
    fine = list(diagnosis._learner())

    monkeypatch.setattr(learner, "find_spec", lambda name: None)
    (told,) = diagnosis._learner()

    assert (unused, fine) == ([], [])
    assert told.state is diagnosis.State.WARNING
    assert "make install-learner" in told.sentence
