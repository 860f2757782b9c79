"""A crisis that goes on while Närvaro is upgraded goes on as it was decided."""

from __future__ import annotations

import json

import pytest

from narvaro.web.tests.installation import with_tables

LEAD = "kommunikation@storkoping.example"
BEGIN = f"""
from narvaro.core import queries
from narvaro.core.models import Person
from narvaro.moderation import actions
authority = queries.all_authorities()[0]
lead = queries.actor_for(Person.objects.get(email="{LEAD}"), authority.pk)
actions.start_crisis(actor=lead, why="Vattenläcka.")
"""
BACK_AND_FORTH = """
from django.core.management import call_command
call_command("migrate", "moderation", "0004", verbosity=0, interactive=False)
call_command("migrate", verbosity=0, interactive=False)
"""
TELL = f"""
import json

import pytest
from narvaro.core import queries
from narvaro.core.models import Person
from narvaro.moderation import actions, oversight

pytestmark = pytest.mark.seldom
authority = queries.all_authorities()[0]
lead = queries.actor_for(Person.objects.get(email="{LEAD}"), authority.pk)
(crisis,) = oversight.crises(lead)
during = [crisis.ended_at is None, crisis.freezes, crisis.asks_approval]
actions.end_crisis(actor=lead, uid=crisis.uid, why="Läckan är lagad.")
print(json.dumps([during, actions.start_crisis(actor=lead, why="En till.").asks_approval]))
"""


@pytest.mark.one_database
def test_a_crisis_during_an_upgrade_asks_for_no_approval_that_nobody_decided_and_the_next_one_does(tmp_path):
    secret = tmp_path / "password"
    secret.write_text("en lugn mening att minnas")
    with with_tables(tmp_path / "data") as installed:
        installed.told("setup", "--authority", "Kommunstyrelsen", "--admin", LEAD, "--password-file", str(secret))
        installed.python(BEGIN)

        installed.python(BACK_AND_FORTH)

        during, afterwards = json.loads(installed.python(TELL))
        assert during == [True, True, False]
        assert afterwards is True
