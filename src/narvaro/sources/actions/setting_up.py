"""Setting up sources: by whoever leads a unit or communications, with every earlier way kept and secrets sealed."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.core import audit, keys, waiting
from narvaro.core import queries as core
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, Invalid, NotPermitted, Stale
from narvaro.publishing import queries as publishing
from narvaro.sources import queries, reading, rules
from narvaro.sources.models import Entry, Source, SourceChannel, SourceFile, SourceVersion
from narvaro.sources.types import Kind, Setup, Shape, SourceState, Way

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import Person


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of a source, as a form or the demonstration says it."""

    name: str
    shape: str
    way: str
    unit_uid: UUID | str
    channel_uids: Sequence[str]
    responsible_uid: UUID | str
    template: str
    setup: Setup
    over_template: str = ""
    is_automatic: bool = False
    most_an_hour: int = 5
    address: str = ""  # "": as it was


@transaction.atomic
def add_source(*, actor: Actor, kind: str, wish: Wish, file: tuple[str, bytes] | None = None) -> Source:
    """
    Set up a source. What it writes is a draft, unless it is automatic.

    Raises:
        NotFound: No such unit, channel or person.
        NotPermitted: The actor leads neither the unit nor communications.
        Invalid: Something cannot be used: says what.

    Law: TF-5, SEC-1
    """
    if kind not in Kind.values:
        raise Invalid(_("Välj vad källan handlar om."), field="kind")
    if len(queries.sources(actor)) >= rules.MOST_SOURCES:
        raise Invalid(_("Fler än 50 källor hinner ingen läsa. Avsluta någon först."))
    source = Source(authority_id=actor.authority_id, kind=kind, made_by_id=actor.person_id, version=0)
    _set_up(actor, source, wish)
    if source.way == Way.ADDRESS and not wish.address.strip():
        raise Invalid(_("Skriv adressen som ska läsas."), field="address")
    if source.way == Way.FILE and file is None:
        raise Invalid(_("Välj en fil."), field="file")
    _keep(actor, source, wish)
    if file is not None:
        _put(actor, source, file)
    audit.note(actor, "sources.add_source", source, automatic=source.is_automatic)
    return source


@transaction.atomic
def change_source(
    *, actor: Actor, uid: UUID | str, wish: Wish, file: tuple[str, bytes] | None = None,
    seen_version: int | None = None,
) -> Source:  # fmt: skip
    """
    Change how a source works. How it was stays readable, and what it has made stays as it is.

    Raises: As `add_source`; Stale: It was changed meanwhile, or has ended.

    Law: TF-5, SEC-1
    """
    source = _own(actor, uid, seen_version)
    _set_up(actor, source, wish)
    if source.way == Way.ADDRESS and not (wish.address.strip() or queries.secrets_of(source).get("address")):
        raise Invalid(_("Skriv adressen som ska läsas."), field="address")
    if file is None and source.way == Way.FILE and queries.file_of(actor, source) is None:
        raise Invalid(_("Välj en fil."), field="file")
    source.next_at = now()
    waiting.settle(actor, queries.PLACE, queries.SOURCE_KIND, [source.pk])
    _keep(actor, source, wish)
    if file is not None:
        _put(actor, source, file)
    audit.note(actor, "sources.change_source", source, automatic=source.is_automatic, version=source.version)
    return source


@transaction.atomic
def put_file(*, actor: Actor, uid: UUID | str, name: str, content: bytes, seen_version: int | None = None) -> Source:
    """
    Put up a newer file for a source to read; the former is thrown away.

    Raises: NotFound, NotPermitted, Stale; Invalid: It is too large, cannot be read, or the source reads no file.
    """
    source = _own(actor, uid, seen_version)
    if source.way != Way.FILE:
        raise Invalid(_("Källan läser ingen fil."), field="file")
    _put(actor, source, (name, content))
    Source.objects.of(actor).filter(pk=source.pk).update(next_at=now(), version=F("version") + 1)
    audit.note(actor, "sources.put_file", source)
    return source


@transaction.atomic
def pause_source(*, actor: Actor, uid: UUID | str, seen_version: int | None = None) -> None:
    """Let a source rest: it reads and writes nothing until started again. Raises NotFound, NotPermitted, Stale."""
    source = _own(actor, uid, seen_version)
    _turn(actor, source, SourceState.PAUSED)
    audit.note(actor, "sources.pause_source", source)


@transaction.atomic
def resume_source(*, actor: Actor, uid: UUID | str, seen_version: int | None = None) -> None:
    """Start a source again, at once and without its earlier faults. Raises NotFound, NotPermitted, Stale."""
    source = _own(actor, uid, seen_version)
    _turn(actor, source, SourceState.ACTIVE)
    waiting.settle(actor, queries.PLACE, queries.SOURCE_KIND, [source.pk])
    audit.note(actor, "sources.resume_source", source)


@transaction.atomic
def end_source(*, actor: Actor, uid: UUID | str, seen_version: int | None = None) -> None:
    """
    End a source for good: its file and secrets are thrown away, its drafts and its log stay.

    Raises: NotFound, NotPermitted, Stale.
    """
    source = _own(actor, uid, seen_version)
    _turn(actor, source, SourceState.ENDED)
    SourceFile.objects.of(actor).filter(source=source).delete()
    Source.objects.of(actor).filter(pk=source.pk).update(sealed=b"")
    Entry.objects.of(actor).filter(source=source).update(due_at=None)
    waiting.settle(actor, queries.PLACE, queries.SOURCE_KIND, [source.pk])
    audit.note(actor, "sources.end_source", source)


@transaction.atomic
def change_secret(*, actor: Actor, uid: UUID | str, seen_version: int | None = None) -> str:
    """
    Return a new secret for the other system to sign with; it is shown this once, and the former stops working.

    Raises: NotFound, NotPermitted, Stale; Invalid: Nothing is sent here to this source.

    Law: SEC-1
    """
    source = _own(actor, uid, seen_version)
    if source.way != Way.HOOK:
        raise Invalid(_("Till den här källan skickar ingen något."))
    made = secrets.token_urlsafe(32)
    _seal(source, {"hook": made})
    Source.objects.of(actor).filter(pk=source.pk).update(sealed=source.sealed, version=F("version") + 1)
    audit.note(actor, "sources.change_secret", source)
    return made


def seal_again() -> int:
    """Seal what sources keep secret with the newest key; returns how many changed. Part of `narvaro keys rotate`."""
    changed = 0
    for pk in Source.objects.everywhere("rotate keys").values_list("pk", flat=True):
        with transaction.atomic():
            source = Source.objects.everywhere("rotate keys").select_for_update().get(pk=pk)
            context = queries.context_of(source)
            places = ((Source, {"pk": pk}, context), (SourceFile, {"source_id": pk}, f"{context}:file"))
            for model, place, bound_to in places:
                rows = model.objects.everywhere("rotate keys").filter(**place)
                box = bytes(rows.values_list("sealed", flat=True).first() or b"")
                if box and not keys.is_sealed_with_newest(box):
                    changed += rows.update(sealed=keys.seal(keys.unseal(box, bound_to), bound_to))
    return changed


# --- Steps ------------------------------------------------------------------------------------------------------------


def _own(actor: Actor, uid: UUID | str, seen_version: int | None) -> Source:
    source = queries.source_for(actor, uid, lock=True)
    if not rules.may_set_up(actor, source.unit_id):
        raise NotPermitted
    refuse_stale(seen_version, source.version)
    if source.state == SourceState.ENDED:
        raise Stale(_("Källan är avslutad."))
    return source


def _set_up(actor: Actor, source: Source, wish: Wish) -> None:
    """Put what somebody wants on a source that is not stored yet. Raises NotFound, NotPermitted, Invalid."""
    unit = core.unit_for(actor, wish.unit_uid)
    if not rules.may_set_up(actor, unit.pk):
        raise NotPermitted
    if not wish.name.strip():
        raise Invalid(_("Ge källan ett namn."), field="name")
    if wish.shape not in rules.SHAPES[source.kind]:
        raise Invalid(_("Välj hur källan är skriven."), field="shape")
    if wish.way not in rules.WAYS[source.kind]:
        raise Invalid(_("Välj hur uppgifterna kommer hit."), field="way")
    if not 1 <= wish.most_an_hour <= rules.MOST_AN_HOUR:
        raise Invalid(_("Välj mellan 1 och 20 i timmen."), field="most_an_hour")
    rules.refuse_template(wish.template, source.kind)
    if wish.over_template:
        rules.refuse_template(wish.over_template, source.kind, field="over_template")
    _refuse_setup(source.kind, wish)
    _refuse_page(wish)
    is_other = _reads_another(source, wish)
    source.unit, source.responsible = unit, core.person_for(actor, wish.responsible_uid)
    _refuse_responsible(actor, source.responsible, _wanted(actor, wish))
    source.name, source.shape, source.way = wish.name.strip()[:120], wish.shape, wish.way
    source.template, source.over_template = wish.template.strip(), wish.over_template.strip()
    source.is_automatic, source.most_an_hour = wish.is_automatic, wish.most_an_hour
    source.setup = json.loads(json.dumps(asdict(wish.setup)))
    if wish.way == Way.ADDRESS and wish.address.strip():
        _seal(source, {"address": _address(wish.address)})
        source.host = (urlsplit(wish.address.strip()).hostname or "")[:255]
    if is_other:
        source.read_at = None  # what stands there now stood there before


def _refuse_setup(kind: str, wish: Wish) -> None:
    setup = wish.setup
    if kind == Kind.DAY and not setup.words:
        raise Invalid(
            _("Skriv vilka kategorier eller ord i rubriken som får visas. Allt annat är dolt."), field="words"
        )
    if len(setup.words) > rules.MOST_WORDS or any(len(each) > 100 for each in setup.words):
        raise Invalid(_("Högst 60 rader, om högst 100 tecken."), field="words")
    try:
        reading.clock_of(setup)
    except ValueError:
        raise Invalid(_("Skriv ett klockslag, till exempel 07:00."), field="clock") from None
    if not 0 <= setup.days_before <= 60:
        raise Invalid(_("Välj mellan 0 och 60 dagar."), field="days_before")
    if kind == Kind.INCIDENT and wish.shape != Shape.CAP and not setup.names.get("title"):
        raise Invalid(_("Skriv vad rubriken heter i det andra systemet."), field="name_title")
    if setup.over_words and wish.shape != Shape.CAP and not setup.names.get("state"):
        raise Invalid(_("Skriv vad läget heter i det andra systemet."), field="name_state")


def _refuse_page(wish: Wish) -> None:
    if wish.shape != Shape.PAGE:
        return
    if wish.way != Way.ADDRESS:
        raise Invalid(_("En webbsida läses från sin adress."), field="way")
    holds = wish.setup.holds
    if len(holds) > rules.MOST_WORDS or any(not 2 <= len(each) <= 200 for each in holds):
        raise Invalid(_("Högst 60 rader, om minst 2 och högst 200 tecken."), field="holds")


def _reads_another(source: Source, wish: Wish) -> bool:
    """Whether a source is to read something else than before: another address, or other links of a page."""
    if source.pk is None:
        return False
    before = queries.setup_of(source)
    address = wish.address.strip()
    is_elsewhere = bool(address) and address != queries.secrets_of(source).get("address", "")
    is_otherwise = (before.holds, before.heading, source.shape) != (wish.setup.holds, wish.setup.heading, wish.shape)
    return wish.way == Way.ADDRESS and (is_elsewhere or is_otherwise)


def _wanted(actor: Actor, wish: Wish) -> list[Channel]:
    found = [channels.channel_for(actor, uid) for uid in dict.fromkeys(map(str, wish.channel_uids))]
    if not found:
        raise Invalid(_("Välj minst en kanal."), field="channels")
    if not all(publishing.is_theirs(actor, channel) for channel in found):
        raise NotPermitted
    return found


def _refuse_responsible(actor: Actor, person: Person, wanted: Sequence[Channel]) -> None:
    if not queries.may_answer_for(actor, person, wanted):
        raise Invalid(_("Den som är ansvarig ska själv få skriva i alla kanalerna."), field="responsible")


def _address(text: str) -> str:
    """Return an address that may be read. Raises Invalid."""
    address = text.strip()
    try:
        place = urlsplit(address)
        is_one = bool(place.hostname) and len(address) <= 1000 and address.isprintable() and " " not in address
        schemes = ("https", "http") if settings.OPTIONS.allow_private_hosts else ("https",)
    except ValueError:
        is_one = False
    if not is_one or place.scheme not in schemes or place.username:
        raise Invalid(_("Adressen ska börja med https:// och inte innehålla något lösenord."), field="address")
    return address


def _seal(source: Source, changes: Mapping[str, str]) -> None:
    kept = {**queries.secrets_of(source), **changes}
    source.sealed = keys.seal(json.dumps(kept).encode(), queries.context_of(source))


def _keep(actor: Actor, source: Source, wish: Wish) -> None:
    """Store a source with its channels, and how it is set up now as a version of its own."""
    source.version += 1
    source.save()
    wanted = _wanted(actor, wish)
    SourceChannel.objects.of(actor).filter(source=source).delete()
    SourceChannel.objects.bulk_create(
        SourceChannel(authority_id=actor.authority_id, source=source, channel=channel) for channel in wanted
    )
    content: dict[str, Any] = {
        "name": source.name, "shape": source.shape, "way": source.way, "host": source.host, "setup": source.setup,
        "template": source.template, "over_template": source.over_template, "is_automatic": source.is_automatic,
        "most_an_hour": source.most_an_hour, "responsible": str(source.responsible.uid),
        "channels": [str(channel.uid) for channel in wanted],
    }  # fmt: skip
    number = SourceVersion.objects.of(actor).filter(source=source).count() + 1
    SourceVersion.objects.create(
        authority_id=actor.authority_id, source=source, number=number, content=content, by_id=actor.person_id
    )


def _put(actor: Actor, source: Source, file: tuple[str, bytes]) -> None:
    name, content = file
    if len(content) > rules.MOST_FILE_BYTES:
        raise Invalid(_("Filen är för stor. Högst 3 MB."), field="file")
    try:
        reading.read(source.kind, source.shape, queries.setup_of(source), content, at=now(), is_trial=True)
    except reading.Unreadable as problem:
        raise Invalid(str(problem), field="file") from None
    SourceFile.objects.of(actor).filter(source=source).delete()
    SourceFile.objects.create(
        authority_id=actor.authority_id, source=source, name=name[:200], put_by_id=actor.person_id,
        sealed=keys.seal(content, f"{queries.context_of(source)}:file"),
    )  # fmt: skip


def _turn(actor: Actor, source: Source, state: SourceState) -> None:
    changes: dict[str, Any] = {"state": state, "version": F("version") + 1}
    if state == SourceState.ACTIVE:
        changes |= {"next_at": now(), "failures": 0, "last_error": "", "lease_until": None}
    Source.objects.of(actor).filter(pk=source.pk).update(**changes)
