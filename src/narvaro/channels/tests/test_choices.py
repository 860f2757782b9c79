"""Which of the accounts that let us in a channel stands for, whatever of its address stands in the register."""

from __future__ import annotations

import pytest

from narvaro.channels.rules import is_choice

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize(
    ("handle", "remote_id", "found"),
    [
        ("company/storkoping", "urn:li:organization:4711", "storkoping"),
        ("company/4711", "urn:li:organization:4711", "storkoping"),
        ("channel/UCstorkoping", "UCstorkoping", "@storkoping"),
        ("storkoping", "UCstorkoping", "@storkoping"),
        ("Storkoping", "1001", "storkoping"),
    ],
)
def test_an_account_is_known_by_its_id_or_its_name_wherever_these_stand_in_the_address(handle, remote_id, found):
    assert is_choice(remote_id, found, "", handle)
    assert not is_choice("9", "lillkoping", "", handle)
    assert not is_choice(remote_id, found, "9", handle), "once the id is known only that counts"
