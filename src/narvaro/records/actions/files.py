"""Keeping the bytes of media that came along with an item, instead of being fetched from the platform."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from narvaro import screening
from narvaro.core import audit
from narvaro.core.types import Actor
from narvaro.media import store
from narvaro.records import queries, rules
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
        findings = screening.screen(
            rules.words_around(file.version.text, file.version.media), direction=screening.Direction.INCOMING
        )
        if file.version.item.sealed_at is not None or screening.suspects_child_abuse_material(findings):
            rows.update(state=FileState.WITHHELD)
            continue
        digest = store.keep(channel.authority_id, content)  # durable before the row says so
        with transaction.atomic():
            rows.update(
                state=FileState.KEPT, digest=digest, size_bytes=len(content), media_type=media_type[:100], last_error=""
            )
            note_kept(file.pk)
        kept = True
    return kept


def note_kept(file_id: int) -> None:
    """
    Write in the log what a file that was just kept holds, in the transaction that keeps it.

    The leaf of a version was made before its media were fetched; this is what shows that they were not changed since.

    Law: ARK-1
    """
    file = File.objects.everywhere("keep files").select_related("version", "authority").get(pk=file_id)
    if file.version.salt is not None:  # expunged meanwhile: there is nothing to prove any more
        actor = Actor.system(file.authority, "keep files")
        audit.note(actor, "records.keep_file", file, mark=queries.mark_of(file))
