"""
The evidence package: what a report to the police is handed, and what shows that none of it was changed.

A zip with a document to read (PDF/A), each version's words and the exact bytes the platform gave, media, the proof of
every version under one signed tree head, the decision, who did what, a signed list of checksums, and `verify.py`,
which proves it all with nothing but Python. The same package gives the same bytes each time it is made, as long as
its records are what they were. Names are plain ASCII made of ids (P16). Everything of a resident's has passed the one
way out of records (P15); of child abuse material and of what is sealed there is where and when, and nothing of what
it is (BBS-10).

Law: BBS-5, BBS-10, SM-11a, SM-11b, ARK-1; P15, P16
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from importlib.resources import files
from string import Template
from typing import IO, TYPE_CHECKING, Any

from django.utils import translation

from narvaro.base.clock import STOCKHOLM
from narvaro.channels import rules as channel_rules
from narvaro.core import audit, keys, ledger
from narvaro.core import queries as core
from narvaro.core.moments import full_time
from narvaro.core.types import Actor
from narvaro.media import store
from narvaro.media.types import BlobMissing
from narvaro.moderation import package_pdf, queries, rules, seen
from narvaro.moderation.models import Measure, Package
from narvaro.policy import queries as policy
from narvaro.records import proven as proofs
from narvaro.records import queries as records
from narvaro.records.proven import Outward, Proven, medium_name

if TYPE_CHECKING:
    from narvaro.core.models import TreeHead
    from narvaro.records.models import Item

FORM = "narvaro-evidence-1"
PDF, SUMS, SIGNATURE, RECORDS = "sammanstallning.pdf", "SHA256SUMS", "signatur.json", "paket.json"
MOST_WORDS = 20_000  # characters of one text in the document; its file has them all
MOST_WORDS_AROUND = 3_000
DEEPEST = 6
_UNSEEN = "Innehållet visas inte."


def folder_name(package: Package) -> str:
    """Return the name of the package's one folder, and of its file without the ending: plain ASCII."""
    return f"narvaro-bevispaket-{package.uid}"


def fingerprint_of(public: bytes) -> str:
    """Return what tells a public key from others, in eight groups: as it is read aloud on the telephone."""
    digest = sha256(public).hexdigest()
    return " ".join(digest[at : at + 8] for at in range(0, 64, 8))


# --- What is fixed when it is made ------------------------------------------------------------------------------------


def as_made(actor: Actor, *, items: Sequence[Item], item: Item | None, measures: Sequence[Measure], in_thread: int,
            is_bare: bool) -> dict[str, Any]:  # fmt: skip
    """Return what may change afterwards and is to stay as it was when the package was made: no words of a resident."""
    authority = core.authority_of(actor)
    channel = item.channel if item is not None else measures[0].channel
    opened = seen.openings(actor, item) if item is not None else []
    reports = queries.reports_about(actor, item) if item is not None else []
    kept = records.versions_with_files(actor, item)[1] if item is not None and not is_bare else []
    titles = {ground.code: str(ground.title) for ground in policy.every_ground(actor)}
    with translation.override("sv"):
        return {
            "authority": {
                "uid": str(authority.uid), "name": authority.name, "organisation": authority.organisation.name,
                "organisation_number": authority.organisation_number,
            },
            "channel": {
                "uid": str(channel.uid), "name": channel.name, "handle": channel.handle, "url": channel.url,
                "platform": channel_rules.platform_name(channel.platform),
            },
            "items": [str(one.uid) for one in items],
            "in_thread": in_thread,
            "files": [str(file.uid) for file in kept if file.state == "kept" and file.digest],
            "decisions": [_decision(one, titles, is_bare=is_bare) for one in measures],
            "reports": [
                {"uid": str(one.uid), "kind": str(one.get_kind_display()), "knowledge_at": _moment(one.knowledge_at)}
                for one in reports
            ],
            "openings": opened,
            "subjects": [list(pair) for pair in queries.subjects_of(actor, item, measures)]
            if item is not None
            else [["moderation.measure", one.pk] for one in measures],
        }  # fmt: skip


def _decision(measure: Measure, titles: Mapping[str, str], *, is_bare: bool) -> dict[str, Any]:
    return {
        "uid": str(measure.uid), "measure": str(measure.get_kind_display()), "ground": measure.ground,
        "ground_title": titles.get(measure.ground, measure.ground), "catalogue": str(measure.get_catalogue_display()),
        "reasons": measure.reasons, "how": str(measure.get_how_display()),
        "standing": str(measure.get_standing_display()), "evidence": "" if is_bare else measure.evidence,
        "remote_id": measure.remote_id, "decided_by": measure.decided_by.name if measure.decided_by else "Närvaro",
        "knowledge_at": _moment(measure.knowledge_at), "decided_at": _moment(measure.decided_at),
        "carried_out_at": _moment(measure.carried_out_at), "confirmed_at": _moment(measure.confirmed_at),
        "undone_at": _moment(measure.undone_at), "undone_why": measure.undone_why,
        "reading": str(measure.get_reading_display()) if measure.reading else "", "read_at": _moment(measure.read_at),
        "state": measure.state_in_words,
    }  # fmt: skip


# --- The zip ----------------------------------------------------------------------------------------------------------


def write(to: IO[bytes], actor: Actor, package: Package) -> str:
    """
    Write the package as a zip to a file that can be sought in; return the SHA-256 of what was written.

    Nothing is compressed: then the bytes are the same whatever makes them.

    Raises:
        NotPermitted: The actor may not make packages of what is sealed.
        ValueError: A tile of the ledger is missing: then nothing can be shown.

    Law: BBS-5, BBS-10, SM-11a
    """
    with translation.override("sv"), zipfile.ZipFile(to, "w", zipfile.ZIP_STORED) as archive:
        _Writer(archive, actor, package).write()
    to.seek(0)
    made = sha256()
    while piece := to.read(1 << 20):
        made.update(piece)
    to.seek(0)
    return made.hexdigest()


class _Writer:
    def __init__(self, archive: zipfile.ZipFile, actor: Actor, package: Package) -> None:
        self.archive, self.actor, self.package = archive, actor, package
        self.facts: dict[str, Any] = package.as_made
        self.sums: dict[str, str] = {}
        self.pictures: dict[str, bytes] = {}
        self.shown_pictures: list[dict[str, Any]] = []
        self.public_key = keys.public_signing_key()[1]

    def write(self) -> None:
        found = self._found()
        # One that was whole when it was made and is sealed since leaves without its words all the same.
        reported = next((one for one in found if one.item.pk == self.package.item_id), None)
        listed = [self._item(one, is_reported=one is reported) for one in found]
        events = audit.about(
            self.actor, [(str(kind), int(key)) for kind, key in self.facts["subjects"]], upto=self.package.audit_upto
        )
        self._add_json(RECORDS, {
            "form": FORM, "package": str(self.package.uid), "made_at": _moment(self.package.made_at),
            "is_bare": self.package.is_bare, "authority": self.facts["authority"], "channel": self.facts["channel"],
            "reported": str(reported.item.uid) if reported else None, "items_in_thread": self.facts["in_thread"],
            "ledger": self._ledger(), "items": listed,
        })  # fmt: skip
        self._add_json("beslut.json", self.facts["decisions"])
        self._add_json("handelser.json", {
            "openings": self.facts["openings"], "reports": self.facts["reports"],
            "events": [_event(entry) for entry in events],
        })  # fmt: skip
        self._add(PDF, [package_pdf.render(self._shown(found, reported, events), self.pictures, at=self._at())])
        self._add("verify.py", [(files("narvaro.moderation") / "verify_package.py").read_bytes()])
        self._add("LASMIG.txt", [self._readme().encode()])
        listing = "".join(f"{digest}  {name}\n" for name, digest in sorted(self.sums.items())).encode()
        signed = keys.sign(f"{FORM}\n{sha256(listing).hexdigest()}\n".encode())
        self._add(SUMS, [listing])
        self._add_json(SIGNATURE, {
            "form": FORM, "key_id": signed.key_id, "public_key": signed.public.hex(),
            "signature": signed.signature.hex(),
        })  # fmt: skip

    def _found(self) -> list[Proven]:
        if self.package.head is None:
            return []
        items = records.items_by_uid(self.actor, self.facts["items"])
        reported = [item for item in items if item.pk == self.package.item_id]
        is_bare = self.package.is_bare or any(item.sealed_at is not None for item in reported)
        return proofs.proven(
            self.actor, items, self.package.head, with_payloads=() if self.package.is_bare else reported,
            as_traces=is_bare,
        )  # fmt: skip

    # --- Files

    def _item(self, one: Proven, *, is_reported: bool) -> dict[str, Any]:
        traces = {trace.version_id: trace for trace in one.traces} if is_reported else {}
        versions = []
        for version in one.versions:
            place, trace = one.places[version.version_id], traces.get(version.version_id)
            # A bare package says nothing of the content, also where the record is not sealed.
            is_open = version.version_id in one.leaves and not self.package.is_bare
            row: dict[str, Any] = {
                "number": version.number, "uid": str(version.version_uid), "leaf": version.leaf_hash.hex(),
                "position": place.position, "path": [step.hex() for step in place.path],
                "published_at": _moment(version.published_at), "captured_at": _moment(version.captured_at),
            }  # fmt: skip
            if is_open:
                row |= {"salt": version.salt.hex(), "content": one.leaves[version.version_id]}
            if is_open and is_reported:
                row |= self._files_of(version)
            if trace is not None:
                row["trace"] = {
                    "url": trace.url, "author_remote_id": trace.author_remote_id, "author_handle": trace.author_handle,
                    "payload_sha256": trace.payload_digest, "media_sha256": list(trace.file_digests),
                }  # fmt: skip
            versions.append(row)
        return {
            "uid": str(one.item.uid), "remote_id": one.item.remote_id, "kind": one.item.kind,
            "is_reported": is_reported, "versions": versions,
        }  # fmt: skip

    def _files_of(self, version: Outward) -> dict[str, Any]:
        """Put what belongs to one version of what is reported in the archive; return what says where it is."""
        text = f"ord/version-{version.number}.txt"
        self._add(text, [version.text.encode("utf-8", "surrogatepass")])
        payload = f"original/version-{version.number}.{'json' if _is_json(version.payload) else 'bin'}"
        self._add(payload, [version.payload or b""])
        media = []
        for file in version.files:
            if str(file.uid) not in self.facts["files"] or not file.digest:
                continue
            name = medium_name(file)
            if name not in self.sums and not self._add_medium(name, file.digest):
                continue
            media.append({
                "name": name, "sha256": file.digest, "media_type": file.media_type, "alt": file.alt, "url": file.url,
                "size_bytes": file.size_bytes,
            })  # fmt: skip
            self._show_picture(file, name)
        return {"text": text, "payload": payload, "media": media}

    def _add_medium(self, name: str, digest: str) -> bool:
        try:
            pieces = store.open_blob(self.actor.authority_id, digest)
            first = next(pieces, b"")
        except BlobMissing:
            return False
        self._add(name, [first], pieces)
        return True

    def _show_picture(self, file: Any, name: str) -> None:
        if not file.media_type.startswith("image/"):
            return
        small = package_pdf.small_picture(store.read(self.actor.authority_id, file.digest))
        if small is None:
            return
        content, width = small
        shown = f"bild-{len(self.pictures) + 1}.jpg"
        self.pictures[shown] = content
        alt = " ".join(file.alt.split())[:1000]
        self.shown_pictures.append({
            "name": shown, "width_mm": width, "alt": alt or "Bilaga utan beskrivning",
            "caption": f"{name}{': ' if alt else ''}{alt[:300]}",
        })  # fmt: skip

    def _add_json(self, name: str, value: Any) -> None:
        self._add(name, [json.dumps(value, indent=1, sort_keys=True).encode()])

    def _add(self, name: str, *pieces: Iterable[bytes]) -> None:
        entry = zipfile.ZipInfo(f"{folder_name(self.package)}/{name}", self._at().timetuple()[:6])
        entry.external_attr, entry.create_system = 0o644 << 16, 3
        made = sha256()
        with self.archive.open(entry, "w", force_zip64=True) as target:
            for piece in (piece for part in pieces for piece in part):
                made.update(piece)
                target.write(piece)
        self.sums[name] = made.hexdigest()

    def _at(self) -> datetime:
        return self.package.made_at.astimezone(STOCKHOLM).replace(microsecond=0)

    def _ledger(self) -> dict[str, Any] | None:
        head: TreeHead | None = self.package.head
        if head is None:
            return None
        origin, size, _root, at = ledger.head_bytes(head, core.authority_of(self.actor)).decode().split("\n")[:4]
        return {
            "origin": origin, "size": int(size), "root": bytes(head.root).hex(), "at": at.removeprefix("at "),
            "key_id": head.key_id, "signature": bytes(head.signature).hex(),
            "public_key": ledger.public_keys().get(head.key_id, b"").hex(),
        }  # fmt: skip

    def _readme(self) -> str:
        words = (files("narvaro.moderation") / "lasmig.txt").read_text(encoding="utf-8")
        what = _BARE_README if self.package.is_bare else _WHOLE_README
        return Template(words).substitute(
            authority=self.facts["authority"]["name"], organisation=self.facts["authority"]["organisation"],
            made_at=full_time(self.package.made_at), package=self.package.uid, pdf=PDF, what=what,
            fingerprint=fingerprint_of(self.public_key),
        )  # fmt: skip

    # --- The document

    def _shown(self, found: Sequence[Proven], reported: Proven | None, events: Sequence[Any]) -> dict[str, Any]:
        authority, decisions = self.facts["authority"], self.facts["decisions"]
        title = f"Bevispaket: {decisions[0]['ground_title']}" if decisions else "Bevispaket för polisanmälan"
        return {
            "title": title, "authority": f"{authority['name']}, {authority['organisation']}",
            "package": str(self.package.uid), "lead": self._lead(),
            "facts": self._facts(reported), "decision": [row for one in decisions for row in _decision_rows(one)],
            "thread": [] if self.package.is_bare else self._thread(found, reported),
            "thread_words": self._thread_words(found),
            "versions": list(self._versions(reported)), "openings": seen.in_words(self.facts["openings"]),
            "openings_words": seen.WORDS if self.facts["openings"] else seen.NOBODY, "events_words": _EVENTS_WORDS,
            "events": [[full_time(entry.at), audit.who(entry), _event_words(entry)] for entry in events],
            "proof": _PROOF_WORDS, "proof_facts": self._proof_facts(),
        }  # fmt: skip

    def _lead(self) -> list[str]:
        made = f"Gjort {full_time(self.package.made_at)} av {self.facts['authority']['name']}."
        if self.package.is_bare:
            return [made, "Innehållet är inte med, och ingen kopia av det har gjorts för paketet (BBS-10)."]
        return [made, "Allt som visas här är hämtat ur myndighetens arkiv, så som det bevarades. " + _CHARACTERS_WORDS]

    def _facts(self, reported: Proven | None) -> list[list[str]]:
        channel, decisions = self.facts["channel"], self.facts["decisions"]
        rows = [["Kanal", f"{channel['name']}, {channel['platform']} {channel['handle']} {channel['url']}".strip()]]
        if reported is not None:
            item = reported.item
            rows.append(["Id på plattformen", item.remote_id])
            rows.append(["Kom in till myndigheten", full_time(item.published_at)])
            rows += self._author_rows(reported)
            if item.gone_at is not None:
                rows.append(["Borta på plattformen, upptäckt", full_time(item.gone_at)])
        elif decisions:
            rows.append(["Id eller länk på plattformen", decisions[0]["remote_id"]])
        known = [one["knowledge_at"] for one in decisions if one["knowledge_at"]]
        if known:
            rows.append(["Myndigheten fick kännedom", _read_moment(min(known))])
        rows += [["Anmält till myndigheten", f"{_read_moment(r['knowledge_at'])}: {r['kind']}"]
                 for r in self.facts["reports"]]  # fmt: skip
        if self.facts["openings"]:
            first = self.facts["openings"][0]
            rows.append(["Först öppnat", f"{_read_moment(first['first_at'])} {first['who']}".strip()])
        return rows

    def _author_rows(self, reported: Proven) -> list[list[str]]:
        if reported.traces:
            last = reported.traces[-1]
            account = " ".join(part for part in (last.author_handle, last.author_remote_id) if part)
            return [["Konto", account or "Okänt"], ["Länk", last.url or "Okänd"]]
        said = _said(reported)
        account = " ".join(part for part in (said.author_name, said.author_handle, said.author_remote_id) if part)
        return [["Skrivet av", account or "Okänd"], ["Länk", said.url or "Okänd"]]

    def _thread_words(self, found: Sequence[Proven]) -> str:
        words = "Så stod det i tråden enligt arkivet, äldst först. Det som anmäls har ram."
        if self.facts["in_thread"] > len(found):
            words += f" Här visas {len(found)} av {self.facts['in_thread']} delar, de närmaste."
        return words

    def _thread(self, found: Sequence[Proven], reported: Proven | None) -> list[dict[str, Any]]:
        parents = {one.item.remote_id: one.item.parent_remote_id for one in found}
        return [
            {
                "author": said.author or ("Okänd avsändare" if not said.withheld else "Avsändaren visas inte"),
                "when": full_time(said.published_at),
                "text": _cut(said.text, MOST_WORDS if one is reported else MOST_WORDS_AROUND)
                if not said.withheld
                else _UNSEEN,
                "note": _note(one, said), "depth": _depth(one.item.remote_id, parents), "reported": one is reported,
                "pictures": self.shown_pictures if one is reported and not said.withheld else [],
            }
            for one in found
            for said in [_said(one)]
        ]  # fmt: skip

    def _versions(self, reported: Proven | None) -> Iterator[dict[str, Any]]:
        if reported is None:
            return
        traces = {trace.version_id: trace for trace in reported.traces}
        for version in reported.versions:
            rows = [
                ["Publicerad", full_time(version.published_at)],
                ["Bevarad av myndigheten", full_time(version.captured_at)],
                ["Plats i liggaren", str(reported.places[version.version_id].position)],
                ["Löv (SHA-256)", version.leaf_hash.hex()],
            ]
            trace = traces.get(version.version_id)
            is_open = not version.withheld and not self.package.is_bare
            if is_open:
                rows.append(["Plattformens data (SHA-256)", version.payload_digest])
                rows += [["Bilaga (SHA-256)", f"{medium_name(file)} {file.digest}"]
                         for file in version.files if file.digest and str(file.uid) in self.facts["files"]]  # fmt: skip
            elif trace is not None:
                rows.append(["Plattformens data (SHA-256)", trace.payload_digest or "Inte beräknad"])
                rows += [["Bilaga (SHA-256)", digest] for digest in trace.file_digests]
            kind = "Borttagen på plattformen" if version.is_tombstone else f"Lydelse {version.number}"
            yield {
                "heading": kind, "facts": rows,
                "text": _cut(version.text, MOST_WORDS) if is_open and not version.is_tombstone else None,
            }  # fmt: skip

    def _proof_facts(self) -> list[list[str]]:
        rows = [["Paketets id", str(self.package.uid)], ["Nyckelns fingeravtryck", fingerprint_of(self.public_key)]]
        head = self._ledger()
        if head:
            rows += [
                ["Liggare", f"{head['origin']}, {head['size']} löv"], ["Liggarens rot", head["root"]],
                ["Undertecknad", head["at"]],
            ]  # fmt: skip
        return rows


_WHOLE_README = (
    "  ord/                 texten i varje lydelse, exakt som den bevarades\n"
    "  original/            det plattformen lämnade till oss, oförändrat\n"
    "  media/               bilder och andra bilagor, om det fanns några\n"
)
_BARE_README = (
    "Det gäller ett innehåll som inte får kopieras. Paketet har därför varken text eller\n"
    "bild: bara var det stod, när, från vilket konto, och de kontrollsummor som redan fanns.\n"
)
_CHARACTERS_WORDS = (
    "Tecken som dokumentets typsnitt saknar, till exempel känslosymboler, står inom hakparentes med nummer och namn. "
    "I textfilerna står de som de skrevs."
)
_EVENTS_WORDS = (
    "Ur myndighetens händelselogg, som visar vad någon har gjort. Närvaro är det program som arbetar åt myndigheten."
)
_PROOF_WORDS = [
    "Varje lydelse är ett löv i myndighetens liggare. Liggaren är undertecknad, och den går inte att ändra i efterhand "
    "utan att det syns.",
    "Programmet verify.py i paketet räknar om allt från början. Det behöver bara Python och inget nät: "
    "python3 verify.py",
    "Jämför nyckelns fingeravtryck med det som myndigheten läser upp för dig på telefon.",
]


def _decision_rows(one: Mapping[str, Any]) -> list[list[str]]:
    rows = [
        ["Åtgärd", f"{one['measure']}. {one['how']}. {one['standing']}."],
        ["Grund", f"{one['ground_title']} ({one['ground']}, {one['catalogue']})"],
        ["Skäl", one["reasons"]],
        ["Beslutat", f"{_read_moment(one['decided_at'])} av {one['decided_by']}"],
        ["Läge när paketet gjordes", one["state"]],
    ]
    if one["evidence"]:
        rows.append(["Vad det var", one["evidence"]])
    if one["carried_out_at"]:
        rows.append(["Utfört på plattformen", _read_moment(one["carried_out_at"])])
    if one["reading"]:
        rows.append(["Läst på plattformen", f"{one['reading']}, {_read_moment(one['read_at'])}"])
    if one["undone_at"]:
        rows.append(["Hävt", f"{_read_moment(one['undone_at'])}: {one['undone_why']}"])
    return rows


def _said(one: Proven) -> Outward:
    """Return the last words there were; a tombstone has none."""
    return next((version for version in reversed(one.versions) if not version.is_tombstone), one.versions[-1])


def _note(one: Proven, said: Outward) -> str:
    words = []
    if one.item.origin == "file_note":
        words.append("Tjänsteanteckning")
    elif one.item.origin == "drawn_up":
        words.append("Skrivet av myndigheten")
    count = sum(not version.is_tombstone for version in one.versions)
    if count > 1 and not said.withheld:
        words.append(f"Ändrad, {count} lydelser")
    if one.item.gone_at is not None:
        words.append(f"Borta på plattformen, upptäckt {full_time(one.item.gone_at)}")
    return ". ".join(words)


def _depth(remote_id: str, parents: Mapping[str, str]) -> int:
    depth, seen = 0, {remote_id}
    while (above := parents.get(remote_id, "")) in parents and above not in seen and depth < DEEPEST:
        seen.add(above)
        remote_id, depth = above, depth + 1
    return depth


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[:most]} … [texten fortsätter i paketets filer]"


def _event(entry: Any) -> dict[str, Any]:
    return {
        "uid": str(entry.uid), "at": _moment(entry.at), "who": audit.who(entry), "verb": entry.verb,
        "words": audit.sentence(entry.verb), "about": entry.subject_kind, "why": entry.why,
    }  # fmt: skip


def _event_words(entry: Any) -> str:
    return f"{audit.sentence(entry.verb)}{': ' if entry.why else ''}{entry.why}"


def _moment(value: datetime | None) -> str | None:
    return value.isoformat().replace("+00:00", "Z") if value else None


def _read_moment(value: str) -> str:
    return full_time(datetime.fromisoformat(value))


def _is_json(payload: bytes | None) -> bool:
    try:
        json.loads(payload or b"")
    except ValueError:
        return False
    return True


def is_bare(actor: Actor, item: Item | None, measures: Sequence[Measure]) -> bool:
    """Whether only where and when may be told: ground e of any measure about it, or it is sealed. Law: BBS-10"""
    never = {ground.code for ground in policy.every_ground(actor) if ground.no_capture}
    return any(one.ground in never for one in measures) or (item is not None and item.sealed_at is not None)


def items_around(actor: Actor, item: Item | None, *, bare: bool) -> tuple[list[Item], int]:
    """Return what a package spans of the thread, and how many items the thread has; a bare one spans one item."""
    if item is None:
        return [], 0
    if bare:
        return [item], 1
    return records.thread_around(actor, item, most=rules.MOST_IN_THREAD)
