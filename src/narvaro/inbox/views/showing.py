"""How things look in the inbox: marks with their reasons, texts made safe to read, rows, and the thread as a tree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext as translated

from narvaro.base import law
from narvaro.channels import rules as channel_rules
from narvaro.inbox.types import Card, Outcome, Post, State, ThreadPage, Urgency
from narvaro.inbox.views import suggested
from narvaro.publishing.types import State as Sending
from narvaro.records.types import Origin

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.inbox.models import Finding, Incoming, Note
    from narvaro.publishing.models import Publication
    from narvaro.records.models import Item

LINE = 220
FOLD = 900
MOST_SHOWN = 12_000
DEEPEST = 4
_LINK = re.compile(r"https?://[^\s<>\"'\u202a-\u202e\u2066-\u2069]{1,2000}")
_AFTER_LINK = ".,;:!?)]}»”’…"
_BLANK = re.compile(r"\s+")

_CLASSES: dict[str, tuple[Any, str, str]] = {
    "public_records_request": (gettext_lazy("Begär handling"), "notice", "TF-9"),
    "gdpr_request": (gettext_lazy("Begär personuppgifter"), "notice", "GDPR-3"),
    "accessibility_complaint": (gettext_lazy("Tillgänglighet"), "notice", "DOS-5"),
    "appeal": (gettext_lazy("Överklagande"), "notice", "FL-5"),
    "press": (gettext_lazy("Medier"), "info", "TF-13"),
    "fault_report": (gettext_lazy("Felanmälan"), "info", "FL-2"),
    "complaint": (gettext_lazy("Klagomål"), "info", "FL-2"),
    "question": (gettext_lazy("Fråga"), "info", "FL-2"),
    "praise": (gettext_lazy("Beröm"), "info", ""),
    "spam": (gettext_lazy("Kan vara skräp"), "info", ""),
}
_IN_LISTS = tuple(name for name in _CLASSES if name not in ("question", "praise"))
_AREAS = {
    "personal_data": (gettext_lazy("Personuppgifter"), "secret"),
    "secrecy": (gettext_lazy("Kan vara sekretess"), "secret"),
    "threat": (gettext_lazy("Hot"), "urgent"),
    "abuse_material": (gettext_lazy("Övergrepp mot barn"), "urgent"),
    "own": (gettext_lazy("Egna ord"), "notice"),
}
_URGENT_LAW = {
    Urgency.SUICIDE_RISK: "FL-2", Urgency.CONCERN_FOR_CHILD: "FL-2", Urgency.EMERGENCY: "FL-2",
    Urgency.THREAT_TO_STAFF: "SEC-4", Urgency.THREAT: "BBS-5a", Urgency.ABUSE_MATERIAL: "BBS-10",
}  # fmt: skip


# --- Words ---------------------------------------------------------------------------------------------------------


def first_line(text: str) -> str:
    """Return the beginning of a text on one line, for lists."""
    line = _BLANK.sub(" ", text[: LINE * 4]).strip()
    return line if len(line) <= LINE else line[:LINE].rstrip() + "…"


def readable(text: str) -> SafeString:
    """
    Return a resident's text as safe HTML: escaped, lines kept, links shown by the host they really lead to.

    Nothing is fetched, and a link tells its address before it is followed.
    """
    parts: list[Any] = []
    at = 0
    for found in _LINK.finditer(text):
        address = found[0].rstrip(_AFTER_LINK)
        parts += [text[at : found.start()], _link(address)]
        at = found.start() + len(address)
    parts.append(text[at:])
    lines = format_html_join("", "{}", ((part,) for part in parts))
    return mark_safe(lines.replace("\r\n", "\n").replace("\n", "<br>"))  # noqa: S308 - each part is escaped above


def _link(address: str) -> Any:
    host = host_of(address)
    if not host:
        return address
    tail = address.split("//", 1)[1]
    path = tail[tail.find("/") :] if "/" in tail else ""
    short = path if len(path) <= 40 else path[:39] + "…"
    return format_html(
        '<a href="{}" rel="noopener noreferrer nofollow" title="{}"><bdi dir="ltr"><b>{}</b>{}</bdi></a>',
        address, address, host, "" if short == "/" else short,
    )  # fmt: skip


def host_of(address: str) -> str:
    """Return the host that an address leads to, written so that look-alike letters show; "" when it has none."""
    try:
        host = urlsplit(address).hostname or ""
        return host.encode("idna").decode() if host and not host.isascii() else host
    except (ValueError, UnicodeError):
        return ""


@dataclass(frozen=True, slots=True)
class Words:
    """A text to show: its beginning, and the rest behind one click. What is longer still stands in the record."""

    start: SafeString
    rest: SafeString = field(default_factory=lambda: mark_safe(""))
    length: int = 0
    is_cut: bool = False


def words(text: str) -> Words:
    """Return a text folded after its first part, so that one long text hides nobody else's."""
    if len(text) <= FOLD and text.count("\n") <= 20:
        return Words(readable(text), length=len(text))
    cut = _cut(text)
    return Words(readable(text[:cut]), readable(text[cut:MOST_SHOWN]), len(text), len(text) > MOST_SHOWN)


def _cut(text: str) -> int:
    lines = 0
    for at, sign in enumerate(text[:FOLD]):
        lines += sign == "\n"
        if lines > 15:
            return at
    blank = text.rfind(" ", FOLD - 100, FOLD)
    return blank if blank > 0 else FOLD


# --- Marks ---------------------------------------------------------------------------------------------------------


def mark(label: Any, kind: str, *, why: Any = "", ground: str = "", icon: str = "") -> dict[str, Any]:
    """Return a mark as the design kit takes it, with the provision behind it when there is one."""
    found: dict[str, Any] = {"label": label, "kind": kind, "explanation": why, "icon": icon or _icon(kind)}
    provision = law.provisions().get(ground)
    if provision is not None:
        english = (get_language() or "sv").startswith("en")
        found["law_text"] = provision.text_en if english else provision.text_sv
        found["law_name"] = f"{provision.title_en if english else provision.title_sv}, {provision.citation}"
        found["law_id"] = provision.id
    return found


def list_marks(incoming: Incoming, item: Item) -> list[dict[str, Any]]:
    """Return what a row of a list is marked with."""
    marks = _state_marks(incoming, item)
    classes = incoming.classes.split(",") if incoming.classes else []
    marks += [mark(_CLASSES[name][0], _CLASSES[name][1]) for name in _IN_LISTS if name in classes]
    return marks


def thread_marks(incoming: Incoming, item: Item, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return what an item's own page is marked with: each with a sentence and the provision."""
    marks = _state_marks(incoming, item)
    seen = {str(each["label"]) for each in marks}
    for found in findings:
        known = _CLASSES.get(found.ground)
        if known is not None:
            label, kind, ground = known
        elif found.area in _AREAS:
            (label, kind), ground = _AREAS[found.area], found.ground
        else:
            continue
        if str(label) not in seen:
            seen.add(str(label))
            marks.append(mark(label, kind, why=translated(found.sentence), ground=ground))
    return marks


def _state_marks(incoming: Incoming, item: Item) -> list[dict[str, Any]]:
    marks = []
    if incoming.urgency:
        why = _("Det kan inte vänta på kontorstid. Jouren har fått veta det.")
        ground = _URGENT_LAW.get(Urgency(incoming.urgency), "")
        marks.append(mark(incoming.get_urgency_display(), "urgent", why=why, ground=ground))
    if item.sealed_at is not None:
        why = _("Innehållet visas för ingen. Det prövas om det ska utplånas.")
        marks.append(mark(_("Förseglad"), "secret", why=why, ground="BBS-10", icon="lock"))
    if incoming.is_private:
        why = _("Meddelandet är skickat till er och syns inte för andra. Svaret blir också privat.")
        marks.append(mark(_("Privat"), "secret", why=why, ground="BBS-1", icon="lock"))
    if item.secrecy_suspected:
        why = _("Registratorn har fått den, och den lämnas inte ut utan prövning.")
        marks.append(mark(_("Kan vara sekretess"), "secret", why=why, ground="OSL-4"))
    if item.gone_at is not None:
        why = _("Den som skrev har tagit bort det på plattformen. Hos er är det bevarat som allmän handling.")
        marks.append(mark(_("Borttagen där"), "info", why=why, ground="TF-2", icon="trash"))
    elif item.versions > 1:
        why = _("Texten har ändrats sedan den kom. Varje version är bevarad.")
        marks.append(mark(_("Ändrad"), "info", why=why, ground="TF-2", icon="edit"))
    if incoming.withhold_names:
        why = _("Svar undertecknas utan namn, till skydd för den som svarar.")
        marks.append(mark(_("Utan namn"), "notice", why=why, ground="SEC-4", icon="hide"))
    return marks


def _icon(kind: str) -> str:
    return kind if kind in ("info", "notice", "urgent", "secret") else "info"


# --- Rows ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list, ready to be shown."""

    uid: Any
    url: str
    author: str
    text: str
    at: datetime
    due: datetime | None
    removal_due: datetime | None
    channel: str
    platform: str
    platform_icon: str
    who: str
    is_mine: bool
    is_unread: bool
    is_current: bool
    is_sealed: bool
    is_urgent: bool
    state: str
    snoozed_until: datetime | None
    marks: list[dict[str, Any]]
    suggestion: str


def row(card: Card, *, me: int | None, query: str, current: Any = None) -> Row:
    """Return a card of a list as it is shown; `query` keeps the list in the address."""
    incoming, shown = card.incoming, card.shown
    address = reverse("inbox:thread", args=[incoming.uid])
    # What is urgent is met by its card at the top; the rest by the words it is about, far down in a long thread.
    place = "" if incoming.urgency else f"#i-{shown.item.uid}"
    return Row(
        uid=incoming.uid, url=f"{address}{query}{place}", author=author_of(shown),
        text=first_line(shown.text), at=incoming.received_at, due=incoming.due_at if not incoming.done_at else None,
        removal_due=card.removal_due,
        channel=incoming.channel.name, platform=incoming.channel.platform,
        platform_icon=platform_icon(incoming.channel), who=who_has(incoming),
        is_mine=incoming.person_id is not None and incoming.person_id == me,
        is_unread=incoming.state == State.OPEN and incoming.taken_at is None, is_current=incoming.uid == current,
        is_sealed=shown.is_sealed,
        is_urgent=bool(incoming.urgency) and incoming.done_at is None,
        state=state_words(incoming) if incoming.state != State.OPEN else "",
        snoozed_until=incoming.snoozed_until, marks=list_marks(incoming, shown.item),
        suggestion=suggested.in_words(card.suggestion),
    )  # fmt: skip


def author_of(shown: Any) -> str:
    """Return who wrote it, as the platform names them; a sealed item names nobody."""
    if shown.is_sealed:
        return _("Förseglad handling")
    return shown.author or _("Okänd avsändare")


def who_has(incoming: Incoming) -> str:
    """Return in whose hands an item lies, in words."""
    if incoming.person is not None:
        return str(incoming.person.name)
    if incoming.with_communications:
        return _("Kommunikationsavdelningen")
    return _("Ingen i %(unit)s") % {"unit": incoming.unit.name} if incoming.unit else _("Ingen ännu")


def state_words(incoming: Incoming) -> str:
    """Return the state of an item as a few words; what became of it when it is done."""
    if incoming.outcome:
        return str(Outcome(incoming.outcome).label)
    return str(State(incoming.state).label)


def platform_icon(channel: Channel) -> str:
    """Return the name of the platform's icon in the design kit."""
    return channel_rules.icon_of(channel.platform)


# --- The thread ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Said:
    """One thing said in a thread, with what hangs under it."""

    key: str
    side: str  # us, them, note, event
    author: str
    at: datetime | None
    words: Words | None
    name_of_us: str = ""  # who of us wrote it
    is_target: bool = False
    is_sealed: bool = False
    is_private: bool = False
    thread_url: str = ""
    record_url: str = ""
    source_url: str = ""
    source_host: str = ""
    state: str = ""
    pictures: list[str] = field(default_factory=list)
    marks: list[dict[str, Any]] = field(default_factory=list)
    publication: Publication | None = None
    publication_kind: str = ""
    note: Note | None = None
    replies: list[Said] = field(default_factory=list)


_SENDING = {
    Sending.QUEUED: "info", Sending.ATTEMPTING: "info", Sending.DELIVERED: "success", Sending.REFUSED: "error",
    Sending.UNKNOWN: "warning", Sending.ABSENT: "warning",
}  # fmt: skip


def conversation(page: ThreadPage, *, query: str = "") -> list[Said]:
    """Return a thread as it is read: what was said, answers on their way, and our notes at the item they are about."""
    sent = {p.kept_item_id: p for post in page.posts for p in post.publications if p.kept_item_id}
    roots: list[Said] = []
    branch: list[Said] = []
    for post in page.posts:
        said = _said(page, post, sent.get(post.item.pk), query)
        depth = min(post.depth, DEEPEST, len(branch))
        del branch[depth:]
        (branch[-1].replies if branch else roots).append(said)
        branch.append(said)
        said.replies += [_on_its_way(p) for p in post.publications if not p.kept_item_id]
        if said.is_target:
            said.replies += [_note(note) for note in page.notes]
    return roots


def _said(page: ThreadPage, post: Post, publication: Publication | None, query: str) -> Said:
    shown, item, incoming = post.shown, post.item, post.incoming
    is_ours = item.origin != Origin.RECEIVED
    is_target = item.pk == page.incoming.item_id
    author = page.channel.name if is_ours else author_of(shown)
    source = "" if shown.is_sealed or not (is_ours or is_target) else shown.version.url
    marks = []
    if is_target:
        marks = thread_marks(page.incoming, item, page.findings)
    elif incoming is not None:
        marks = list_marks(incoming, item)
    return Said(
        key=str(item.uid), side="us" if is_ours else "them", author=author, at=item.published_at,
        words=None if shown.is_sealed else words(shown.text),
        name_of_us=publication.written_by.name if publication is not None and publication.written_by else "",
        is_target=is_target, is_sealed=shown.is_sealed, is_private=item.visibility == "private",
        thread_url=reverse("inbox:thread", args=[incoming.uid]) + query if incoming and not is_target else "",
        record_url=reverse("records:record", args=[item.uid]),
        source_url=source if host_of(source) and source.startswith(("http://", "https://")) else "",
        source_host=host_of(source),
        state=state_words(incoming) if incoming is not None and incoming.state != State.OPEN else "",
        pictures=[file.alt or _("utan beskrivning") for file in shown.files], marks=marks,
    )  # fmt: skip


def _on_its_way(publication: Publication) -> Said:
    return Said(
        key=f"p-{publication.uid}", side="us",
        author=publication.written_by.name if publication.written_by else _("Automatiskt besked"),
        at=publication.written_at, words=words(publication.text), publication=publication,
        publication_kind=_SENDING.get(Sending(publication.state), "info"),
        is_private=publication.visibility == "private",
    )  # fmt: skip


def _note(note: Note) -> Said:
    return Said(
        key=f"n-{note.uid}", side="note", author=note.by_name, at=note.at, words=words(note.text), note=note,
        record_url=reverse("records:record", args=[note.kept_item.uid]) if note.kept_item else "",
    )  # fmt: skip


def names(people: Iterable[Any]) -> str:
    """Return names as a list in a sentence."""
    return ", ".join(str(person) for person in people)
