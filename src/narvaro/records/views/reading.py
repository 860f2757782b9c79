"""A record's own page, its proof, and its files."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from narvaro.core import audit
from narvaro.core.access import MemberRequest, access
from narvaro.core.types import Actor, NotFound
from narvaro.media import store
from narvaro.records import actions, export, index, queries, rules
from narvaro.records.evidence import evidence_of
from narvaro.records.forms import ConfirmForm
from narvaro.records.models import Item
from narvaro.records.outward import Outward, outward
from narvaro.records.types import Origin, Registration

SHOWN_OF_THREAD = 30
_LONGEST_COMPARED = 4000  # words
_SHOWN_IN_BROWSER = frozenset({
    "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "video/mp4", "video/webm", "audio/mpeg",
    "audio/mp4", "audio/ogg",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """A part of a text against the version before: "same", "added" or "removed"."""

    kind: str
    text: str


@access("member")
@require_safe
def record(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Everything about one record."""
    actor = request.actor
    item = queries.item_for(actor, uid)
    versions = queries.versions_with_files(actor, item)
    made = outward(actor, versions[0], files=versions[1])
    said = [version for version in made if not version.is_tombstone]
    if not made:
        raise NotFound
    entry = queries.registry_entries_of(actor, [item]).get(item.pk)
    keys = {index.key_of(v.published_at, v.version_id): v.version_id for v in made[-1:]}
    page = {
        "item": item,
        "channel": made[0].channel,
        "latest": said[-1] if said else made[-1],
        "earlier": _with_changes(said),
        "position": index.known_positions(actor.authority_id, keys).get(made[-1].version_id),
        "entry": entry,
        "holds": queries.holds_of(actor, item),
        "events": _events(actor, item, made, entry),
        "thread": _thread(actor, item),
        "state": _state(item, entry),
        "may_seal": rules.may_seal(actor) and item.sealed_at is None,
        "may_lift": rules.may_expunge(actor) and item.sealed_at is not None,
        "export_form": ConfirmForm(),
        "is_wider_there": bool(said) and rules.is_narrower(item.visibility, said[-1].visibility),
        "may_widen": rules.may_widen(actor),
        "is_expunged": all(version.expunged_at for version in made),
    }
    if item.origin == Origin.RECEIVED:
        actions.note_opened(actor=actor, items=[item])
    return render(request, "records/record.html", page)


def _state(item: Item, entry: Any) -> dict[str, str]:
    """Return how the record stands, as a sentence, and what is next."""
    if item.sealed_at is not None:
        return {"kind": "warning", "text": _("Handlingen är förseglad. Innehållet visas inte för någon.")}
    if item.registration == Registration.REGISTERED and entry is not None:
        return {"kind": "success", "text": _("Diarieförd som %(number)s.") % {"number": entry.registry_number}}
    if item.registration == Registration.REGISTER:
        return {
            "kind": "info",
            "text": _("Handlingen ska diarieföras."),
            "next": _("Den väntar hos registratorn.") if entry else _("Lämna den till registratorn."),
        }
    if item.registration == Registration.TRIVIAL:
        return {"kind": "neutral", "text": _("Handlingen är uppenbart av ringa betydelse.")}
    return {"kind": "success", "text": _("Handlingen hålls ordnad här och behöver inte diarieföras."), "next": ""}


def _with_changes(said: Sequence[Outward]) -> list[dict[str, Any]]:
    """Return each version with what differs from the one before it, newest first."""
    rows = []
    for before, after in zip([None, *said], said, strict=False):
        rows.append({"version": after, "changes": _changes(before.text, after.text) if before else []})
    return rows[::-1]


def _changes(before: str, after: str) -> list[Change]:
    """Return the text of `after` with what was taken out of `before` and what was put in."""
    old, new = re.findall(r"\S+\s*", before), re.findall(r"\S+\s*", after)
    if max(len(old), len(new)) > _LONGEST_COMPARED:
        return [Change("removed", before), Change("added", after)]
    found = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Change("same", "".join(new[c:d])))
            continue
        if b > a:
            found.append(Change("removed", "".join(old[a:b])))
        if d > c:
            found.append(Change("added", "".join(new[c:d])))
    return found


def _thread(actor: Actor, item: Item) -> list[dict[str, Any]]:
    items = queries.thread_of(actor, item, limit=SHOWN_OF_THREAD)
    return (
        [{"shown": shown, "is_this": shown.item.pk == item.pk} for shown in queries.shown(actor, items)]
        if len(items) > 1
        else []
    )


def _events(actor: Actor, item: Item, made: Sequence[Outward], entry: Any) -> list[dict[str, Any]]:
    """Return what has happened to the record, oldest first, for everyone to read."""
    events = [{"at": v.captured_at, "text": _captured(v), "icon": "kept"} for v in made]
    noted = audit.history(actor, item) + (audit.history(actor, entry) if entry is not None else [])
    said = _sayings()
    events += [
        {
            "at": note.at, "who": audit.who(note), "text": said.get(note.verb, _("ändrade handlingen")),
            "detail": note.why, "icon": "dot",
        }
        for note in noted
    ]  # fmt: skip
    return sorted(events, key=lambda event: event["at"])


def _captured(version: Outward) -> str:
    if version.is_tombstone:
        return _("Borttagen på plattformen. Det som stod där är kvar här.")
    if version.number == 1:
        return _("Bevarad för första gången.")
    return _("Ändrad på plattformen. Version %(number)d bevarades.") % {"number": version.number}


def _sayings() -> dict[str, str]:
    return {
        "records.seal_item": _("förseglade handlingen"),
        "records.lift_seal": _("hävde förseglingen"),
        "records.expunge_item": _("beslutade att utplåna innehållet"),
        "records.queue_for_registrar": _("lämnade handlingen till registratorn"),
        "records.enter_in_registry": _("diarieförde handlingen"),
        "records.refuse_registration": _("beslutade att handlingen inte behöver diarieföras"),
        "records.join_thread": _("förde svar till den tråd som de hör till"),
        "records.narrow_item": _("visar handlingen för färre, som på plattformen"),
        "records.widen_item": _("beslutade att fler får se handlingen, som på plattformen"),
        "records.keep_file_note": _("gjorde en anteckning till tjänsteanteckning"),
        "records.take_out_export": _("tog ut tråden som kopia"),
    }


@access("member")
@require_safe
def proof(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Recompute the record's proof and say in words what it shows."""
    item = queries.item_for(request.actor, uid)
    number = request.GET.get("version", "")
    version = queries.version_for(request.actor, item, int(number) if number.isdecimal() else item.versions)
    version.item = item
    found = evidence_of(request.actor, version)
    page = {"item": item, "version": version, "evidence": found, "path": [step.hex() for step in found.path]}
    return render(request, "records/proof.html", page | {"root": found.root.hex(), "leaf": version.leaf_hash.hex()})


@access("member")
@require_safe
def payload(request: MemberRequest, uid: UUID, number: int) -> HttpResponse:
    """The exact bytes of the platform, to save; never shown by the browser."""
    item = queries.item_for(request.actor, uid)
    content = queries.payload_of(request.actor, queries.version_for(request.actor, item, number))
    ending = "json" if content[:1] in (b"{", b"[") else "txt"
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{item.uid}-{number}.{ending}"'
    return response


@access("member")
@require_safe
def file(request: MemberRequest, uid: UUID) -> HttpResponseBase:
    """A kept medium; pictures, film and sound in the browser, everything else only to save."""
    found = queries.file_for(request.actor, uid)
    media_type = found.media_type.split(";")[0].strip().lower()
    is_shown = media_type in _SHOWN_IN_BROWSER
    response = StreamingHttpResponse(
        store.open_blob(request.actor.authority_id, found.digest),
        content_type=media_type if is_shown else "application/octet-stream",
    )
    name = export.archive_name(found).rpartition("/")[2]
    response["Content-Disposition"] = f'{"inline" if is_shown else "attachment"}; filename="{name}"'
    response["Content-Length"] = str(found.size_bytes)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
