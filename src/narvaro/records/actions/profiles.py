"""How an official account presents itself: drawn up by the authority as much as what it posts."""

from __future__ import annotations

from typing import Any

from narvaro.base.clock import now
from narvaro.connectors.port import Author, Kind, Page, Profile
from narvaro.connectors.port import Item as Found
from narvaro.records.actions.capture import capture
from narvaro.records.types import PROFILE, Captured


def capture_profile(*, channel: Any, profile: Profile) -> Captured:
    """
    Keep the account's name and presentation as they are now; a change is a new version, the same again writes nothing.

    Law: TF-5 (drawn up when it is published)
    """
    remote_id = f"{PROFILE}{profile.remote_id}"  # no platform knows it, so nobody looks for it there
    lines = [profile.display_name.strip(), profile.handle, "", profile.about.strip()]
    shown = Found(
        remote_id=remote_id,
        kind=Kind.POST,
        author=Author(profile.remote_id, profile.handle, profile.display_name, profile.url),
        text="\n".join(lines).strip(),
        published_at=now(),
        raw=profile.raw,
        is_own=True,
        root_remote_id=remote_id,
        url=profile.url,
    )
    return capture(channel=channel, page=Page(items=(shown,), next_cursor=""))
