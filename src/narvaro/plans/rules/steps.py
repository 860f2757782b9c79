"""The two checklists, as steps that are ticked by whoever does them, in any order and on any day."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from narvaro.plans.types import Routine, Step

START = (
    Step("purpose", _("Uppdraget är tydligt"), _("Syfte, tid och pengar står i planen, och någon har ansvar för teknik "
         "och säkerhet."), "SM-02"),
    Step("oversight", _("Bevakningen är ordnad"), _("Ni vet vem som läser kommentarer och hur ofta."), "BBS-3"),
    Step("archive", _("Bevarande och gallring är beslutade"), _("Arkivet vet om kanalen, och det finns ett beslut om "
         "vad som får gallras."), "ARK-4"),
    Step("terms", _("Villkoren är lästa"), _("Plattformens villkor, och vad de betyder för er och för dem som skriver "
         "där."), "GDPR-2"),
    Step("internal", _("Ni är överens på arbetsplatsen"), _("Vilka som skriver för er, och vad som är tjänst och vad "
         "som är privat."), "TF-13"),
    Step("public", _("Handlingar lämnas ut på begäran"), _("De som svarar vet att inlägg och kommentarer är allmänna "
         "handlingar och vart en begäran går."), "TF-8"),
    Step("cases", _("Enskilda ärenden har en annan väg"), _("Ni visar vart man vänder sig, och vet vad ni gör när "
         "någon ändå skriver om sitt ärende."), "FL-3"),
    Step("about", _("Om-texten säger vilka ni är"), _("Myndighet, syfte, när ni är där, var ni annars nås och att "
         "det som skrivs blir allmän handling."), "BBS-2"),
    Step("rules", _("Kommentarsreglerna är länkade"), _("Vad man inte får skriva och vad ni gör då: dölja, ta bort, "
         "blockera."), "BBS-8", "policy:rules"),
    Step("security", _("Kontot är säkert"), _("Funktionsbrevlåda, tvåstegsinloggning och minst två som kan styra "
         "det."), "SEC-2"),
    Step("privacy", _("Besökare får veta om personuppgifter och kakor"), _("En länk till sidan om hur ni behandlar "
         "personuppgifter, och till plattformens."), "GDPR-12"),
    Step("website", _("Kontot står på webbplatsen"), _("Webbplatsen pekar på kontot, och kontot på webbplatsen."),
         "OD-6"),
)  # fmt: skip

CLOSE = (
    Step("announce", _("Berätta för följarna"), _("Säg i god tid när ni slutar och var ni finns i stället."), "FL-3"),
    Step("answer", _("Svara klart"), _("Det som väntar på svar får svar, eller blir ett ärende någon annanstans."),
         "FL-2", "inbox:inbox"),
    Step("export", _("Ta ut det sista och en ögonblicksbild"), _("Allt ska vara läst in innan kontot låses."),
         "ARK-12", "records:exports"),
    Step("register", _("Diarieför beslutet"), _("Beslutet och planen hör till samma ärende."), "SM-02"),
    Step("tokens", _("Ta bort appar och nycklar"), _("På plattformen: de appar som får skriva, och de personer som "
         "inte ska kunna det mer."), "SEC-2"),
    Step("name", _("Lås namnet eller ta bort kontot"), _("Så att ingen annan kan skriva i ert namn."), "SEC-2"),
    Step("website", _("Rätta webbplatsen och förteckningen"), _("Kontot tas bort från listor, skyltar och "
         "visitkort."), "OD-4"),
)  # fmt: skip

ROUTINES = {Routine.START: START, Routine.CLOSE: CLOSE}
"""The steps of each checklist, in the order that they are best done."""
