"""Letting the authority's app in to LinkedIn: a person who looks after the page, and each page that they look after."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from narvaro.base import http
from narvaro.connectors.client import Api, parts, problem, word
from narvaro.connectors.granted import Grant, options_of, placed
from narvaro.connectors.oauth import App, Begun, Choice

VERSION = "202605"
GRANT = Grant(
    name="LinkedIn",
    api_url="https://api.linkedin.com",
    window_url="https://www.linkedin.com/oauth/v2/authorization",
    token_url="https://www.linkedin.com/oauth/v2/accessToken",  # noqa: S106 - an address
    scopes="rw_organization_admin r_organization_social w_organization_social",
    headers={"linkedin-version": VERSION, "x-restli-protocol-version": "2.0.0"},
)
ACLS = "/rest/organizationAcls"
OURS = {"q": "roleAssignee", "role": "ADMINISTRATOR", "state": "APPROVED", "count": "50"}
MOST_PAGES = 20


class LinkedInLogin:
    """See `WayIn`."""

    console_url = "https://www.linkedin.com/developers/apps"
    console_name = "LinkedIn Developers"

    def begin(self, app: App, state: str) -> Begun:
        return GRANT.begin(app, state)

    def finish(self, app: App, kept: Mapping[str, str], answer: Mapping[str, str]) -> tuple[Choice, ...]:
        secrets = GRANT.exchanged(app, kept, answer)
        headers = {"authorization": f"Bearer {secrets['access_token']}", **GRANT.headers}
        guard = http.Guard(allow_private=app.allow_private_hosts)
        found = []
        with Api(placed(GRANT.api_url, app.service), guard, headers) as api:
            reply = api.get(ACLS, {**OURS})
            error = problem(reply)
            if error is not None:
                raise error
            urns = [word(each, "organization") for each in parts(reply.document(), "elements")]
            for urn in [each for each in urns if each.startswith("urn:li:organization:")][:MOST_PAGES]:
                told = api.get(f"/rest/organizations/{quote(urn.rpartition(':')[2], safe='')}")
                page = told.document() if told.ok else {}
                handle = word(page, "vanityName") or urn.rpartition(":")[2]
                options = {**options_of(app), "page": urn}  # a person may look after several
                found.append(Choice(urn, handle, word(page, "localizedName"), secrets, "", options))
        return tuple(found)
