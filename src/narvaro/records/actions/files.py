"""Keeping the bytes of media that came along with an item, instead of being fetched from the platform."""

from __future__ import annotations

from typing import Any

from narvaro import screening
from narvaro.media import store
from narvaro.records.models import File
from narvaro.records.types import FileState


def keep_enclosed_file(*, channel: Any, remote_id: str, url: str, content: bytes, media_type: str) -> bool:
    """
    Keep a medium that an archive or a person gave together with its item; the item must be kept already.

    Returns:
        False when it was kept before, or when the text around it forbids keeping it.

    Law: BBS-10 (suspected abuse material is not taken), ARK-1
    """
    waiting = File.objects.everywhere("keep enclosed files").filter(
        authority_id=channel.authority_id, version__item__channel_id=channel.pk, version__item__remote_id=remote_id,
        url=url, state__in=[FileState.WAITING, FileState.FAILED],
    )  # fmt: skip
    kept = False
    for file in waiting.select_related("version__item"):
        rows = File.objects.everywhere("keep enclosed files").filter(pk=file.pk)
        findings = screening.screen(file.version.text, direction=screening.Direction.INCOMING)
        if file.version.item.sealed_at is not None or screening.suspects_child_abuse_material(findings):
            rows.update(state=FileState.WITHHELD)
            continue
        digest = store.keep(channel.authority_id, content)  # durable before the row says so
        rows.update(
            state=FileState.KEPT, digest=digest, size_bytes=len(content), media_type=media_type[:100], last_error=""
        )
        kept = True
    return kept
