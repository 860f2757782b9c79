"""
The questions that municipal auditors ask, answered from what is there now, each with where it can be seen.

What the floors below know is asked here; floors above answer for themselves, through `answered_above`. Nobody is named.

Law: SM-03, BBS-3, ARK-4, SEC-2, TF-13
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from narvaro.base.clock import today
from narvaro.channels import queries as channels
from narvaro.channels.rules import QUIET
from narvaro.core import queries as core
from narvaro.core.gathering import Part, gathered
from narvaro.core.types import READS_ALL, Actor, NotPermitted, Role
from narvaro.policy import guidelines
from narvaro.policy.models import Acknowledgement, Guideline, GuidelineStep, HouseRule, Minutes
from narvaro.policy.queries.guideline import ADDRESS
from narvaro.policy.types import AuditAnswer, Evidence, GuidelineState, StepKind
from narvaro.records import queries as records

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.channels.rules import Lack
    from narvaro.core.models import Authority

answered_above: list[Callable[[Actor], Sequence[AuditAnswer]]] = []
"""What floors above answer: how the channels are looked over, and whether residents are answered in time."""

MAY_READ = (*READS_ALL, Role.ADMINISTRATOR)
_ORDER = (
    "guideline", "purpose", "decisions", "in_use", "roles", "register", "rules", "oversight", "answers", "known",
    "archive", "security", "about_text", "review",
)  # fmt: skip


def audit_answers(actor: Actor) -> list[AuditAnswer]:
    """
    Return every question with its answer, in the order in which auditors ask.

    Raises:
        NotPermitted: The actor reads nothing of the authority.

    Law: SM-03, BBS-3, ARK-4, SEC-2
    """
    if not actor.has_anywhere(*MAY_READ):
        raise NotPermitted
    found = channels.channels(actor)
    read = gathered(_parts(actor) | channels.papers_parts(actor, found) | {"authority": core.authority_part(actor)})
    guideline: Guideline | None = next(iter(read["guideline"]), None)
    lacks = channels.lacks(actor, found, papers=channels.Papers.of(read))
    answers = [
        _guideline(guideline, read),
        _purpose(guideline, found),
        _counted(found, lacks, ("decision", "plan"), "decisions", _("Är varje kanal beslutad, med en plan?"), "SM-02"),
        _counted(
            found, lacks, ("left", "deputy", "unassigned"), "roles",
            _("Är roller och ansvar klara, också när någon slutar?"), "SEC-2",
        ),
        _in_use(guideline, found, lacks),
        _register(read["authority"][0], found),
        _rules(guideline, read),
        _known(guideline, read),
        _archive(guideline, has_gaps=bool(read["gaps"])),
        _counted(
            found, lacks, ("administrators", "two_step", "access", "mailbox"), "security",
            _("Är kontona skyddade och kända av fler än en?"), "SEC-2",
        ),
        _counted(
            found, lacks, ("about_text",), "about_text", _("Står det som lagen kräver i varje kanal?"), "BBS-2"
        ),
        _review(guideline, read),
        *(answer for answer_above in answered_above for answer in answer_above(actor)),
    ]  # fmt: skip
    return sorted(answers, key=lambda each: _ORDER.index(each.key))


def _parts(actor: Actor) -> dict[str, Part]:
    of = {"guideline__state": GuidelineState.IN_FORCE}
    return {
        "guideline": Part(Guideline.objects.of(actor).filter(state=GuidelineState.IN_FORCE)),
        "steps": Part(GuidelineStep.objects.of(actor).filter(**of, decided_on__isnull=False)),
        "asked": Part(Acknowledgement.objects.of(actor).filter(**of)),
        "gaps": records.latest_gap_part(actor),
        "minutes": Part(Minutes.objects.of(actor), without=("agreed",)),
        "rules": Part(HouseRule.objects.of(actor).filter(ended_at=None, channel=None), without=("text", "text_en")),
    }


def _guideline(guideline: Guideline | None, read: Mapping[str, list[Any]]) -> AuditAnswer:
    question = _("Finns gemensamma riktlinjer som är beslutade?")
    if guideline is None:
        minutes = read["minutes"]
        says = _("Ett protokoll finns i stället.") if minutes else _("Inget är beslutat.")
        state = "partly" if minutes else "no"
        return _answer("guideline", question, state, says, (_("Riktlinjen"), ADDRESS), law="SM-03")
    adopted = next((step for step in read["steps"] if step.kind == StepKind.ADOPTED), None)
    where = ", ".join(filter(None, [adopted.paragraph, adopted.diary_number])) if adopted else ""
    says = _("%(title)s är antagen av %(body)s den %(day)s (%(where)s).") % {
        "title": guideline.title, "body": adopted.body if adopted else "", "where": where,
        "day": date_format(adopted.decided_on, "j F Y") if adopted else "",
    }  # fmt: skip
    return _answer("guideline", question, "yes", says, (_("Riktlinjen"), ADDRESS), law="SM-03")


def _purpose(guideline: Guideline | None, found: Sequence[Channel]) -> AuditAnswer:
    without = sum(not channel.purpose.strip() for channel in found)
    has_shared = guideline is not None and _tells(guideline, "purpose")
    says = [
        _("Ett gemensamt syfte står i riktlinjen.") if has_shared else _("Inget gemensamt syfte är beslutat."),
        ngettext("En kanal saknar syfte.", "%(n)d kanaler saknar syfte.", without) % {"n": without}
        if without
        else _("Varje kanal har ett syfte."),
    ]
    return _answer(
        "purpose", _("Finns ett gemensamt syfte, och ett för varje kanal?"), _state(has_shared, not without),
        " ".join(says), (_("Kanaler"), reverse("channels:channels")),
    )  # fmt: skip


def _counted(
    found: Sequence[Channel], lacks: Mapping[int, Sequence[Lack]], keys: tuple[str, ...], key: str, question: str,
    law: str,
) -> AuditAnswer:  # fmt: skip
    lacking = [channel for channel in found if any(lack.key in keys for lack in lacks.get(channel.pk, ()))]
    if not found:
        return _answer(key, question, "yes", _("Det finns inga kanaler i drift."), law=law)
    if not lacking:
        says = ngettext("Det är klart i den kanal som finns.", "Det är klart i alla %(n)d kanaler.", len(found)) % {
            "n": len(found)
        }
        return _answer(key, question, "yes", says, (_("Kanaler"), reverse("channels:channels")), law=law)
    says = _("Något saknas i %(lacking)d av %(all)d kanaler.") % {"lacking": len(lacking), "all": len(found)}
    links = [(channel.name, reverse("channels:channel", args=[channel.uid])) for channel in lacking[:10]]
    return _answer(key, question, "no" if len(lacking) == len(found) else "partly", says, *links, law=law)


def _in_use(guideline: Guideline | None, found: Sequence[Channel], lacks: Mapping[int, Sequence[Lack]]) -> AuditAnswer:
    question = _("Prövas kanaler som inte används?")
    months = guideline.values.get("inactive_months") if guideline else None
    if not months:
        return _answer("in_use", question, "no", _("Det är inte beslutat när en tyst kanal prövas."))
    quiet = [channel for channel in found if any(lack.key == QUIET for lack in lacks.get(channel.pk, ()))]
    if not quiet:
        says = ngettext(
            "Ingen kanal i drift har varit tyst i %(n)d månad.", "Ingen kanal i drift har varit tyst i %(n)d månader.",
            months,
        ) % {"n": months}  # fmt: skip
        return _answer("in_use", question, "yes", says, (_("Kanaler"), reverse("channels:channels")))
    says = ngettext(
        "En tyst kanal väntar på att prövas.", "%(n)d tysta kanaler väntar på att prövas.", len(quiet)
    ) % {"n": len(quiet)}  # fmt: skip
    links = [(channel.name, reverse("channels:channel", args=[channel.uid])) for channel in quiet[:10]]
    return _answer("in_use", question, "partly", says, *links)


def _register(authority: Authority, found: Sequence[Channel]) -> AuditAnswer:
    says = ngettext(
        "En kanal står i förteckningen, som är öppen för alla.",
        "%(n)d kanaler står i förteckningen, som är öppen för alla.", len(found),
    ) % {"n": len(found)}  # fmt: skip
    address = reverse("accounts:accounts", kwargs={"slug": authority.slug})
    return _answer("register", _("Finns en öppen förteckning över alla kanaler?"), "yes", says,
                   (_("Våra kanaler"), address), law="SM-01")  # fmt: skip


def _rules(guideline: Guideline | None, read: Mapping[str, list[Any]]) -> AuditAnswer:
    count, internal = len(read["rules"]), guideline is not None and _tells(guideline, "private")
    says = [
        ngettext("En kommentarsregel gäller.", "%(n)d kommentarsregler gäller.", count) % {"n": count}
        if count
        else _("Inga kommentarsregler utöver lagen."),
        _("Gränsen mellan tjänst och privatliv står i riktlinjen.")
        if internal
        else _("Interna regler är inte beslutade."),
    ]
    return _answer(
        "rules", _("Finns interna regler och regler för den som kommenterar?"), _state(bool(count), internal),
        " ".join(says), (_("Kommentarsregler"), reverse("policy:rules")), law="BBS-8",
    )  # fmt: skip


def _known(guideline: Guideline | None, read: Mapping[str, list[Any]]) -> AuditAnswer:
    question = _("Känner de som skriver och svarar till riktlinjen?")
    if guideline is None:
        return _answer("known", question, "no", _("Ingen riktlinje gäller."))
    assigned = {row.person_id for row in read["assigned"]}
    asked = [row for row in read["asked"] if row.person_id in assigned]
    done = sum(row.at is not None for row in asked)
    says = _("%(done)d av %(all)d med uppdrag har bekräftat att de har läst den.") % {"done": done, "all": len(asked)}
    state = "yes" if done == len(asked) else "partly" if done else "no"
    return _answer("known", question, state, says, (_("Vilka som inte har läst"), reverse("policy:reading")))


def _archive(guideline: Guideline | None, *, has_gaps: bool) -> AuditAnswer:
    classes = len(guideline.retention) if guideline else 0
    says = [
        ngettext("Frister är beslutade för en handlingstyp.", "Frister är beslutade för %(n)d handlingstyper.", classes)
        % {"n": classes}
        if classes
        else _("Inga gallringsfrister är beslutade."),
        _("Luckor i det bevarade är antecknade.") if has_gaps else _("Inga luckor i det bevarade är kända."),
    ]
    links = [(_("Luckor"), reverse("records:gaps"))]
    if guideline:
        links.insert(0, (_("Frister"), f"{reverse('policy:version', args=[guideline.uid])}#frister"))
    return _answer("archive", _("Är arkiv och gallring beslutade?"), _state(bool(classes), not has_gaps),
                   " ".join(says), *links, law="ARK-4")  # fmt: skip


def _review(guideline: Guideline | None, read: Mapping[str, list[Any]]) -> AuditAnswer:
    question = _("Ses riktlinjen över regelbundet?")
    days = [step.decided_on for step in read["steps"] if step.kind in (StepKind.ADOPTED, StepKind.REVIEWED)]
    months = guideline.values.get("policy_review_months") if guideline else None
    if not days or not months:
        return _answer("review", question, "no", _("Ingen dag för översyn är bestämd."), law="SM-03")
    due = guidelines.months_later(max(days), months)
    says = (_("Översynen skulle ha gjorts den %(day)s.") if due < today() else _("Nästa översyn är den %(day)s.")) % {
        "day": date_format(due, "j F Y")
    }
    return _answer("review", question, "no" if due < today() else "yes", says,
                   (_("Översyn"), reverse("policy:review")), law="SM-03")  # fmt: skip


def _tells(guideline: Guideline, code: str) -> bool:
    return any(row["code"] == code and row["text"].strip() for row in guideline.sections)


def _state(*parts: bool) -> str:
    return "yes" if all(parts) else "partly" if any(parts) else "no"


def _answer(key: str, question: str, state: str, sentence: str, *links: tuple[str, str], law: str = "") -> AuditAnswer:
    return AuditAnswer(key, question, state, sentence, tuple(Evidence(text, url) for text, url in links), law)
