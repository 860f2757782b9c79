"""Taking in the archives of X and Google Takeout: each once, and with what it lacks in the gap ledger."""

from __future__ import annotations

import json
import zipfile

import pytest

from narvaro.channels.models import Channel
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead
from narvaro.channels.types import Platform
from narvaro.core.testing import an_authority
from narvaro.core.types import Invalid
from narvaro.records import actions, queries
from narvaro.records.models import Version

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

POST = {"tweet": {"id_str": "11", "full_text": "Öppet hus", "created_at": "Wed Oct 10 20:19:24 +0000 2018"}}
COMMENT = 'Ugzaaaaaaaaaaaa,UCstorkoping00000000000a,2025-12-30T14:28:42Z,0,,,cX_uOoBhxqI,"{""text"":""Öppet hus""}",\n'
EXPORTS = {
    Platform.X: {
        "data/account.js": 'window.YTD.account.part0 = [{"account": {"accountId": "1001", "username": "storkoping"}}]',
        "data/tweets.js": f"window.YTD.tweets.part0 = [{json.dumps(POST)}]",
    },
    Platform.YOUTUBE: {"Takeout/kommentarer.csv": "a,b,c,d,e,f,g,h,i\n" + COMMENT},
}
OURS = {Platform.X: "1001", Platform.YOUTUBE: "UCstorkoping00000000000a"}
LACKING = {Platform.X: "Andras svar och omnämnanden", Platform.YOUTUBE: "Andras kommentarer på kanalens filmer"}


@pytest.mark.parametrize("platform", EXPORTS)
def test_tf_1_p11_an_export_is_kept_once_for_its_own_account_and_says_what_it_lacks(platform, tmp_path):
    authority = an_authority()
    lead = a_lead(authority)
    channel = a_channel(authority, platform=platform)
    Channel.objects.everywhere("test").filter(pk=channel.pk).update(handle="@storkoping", remote_id=OURS[platform])
    channel = Channel.objects.everywhere("test").get(pk=channel.pk)
    stranger = a_channel(authority, platform=platform)
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name, content in EXPORTS[platform].items():
            file.writestr(name, content)

    first = actions.import_archive(actor=lead, channel=channel, path=path)
    again = actions.import_archive(actor=lead, channel=channel, path=path)
    with pytest.raises(Invalid):
        actions.import_archive(actor=lead, channel=stranger, path=path)

    assert (first["new"], again["new"], again["known"]) == (1, 0, 1)
    assert list(Version.objects.of(lead).values_list("text", flat=True)) == ["Öppet hus"]
    assert any(LACKING[platform] in gap.why for gap in queries.gaps(lead, channel))
