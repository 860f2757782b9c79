"""Words for records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

PROFILE = "narvaro:profile:"
"""Begins the id of what an account says of itself: kept as our own, known to no platform, and no post."""


class Origin(models.TextChoices):
    """Whether a record came in, was drawn up here, or was written for the case file. Law: TF-1"""

    RECEIVED = "received", _("Inkommen")
    DRAWN_UP = "drawn_up", _("Upprättad")
    FILE_NOTE = "file_note", _("Tjänsteanteckning")


class VersionKind(models.TextChoices):
    CONTENT = "content", _("Innehåll")
    TOMBSTONE = "tombstone", _("Borttagen på plattformen")


class Source(models.TextChoices):
    """How we came by it."""

    POLL = "poll", _("Läst från plattformen")
    IMPORT = "import", _("Inläst från arkivfil")
    MANUAL = "manual", _("Inlagd för hand")
    PUBLICATION = "publication", _("Publicerad från Närvaro")


class Registration(models.TextChoices):
    """What OSL 5:1 asks for this item. Law: OSL-1, OSL-2, OSL-3"""

    KEPT_IN_ORDER = "kept_in_order", _("Hålls ordnad")
    REGISTER = "register", _("Ska diarieföras")
    REGISTERED = "registered", _("Diarieförd")
    TRIVIAL = "trivial", _("Uppenbart ringa betydelse")


class FileState(models.TextChoices):
    """A medium that belongs to a record."""

    WAITING = "waiting", _("Ska hämtas")
    KEPT = "kept", _("Bevarad")
    FAILED = "failed", _("Kunde inte hämtas")
    WITHHELD = "withheld", _("Hämtas inte (BBS 5 §)")
    EXPUNGED = "expunged", _("Utplånad")


class Withheld(models.TextChoices):
    """Why the words of a version are not shown, found or handed out to anybody."""

    NOTHING = "", ""
    SEALED = "sealed", _("Förseglad")
    EXPUNGED = "expunged", _("Utplånad")


class HoldKind(models.TextChoices):
    """Why records are held."""

    POLICE = "police", _("Polisanmälan")


class WorkState(models.TextChoices):
    """How far something that a person asked for has come."""

    WAITING = "waiting", _("Väntar på att börja")
    RUNNING = "running", _("Pågår")
    DONE = "done", _("Klar")
    FAILED = "failed", _("Gick inte att göra")


class ExportScope(models.TextChoices):
    THREAD = "thread", _("En tråd")
    CHANNEL = "channel", _("En kanal")
    EVERYTHING = "everything", _("Allt som är bevarat")


SNAPSHOT, SNAPSHOT_KIND = "snapshot", "records.snapshot"
"""Where a channel waits that is to be taken out for the archive, and what waits there: the channel."""


class ExportForm(models.TextChoices):
    JSON = "json", _("JSON, för maskiner och e-arkiv")
    HTML = "html", _("Läsbara sidor med bilagor och JSON (zip)")


@dataclass(frozen=True, slots=True)
class Captured:
    """What keeping a page led to."""

    new: int = 0
    changed: int = 0
    gone: int = 0
    unchanged: int = 0

    @property
    def kept(self) -> int:
        return self.new + self.changed + self.gone


@dataclass(frozen=True, slots=True)
class Kept:
    """A version as the feed hands it to followers: one row, no further questions."""

    position: int
    version_id: int
    item_id: int
    item_uid: UUID
    remote_id: str
    channel_id: int
    number: int
    kind: str
    origin: str
    item_kind: str
    visibility: str
    thread_key: str
    parent_remote_id: str
    author_remote_id: str
    text: str
    published_at: datetime
    source: str
    alternative_texts: tuple[str, ...] = ()
    shown_to: str = ""  # by this version on the platform; `visibility` is who may see the item here now


@dataclass(slots=True)
class Verdict:
    """
    What `verify` found. `fault` names the first thing that is wrong, in Swedish; "" when nothing is.
    """

    versions: int = 0
    audits: int = 0
    blobs: int = 0
    blob_bytes: int = 0
    expunged: int = 0
    heads: int = 0
    waiting: int = 0
    fault: str = ""
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.fault


VERBS = {
    "records.keep_file_note": _("gjorde en anteckning till tjänsteanteckning"),
    "records.note_gap": _("antecknade en lucka i det som har lästs"),
    "records.join_thread": _("förde svar till den tråd som de hör till"),
    "records.narrow_item": _("visar handlingen för färre, som på plattformen"),
    "records.widen_item": _("beslutade att fler får se handlingen, som på plattformen"),
    "records.backfill_gap": _("antecknade att en lucka är fylld"),
    "records.keep_file": _("bevarade en bild eller fil"),
    "records.seal_item": _("förseglade handlingen för alla"),
    "records.lift_seal": _("hävde förseglingen"),
    "records.expunge_item": _("beslutade att utplåna innehållet"),
    "records.hold_items": _("höll kvar handlingarna"),
    "records.end_hold": _("avslutade att handlingarna hålls kvar"),
    "records.keep_evidence_note": _("antecknade det som inte kunde bevaras"),
    "records.queue_for_registrar": _("lämnade handlingen till registrator"),
    "records.enter_in_registry": _("förde in handlingen i diariet"),
    "records.refuse_registration": _("beslutade att diarieföring inte behövs"),
    "records.request_import": _("laddade upp ett arkiv för inläsning"),
    "records.import_archive": _("läste in ett arkiv"),
    "records.capture_by_hand": _("lade in för hand"),
    "records.request_export": _("bad om en kopia att ta ut"),
    "records.take_out_export": _("tog ut en kopia"),
    "records.request_verification": _("bad om en kontroll av loggen"),
    "records.end_verification": _("kontrollerade hela loggen"),
    "records.note_export": _("tog ut en kopia"),
}
"""What each of records' audit verbs means, after the actor's name."""
