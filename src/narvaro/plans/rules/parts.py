"""What a plan asks: seven questions on one page, and what unfolds when it is wanted."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from narvaro.plans.types import Part, Section

QUESTIONS = Section("page", _("Planen på en sida"), (
    Part("message", _("Vad vill ni berätta?"),
         _("Till exempel: Vad som händer på biblioteket, och att alla får låna.")),
    Part("audience", _("Vilka vill ni nå?"),
         _("Så smalt ni kan. Till exempel: Föräldrar med barn under tio år i kommundelen.")),
    Part("aim", _("Vad ska ha blivit bättre om ett år?"),
         _("Till exempel: Fler vet att sagostunderna är gratis, och fler kommer.")),
    Part("why_channel", _("Varför just den här kanalen?"),
         _("Är de ni vill nå där? Till exempel: Föräldragrupperna finns redan där och frågar om oss.")),
    Part("evaluate", _("Hur märker ni om det fungerar?"),
         _("Till exempel: Vi räknar anmälningarna och frågar varannan månad var besökarna hörde om oss.")),
    Part("website_enough", _("Varför räcker inte webbplatsen?"),
         _("Räcker den ska ni inte starta. Till exempel: De letar inte där, och de kan inte fråga oss.")),
    Part("website_link", _("Hur hänger webbplatsen och kanalen ihop?"),
         _("Det viktiga står alltid på webbplatsen. Till exempel: Varje inlägg länkar till kalendern.")),
))  # fmt: skip
"""The default plan, and the only part that must be filled in before somebody decides. Law: none; seed 003."""

OPPORTUNITIES = (
    ("near", _("Vi finns där människor redan är")),
    ("dialogue", _("Samtal ger förståelse åt båda håll, och fler är med")),
    ("compete", _("Verksamhet som man väljer fritt blir känd")),
    ("outlook", _("Vi märker vad som rör sig omkring oss")),
    ("seen", _("Fler ser vad vi gör")),
    ("recruit", _("Det blir lättare att hitta nya kollegor")),
    ("help", _("Fler får hjälp, och snabbare")),
    ("goodwill", _("Förtroendet växer")),
    ("groups", _("Vi får kontakt med grupper som vi sällan når")),
    ("peers", _("Vi lär av dem som gör samma sak på andra håll")),
)
RISKS = (
    ("watch", _("Samtalet måste följas, också när det är ont om tid")),
    ("time", _("Det tar mer tid och kraft än vi tror")),
    ("abuse", _("Hot, trakasserier och kränkningar sprids fort")),
    ("trust", _("Vad andra skriver hos oss påverkar vårt anseende")),
    ("benefit", _("Nyttan är svår att se")),
    ("private", _("Gränsen mellan tjänsten och det privata blir otydlig")),
    ("false", _("Någon annan kan ge sig ut för att vara vi")),
    ("skill", _("Den som skriver måste kunna reglerna")),
)
DATA_RISKS = (
    ("judged", _("Människor bedöms eller poängsätts")),
    ("automatic", _("Något avgörs av en maskin och får följder för någon")),
    ("followed", _("Människor följs systematiskt")),
    ("sensitive", _("Känsliga uppgifter hanteras, till exempel om hälsa eller tro")),
    ("many", _("Det gäller många människor eller mycket uppgifter")),
    ("joined", _("Uppgifter från olika håll förs samman")),
    ("weak", _("Det gäller barn eller andra i utsatt läge")),
    ("new", _("Ny teknik används, eller gammal på ett nytt sätt")),
    ("barred", _("Någon kan hindras från att få en tjänst eller använda en rättighet")),
)
LEVELS = (("", _("Inte bedömt")), ("low", _("Måttlig")), ("high", _("Betydande")), ("highest", _("Allvarlig")))
RHYTHMS = (
    ("", _("Inte sagt")), ("1", _("En gång i veckan")), ("2", _("Två gånger i veckan")),
    ("3", _("Tre gånger i veckan")), ("5", _("Varje vardag")), ("7", _("Varje dag")),
)  # fmt: skip
_HARM = _("Hur stor skadan blir om det brister.")

MORE = (
    Section("running", _("Bemanning och svar"), (
        Part("staffing", _("Vem gör vad, och hur mycket tid finns det?"),
             _("Till exempel: Två timmar i veckan för två personer, och bevakning varje vardag.")),
        Part("rhythm", _("Hur ofta kommer det något nytt?"),
             _("Kalendern säger till när det är glesare. Lämna tomt om det varierar."), "choice", RHYTHMS),
        Part("answer_time", _("Hur snabbt svarar ni?"), _("Till exempel: Inom ett dygn på vardagar.")),
        Part("pictures", _("Vad gäller för bilder?"),
             _("Vilka får synas, vem frågar om lov och var sparas det? Barn kräver mest eftertanke."), law="GDPR-8"),
        Part("crisis", _("Vad gör ni med kanalen i en kris?"),
             _("Till exempel: Vi pausar det vanliga och länkar till kommunens startsida.")),
        Part("exit", _("När slutar ni?"), _("Till exempel: Om färre än tio frågor kommer på ett halvår.")),
    )),
    Section("goals", _("Mål som går att mäta"), (
        Part("goals", _("Mål, ett på varje rad"),
             _("Med en siffra i varje. Till exempel: 200 anmälningar till sagostunden före juni."), "lines"),
    )),
    Section("risks", _("Möjligheter och risker"), (
        Part("opportunities", _("Möjligheter ni ser"), "", "choices", OPPORTUNITIES),
        Part("risks", _("Risker ni ser"), "", "choices", RISKS),
        Part("measures", _("Vad gör ni åt riskerna?"),
             _("Till exempel: Kommentarsregler, två som delar på bevakningen, stängt för kommentarer på natten.")),
    )),
    Section("security", _("Personuppgifter och säkerhet"), (
        Part("data_risks", _("Vad stämmer in på kanalen?"),
             _("Stämmer två eller fler behövs oftast en konsekvensbedömning innan ni börjar."), "choices", DATA_RISKS),
        Part("assessment", _("Konsekvensbedömning"), _("Var den finns, eller varför den inte behövs.")),
        Part("confidentiality", _("Konfidentialitet: om fel person ser något"), _HARM, "choice", LEVELS, "SEC-1"),
        Part("correctness", _("Riktighet: om något är fel eller förvanskat"), _HARM, "choice", LEVELS, "SEC-1"),
        Part("availability", _("Tillgänglighet: om kanalen är borta"), _HARM, "choice", LEVELS, "SEC-1"),
        Part("transfer", _("Uppgifter utanför EU och EES"),
             _("Vart uppgifterna går och på vilken grund. Vad som är känt om plattformen står på kanalens sida."),
             law="GDPR-10"),
    )),
    Section("recusal", _("Jäv"), (
        Part("recusal", _("Har någon ett eget intresse i saken?"),
             _("Till exempel: Enhetschefens syskon driver byrån som gör bilderna. Då beslutar någon annan."),
             law="FL-8"),
    )),
)  # fmt: skip
"""What unfolds when it is wanted; none of it is asked for before a decision."""

SECTIONS = (QUESTIONS, *MORE)
PARTS = {part.key: part for section in SECTIONS for part in section.parts}
"""Every field of a plan by its key, in reading order."""

MANY = ("lines", "choices")
"""Kinds of fields whose answer is a list."""
