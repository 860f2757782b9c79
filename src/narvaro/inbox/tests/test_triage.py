"""What triage promises."""

from __future__ import annotations

import pytest

from narvaro.core.testing import an_authority
from narvaro.inbox.testing import a_comment

pytestmark = pytest.mark.django_db


def test_a_question_stands_with_the_responsible_with_a_deadline():
    incoming = a_comment(an_authority())

    assert incoming.needs_answer
    assert incoming.person_id == incoming.channel.responsible_id
    assert incoming.due_at is not None
