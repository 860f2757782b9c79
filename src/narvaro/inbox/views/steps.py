"""The steps behind "Fler åtgärder": one click where nothing is asked, one short page where something is."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import ActingForm, perform
from narvaro.core.types import Actor, Invalid, Role, Stale
from narvaro.inbox import actions, forms, queries, rules
from narvaro.inbox.types import NotNow
from narvaro.inbox.views import showing
from narvaro.inbox.views.lists import READERS, done_query, where_of
from narvaro.inbox.views.refusals import leads_back, of_answer, of_item, of_note
from narvaro.inbox.views.threads import show_thread
from narvaro.moderation import queries as moderation
from narvaro.moderation import rules as for_police
from narvaro.moderation.actions import Decided
from narvaro.policy import queries as policy
from narvaro.publishing.queries import Checks, checks_of
from narvaro.records import actions as records

if TYPE_CHECKING:
    from narvaro.inbox.models import Escalation, Incoming

AGREED = "agreed"  # the box that says that it is to go out all the same


@dataclass(frozen=True, slots=True)
class OneClick:
    """A step that asks for nothing."""

    act: Callable[..., Any]
    said: Any = ""  # "" where the next page offers to take it back instead
    goes_on: bool = False  # to the next item of the list


@dataclass(frozen=True, slots=True)
class Question:
    """A step that asks for something first."""

    title: Any
    button: Any
    make: Callable[..., ActingForm]
    act: Callable[..., Any]
    said: Any = ""
    lead: Any = ""
    icon: str = ""
    goes_on: bool = False
    is_grave: bool = False
    publishes: bool = False  # what is written in `text` goes out, so that it is screened as an answer is


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
@leads_back(of_item)
def step(request: MemberRequest, uid: UUID, name: str) -> HttpResponse:
    """Take one step with one item; a step that asks for something shows its question first."""
    if name in ONE_CLICK:
        return _one_click(request, uid, name)
    if name not in QUESTIONS:
        raise Http404
    return _question(request, uid, name)


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
@leads_back(of_item)
def discuss(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Add to the discussion of something escalated."""
    if request.method != "POST":
        return redirect(_back(request, uid) + "#samtal")
    actor, form = request.actor, forms.TalkForm(request.POST, prefix="talk")
    escalation = _open_escalation(actor, uid)
    if not form.is_valid():
        return show_thread(request, uid, talk_form=form, status=422)
    talk = partial(actions.discuss, actor=actor, escalation_uid=escalation.uid, text=form.cleaned_data["text"])
    perform(actor, form.cleaned_data["intent"], talk)
    return redirect(_back(request, uid) + "#samtal")


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
@leads_back(of_item)
def decide(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Decide about something escalated."""
    if request.method != "POST":
        return redirect(_back(request, uid) + "#samtal")
    actor, form = request.actor, forms.DecideForm(request.POST, prefix="decide")
    escalation = _open_escalation(actor, uid)
    if not form.is_valid():
        return show_thread(request, uid, decide_form=form, status=422)
    act = partial(
        actions.decide, actor=actor, escalation_uid=escalation.uid, **form.values,
        seen_version=form.cleaned_data["seen_version"],
    )  # fmt: skip
    perform(actor, form.cleaned_data["intent"], act)
    messages.success(request, _("Beslutet är fattat. Den som frågade får veta det."))
    return redirect(_back(request, uid) + "#samtal")


@access("member", Role.COMMUNICATIONS_LEAD)
@require_POST
@leads_back(of_item)
def advise(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Answer somebody who asked the communications department for advice."""
    actor, form = request.actor, forms.AdviseForm(request.POST, auto_id=False)
    if not form.is_valid():
        return show_thread(request, uid, advise_form=form, status=422)
    give = partial(
        actions.give_advice, actor=actor, advice_uid=form.cleaned_data["advice"], text=form.cleaned_data["text"]
    )
    perform(actor, form.cleaned_data["intent"], give)
    messages.success(request, _("Rådet står vid kommentaren, och den som frågade får ett brev."))
    return redirect(_back(request, uid) + "#rad")


def _open_escalation(actor: Actor, uid: UUID) -> Escalation:
    """Return the discussion of an item. Raises NotNow where there is none, or it has come to its decision."""
    escalation: Escalation | None = queries.thread_page(actor, uid).escalation
    if escalation is None or escalation.decided_at is not None:
        raise NotNow(_("Det är redan avgjort. Beslutet står i tråden."))
    return escalation


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
@leads_back(of_note)
def file_note(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Make an internal note a record."""
    actor, note, form = request.actor, queries.note_for(request.actor, uid), forms.StepForm(request.POST)
    if request.method == "POST" and form.is_valid():
        perform(actor, form.cleaned_data["intent"], partial(actions.make_file_note, actor=actor, note_uid=uid))
        messages.success(request, _("Anteckningen är nu en tjänsteanteckning och en allmän handling."))
    return redirect(_back(request, note.incoming.uid))


@access("member", *READERS)
@require_http_methods(["GET", "POST"])
@leads_back(of_answer)
def undo_answer(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Take back an answer that has not begun to be sent."""
    if request.method != "POST":
        return redirect("publishing:publication", uid)
    actor, form = request.actor, forms.StepForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Formuläret är ofullständigt. Öppna tråden på nytt och försök igen."))
    undo = partial(actions.undo_answer, actor=actor, publication_uid=uid)
    incoming = perform(actor, form.cleaned_data["intent"], undo)
    messages.success(request, _("Svaret är ångrat och gick aldrig ut."))
    return redirect(_back(request, incoming.uid) + f"&text={uid}#composer")


# --- One click -------------------------------------------------------------------------------------------------------

ONE_CLICK: dict[str, OneClick] = {
    "inget-svar": OneClick(actions.mark_no_answer_needed, goes_on=True),
    "besvarad": OneClick(actions.mark_answered_by_other, goes_on=True),
    "behover-svar": OneClick(actions.mark_needs_answer),
    "ta": OneClick(actions.take),
    "vacka": OneClick(actions.wake, gettext_lazy("Den är tillbaka bland det som väntar.")),
    "oppna": OneClick(actions.reopen, gettext_lazy("Den är öppen igen, med en ny svarstid.")),
    "angra": OneClick(actions.undo, gettext_lazy("Ångrat. Den är som den var.")),
    "akut": OneClick(
        actions.accept_urgent, gettext_lazy("Du har tagit den. Ingen fler larmas. Ring 112 om någon är i fara.")
    ),
}


def _one_click(request: MemberRequest, uid: UUID, name: str) -> HttpResponse:
    if request.method != "POST":
        return redirect(_back(request, uid))
    chosen, form, actor = ONE_CLICK[name], forms.StepForm(request.POST), request.actor
    if not form.is_valid():
        raise Invalid(_("Formuläret är ofullständigt. Öppna tråden på nytt och försök igen."))
    act = partial(chosen.act, actor=actor, uid=uid)
    if name != "akut":  # what is urgent is taken, whatever else has happened
        act = partial(act, seen_version=form.cleaned_data["seen_version"])
    perform(actor, form.cleaned_data["intent"], act)
    return _onwards(request, uid, name, chosen.said, goes_on=chosen.goes_on)


def _onwards(request: MemberRequest, uid: UUID, name: str, said: Any, *, goes_on: bool) -> HttpResponse:
    if said:
        messages.success(request, said)
    query = where_of(request).query + ("" if said else done_query(name, [uid]))
    if goes_on:
        following = _following(request)
        if following is None:
            return redirect(reverse("inbox:inbox") + query)
        return redirect(reverse("inbox:thread", args=[following]) + query)
    return redirect(reverse("inbox:thread", args=[uid]) + query)


def _following(request: MemberRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("nasta", ""))
    except ValueError:
        return None


def _back(request: MemberRequest, uid: UUID) -> str:
    return reverse("inbox:thread", args=[uid]) + where_of(request).query


# --- Steps that ask --------------------------------------------------------------------------------------------------


def _question(request: MemberRequest, uid: UUID, name: str) -> HttpResponse:
    actor, asked = request.actor, QUESTIONS[name]
    incoming = queries.incoming_for(actor, uid)
    form = _begun(request, incoming, name)
    trouble = ""
    checks: Checks | None = None
    if asked.publishes:
        form.fields[AGREED] = deepcopy(forms.ComposerForm.base_fields[AGREED])
        if form.is_bound and form.is_valid():
            checks = checks_of(actor, form.cleaned_data["text"], is_private=incoming.is_private)
            _must_agree(form, checks)
    if form.is_bound and form.is_valid():
        try:
            values = {name: value for name, value in form.values.items() if name != AGREED}
            act = partial(asked.act, actor, incoming, values, form.cleaned_data["seen_version"])
            made = perform(actor, form.cleaned_data["intent"], act)
            if isinstance(made, Decided) and for_police.goes_to_police(made.measure.ground):
                messages.success(
                    request, _("Beslutet är fattat och handlingen är förseglad. Gör paketet till polisen.")
                )
                return redirect("moderation:package_of_measure", made.measure.uid)
            return _onwards(request, uid, name, asked.said, goes_on=asked.goes_on)
        except Invalid as error:
            form.refuse(error)
        except (Stale, NotNow) as error:
            trouble, checks = str(error), None
            form = asked.make(actor, queries.incoming_for(actor, uid), None, initial=form.values)
    shown = queries.shown_words(actor, incoming)
    earlier = []
    if name == "moderera":
        earlier = moderation.earlier_about(actor, incoming.channel, shown.version.author_remote_id)
    page = {
        "form": form, "asked": asked, "name": name, "incoming": incoming, "trouble": trouble, "checks": checks,
        "back_url": _back(request, uid), "shown": shown,
        "earlier": earlier, "folded": getattr(form, "folded", ()), "beside": (AGREED,), "where": where_of(request),
        "author": showing.author_of(shown),
        "words": showing.words(shown.text), "next": request.POST.get("nasta", request.GET.get("nasta", "")),
    }  # fmt: skip
    status = 409 if trouble else 422 if form.is_bound else 200
    return render(request, "inbox/step.html", page, status=status)


def _begun(request: MemberRequest, incoming: Incoming, name: str) -> ActingForm:
    """Return the form as it was sent, or a new one: what is being answered comes along when advice is asked for."""
    make = QUESTIONS[name].make
    if request.method != "POST":
        return make(request.actor, incoming, None)
    if name == "rad" and "question" not in request.POST:  # from where an answer is written
        return make(request.actor, incoming, None, initial={"draft": request.POST.get("text", "")})
    return make(request.actor, incoming, request.POST)


def _must_agree(form: ActingForm, checks: Checks) -> None:
    """Stop what may not go out, and ask once about what may be a mistake, as an answer is."""
    for sentence in checks.stops:
        form.add_error("text", sentence)
    if checks.asks and not form.cleaned_data.get(AGREED):
        form.add_error(AGREED, _("Läs igenom en gång till, och kryssa i rutan om det ska ut ändå."))


Values = dict[str, Any]


def _form(
    kind: type[ActingForm], initial: Callable[[Actor, Incoming], Values] | None = None
) -> Callable[..., ActingForm]:
    def make(actor: Actor, incoming: Incoming, posted: Any, **options: Any) -> ActingForm:
        begun = initial(actor, incoming) if initial and posted is None and "initial" not in options else {}
        options["initial"] = options.get("initial") or begun
        return kind(posted, version=incoming.version, **options)

    return make


def _people(actor: Actor, incoming: Incoming, posted: Any, **options: Any) -> ActingForm:
    people = queries.colleagues(actor, incoming)
    return forms.PersonForm(posted, version=incoming.version, people=people, me=actor.person_id, **options)


def _units(actor: Actor, incoming: Incoming, posted: Any, **options: Any) -> ActingForm:
    return forms.UnitForm(posted, version=incoming.version, units=queries.other_units(actor, incoming), **options)


def _acting(act: Callable[..., Any]) -> Callable[[Actor, Incoming, Values, int | None], Any]:
    """Return an action whose arguments have the form's names, as a step."""

    def run(actor: Actor, incoming: Incoming, values: Values, seen: int | None) -> Any:
        return act(actor=actor, uid=incoming.uid, **values, seen_version=seen)

    return run


def _snooze(actor: Actor, incoming: Incoming, values: Values, seen: int | None) -> Any:
    return actions.snooze(actor=actor, uid=incoming.uid, until=values["until"], seen_version=seen)


def _to_registrar(actor: Actor, incoming: Incoming, values: Values, seen: int | None) -> Any:
    return actions.to_registrar(
        actor=actor, uid=incoming.uid, suggested_note=values["note"], is_done=values["is_done"], seen_version=seen
    )


def _advice(actor: Actor, incoming: Incoming, values: Values, _seen: int | None) -> Any:
    return actions.ask_advice(actor=actor, uid=incoming.uid, **values)


def _ask(actor: Actor, incoming: Incoming, values: Values, _seen: int | None) -> Any:
    return actions.ask_expert(actor=actor, uid=incoming.uid, **values)


def _grounds(actor: Actor, incoming: Incoming, posted: Any, **options: Any) -> ActingForm:
    """Return the form of a decision; what screening found is chosen beforehand, with the mildest that is enough."""
    grounds = policy.grounds(actor, incoming.channel_id)
    if posted is None and not options.get("initial"):
        found = {finding.ground for finding in queries.findings_of(actor, incoming)}
        likely = next((ground for ground in grounds if ground.code in found), None)
        options["initial"] = {"ground": likely.code, "kind": likely.first} if likely else {}
    form = forms.ModerateForm(posted, version=incoming.version, grounds=grounds, **options)
    if not policy.decided(actor).get("notify_author_on_removal", True):
        form.fields["notice"].help_text = _(
            "Tomt: inget besked, enligt riktlinjen, om det som lagen vill ha bort. Annars standardtexten för grunden."
        )
    return form


def _seal(actor: Actor, incoming: Incoming, values: Values, _seen: int | None) -> Any:
    return records.seal_item(actor=actor, item=incoming.item, why=values["why"])


QUESTIONS: dict[str, Question] = {
    "tilldela": Question(
        gettext_lazy("Tilldela"), gettext_lazy("Tilldela"), _people, _acting(actions.assign), icon="assign",
        lead=gettext_lazy("Den du väljer får ett brev om det."),
    ),
    "vidare": Question(
        gettext_lazy("Skicka vidare till en annan enhet"), gettext_lazy("Skicka vidare"), _units,
        _acting(actions.pass_on), icon="assign", goes_on=True,
    ),
    "annan-myndighet": Question(
        gettext_lazy("Hör till en annan myndighet"), gettext_lazy("Markera som annan myndighets"),
        _form(forms.OtherAuthorityForm), _acting(actions.pass_to_other_authority), icon="external", goes_on=True,
        lead=gettext_lazy("Här blir den klar. Vill du först tala om det för den som skrev, välj Hänvisa."),
    ),
    "vila": Question(
        gettext_lazy("Låt vila"), gettext_lazy("Låt vila"), _form(forms.SnoozeForm), _snooze, icon="snooze",
        goes_on=True, lead=gettext_lazy("Den kommer tillbaka av sig själv."),
    ),
    "sett": Question(
        gettext_lazy("Vi har sett frågan"), gettext_lazy("Publicera beskedet"),
        _form(forms.AcknowledgeForm, lambda _actor, _incoming: {"text": rules.acknowledgement_text()}),
        _acting(actions.acknowledge), gettext_lazy("Beskedet skickas. Frågan står kvar tills ni har svarat."),
        lead=gettext_lazy("Den som skrev får veta att ni har sett frågan. Den står kvar, och tiden räknas vidare."),
        icon="eye", publishes=True,
    ),
    "hanvisa": Question(
        gettext_lazy("Hänvisa"), gettext_lazy("Publicera hänvisningen"), _form(forms.ReferForm),
        _acting(actions.refer), gettext_lazy("Hänvisningen skickas."),
        lead=gettext_lazy("Ett enskilt ärende hör inte hemma där alla läser. Visa vägen till rätt plats."),
        icon="forward", publishes=True,
    ),
    "registrator": Question(
        gettext_lazy("Till registrator"), gettext_lazy("Lämna till registrator"),
        _form(forms.RegistrarForm, lambda actor, incoming: {"note": queries.suggested_file_note(actor, incoming)}),
        _to_registrar, gettext_lazy("Tråden ligger hos registratorn."), icon="registrar",
        lead=gettext_lazy("Hela tråden lämnas över, till slutet av nästa arbetsdag."),
    ),
    "chef": Question(
        gettext_lazy("Lyft till närmaste chef"), gettext_lazy("Fråga chefen"), _form(forms.EscalateForm),
        _acting(actions.escalate), gettext_lazy("Chefen har fått din fråga. Samtalet syns i tråden."), icon="escalate",
    ),
    "rad": Question(
        gettext_lazy("Be om råd"), gettext_lazy("Fråga kommunikationsavdelningen"), _form(forms.AdviceForm), _advice,
        gettext_lazy("Frågan är skickad. Rådet kommer hit, vid kommentaren."), icon="help",
        lead=gettext_lazy("Kommunikationsavdelningen får ett brev. Du kan svara invånaren under tiden."),
    ),
    "sakkunnig": Question(
        gettext_lazy("Fråga sakkunnig"), gettext_lazy("Skicka frågan"), _form(forms.AskForm), _ask,
        gettext_lazy("Frågan är skickad. Svaret kommer hit som ett underlag."), icon="mail",
        lead=gettext_lazy("En kollega utan konto kan svara bakom en länk."),
    ),
    "eget-svar": Question(
        gettext_lazy("Registrera ett svar du publicerat själv"), gettext_lazy("Registrera svaret"),
        _form(forms.OwnLinkForm), _acting(actions.register_own_link),
        gettext_lazy("Svaret är bevarat och frågan är klar."), icon="link",
        lead=gettext_lazy("Kanalen är inte ansluten. Publicera på plattformen och klistra in svaret här."),
    ),
    "moderera": Question(
        gettext_lazy("Moderera"), gettext_lazy("Besluta"), _grounds, _acting(actions.moderate),
        gettext_lazy("Beslutet är fattat och utförs nu. Du ser hur det går i tråden."), icon="hide",
        lead=gettext_lazy("Kommentaren är bevarad. Välj det mildaste som räcker; det lagen kräver bort görs genast."),
    ),
    "forsegla": Question(
        gettext_lazy("Försegla"), gettext_lazy("Försegla för alla"), _form(forms.ReasonForm), _seal,
        gettext_lazy("Handlingen är förseglad. Ingen ser innehållet."), icon="lock", is_grave=True,
        lead=gettext_lazy(
            "För misstänkt övergreppsmaterial med barn. Innehållet göms genast för alla, också för dig. "
            "Handlingen finns kvar, och det prövas om den ska utplånas."
        ),
    ),
}  # fmt: skip
