"""Plans to begin from, one a kind of unit: whoever starts changes what is not so, instead of facing an empty page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Beginning:
    """
    A plan to begin from.

    Its answers are in Swedish whoever asks: the plan is a record of the authority (SL-1).
    """

    key: str
    label: Any
    answers: Mapping[str, Any]


BEGINNINGS = tuple(
    Beginning(key, label, MappingProxyType(answers))
    for key, label, answers in (
        ("bibliotek", _("Bibliotek"), {
            "message": "Biblioteket är öppet för alla, kostar inget och har mer än böcker: sagostunder, datorer, "
            "läxhjälp och någon att fråga.",
            "audience": "Föräldrar med barn under tio år, och unga som inte längre lånar.",
            "aim": "Fler vet vad som händer på biblioteket, och fler som sällan kommer hittar hit.",
            "why_channel": "Föräldrarna samtalar redan där om vad man kan göra med barnen, och de frågar hellre där än "
            "i telefon.",
            "evaluate": "Vi räknar dem som kommer till det vi har berättat om, och frågar var de hörde om det.",
            "website_enough": "Kalendern på webbplatsen läses av dem som redan vet att vi finns. De andra når vi inte "
            "där.",
            "website_link": "Allt som har en tid står först i kalendern på webbplatsen. Inläggen länkar dit.",
            "staffing": "Två bibliotekarier delar på två timmar i veckan. Den som har informationsdisken läser "
            "kommentarer varje vardag.",
            "answer_time": "Inom ett dygn på vardagar. Frågor om lån besvaras i biblioteket eller i telefon.",
            "pictures": "Miljöer, böcker och händer går bra. Besökare syns bara om de har sagt ja, och barn bara om "
            "vårdnadshavarna har sagt ja.",
            "crisis": "Det vanliga pausas. Vi länkar till kommunens startsida och svarar på om biblioteket är öppet.",
            "exit": "Om färre än tio personer om året frågar något, eller om ingen längre har tid i schemat.",
            "goals": ["200 barn på sagostunderna per halvår", "Svar inom 24 timmar på 9 av 10 frågor"],
            "opportunities": ["near", "dialogue", "seen", "groups"],
            "risks": ["watch", "time", "private"],
            "measures": "Två delar på ansvaret, och kommentarsreglerna är länkade. Låntagares uppgifter nämns aldrig.",
        }),
        ("forskola", _("Förskola"), {
            "message": "Hur en dag hos oss ser ut, vad barnen lär sig genom leken och hur man söker plats.",
            "audience": "Familjer som ska välja förskola, och de som funderar på att arbeta hos oss.",
            "aim": "Familjer vet vad de väljer, och fler söker våra lediga tjänster.",
            "why_channel": "Familjer jämför förskolor där. Vårdnadshavare till barn som redan går hos oss når vi i "
            "lärplattformen, inte här.",
            "evaluate": "Vi frågar nya familjer vad de hade sett om oss, och räknar dem som söker våra tjänster.",
            "website_enough": "Webbplatsen svarar på hur man ansöker, men visar inte hur det är hos oss.",
            "website_link": "Ansökan, öppettider och kontakt finns bara på webbplatsen, och inläggen länkar dit.",
            "staffing": "Rektor svarar för kanalen. En pedagog och en ersättare har en timme var i veckan.",
            "answer_time": "Inom ett dygn på vardagar. Frågor om ett enskilt barn tas alltid någon annanstans.",
            "pictures": "Inga barn som går att känna igen: miljöer, skapande, händer och ryggar utan namn. Inget som "
            "avslöjar när ett visst barn är på plats.",
            "crisis": "Kanalen pausas. Vårdnadshavare får besked i lärplattformen och i telefon.",
            "exit": "Om bilderna inte går att göra utan barn, eller om ingen har tid att läsa kommentarer.",
            "goals": ["5 studiebesök per termin som nämner kanalen", "0 bilder där ett barn går att känna igen"],
            "opportunities": ["seen", "recruit", "goodwill"],
            "risks": ["watch", "private", "skill"],
            "measures": "Två par ögon på varje bild innan den publiceras. Kommentarer om enskilda barn döljs genast "
            "och bevaras.",
            "data_risks": ["weak"],
        }),
        ("raddning", _("Räddningstjänst"), {
            "message": "Vad som har hänt, vad vi gör, och hur man själv undviker brand, olyckor och drunkning.",
            "audience": "De som bor, arbetar och reser i området, och de som funderar på att bli deltidsbrandmän.",
            "aim": "Färre bostadsbränder, snabbare besked vid olyckor och fler som söker deltid.",
            "why_channel": "Rykten om larm sprids där på några minuter. Är vi där först blir de färre.",
            "evaluate": "Vi jämför antalet bränder i bostäder, frågor under larm och sökande med året före.",
            "website_enough": "Den som ser rök söker inte upp vår webbplats, och den uppdateras inte under ett larm.",
            "website_link": "Råd och regler står på webbplatsen. Vid stora händelser pekar vi på kommunens startsida "
            "och på Krisinformation.",
            "staffing": "Vakthavande befäl får skriva under larm. I vardagen svarar två på förebyggande avdelningen.",
            "answer_time": "Under larm när det går, annars inom ett dygn på vardagar. Nödläge: ring 112, vi larmas "
            "aldrig här.",
            "pictures": "Inga personer, registreringsskyltar eller adresser från olyckor. Inget innan anhöriga har "
            "fått veta.",
            "crisis": "Kanalen är en av flera. Kommunikationsavdelningen leder, inläggen är korta och pekar på "
            "startsidan.",
            "exit": "Aldrig under ett larm. Vi ser över om ingen längre kan skriva utanför kontorstid.",
            "goals": ["Besked inom 30 minuter vid större larm", "10 procent färre bostadsbränder på 3 år"],
            "opportunities": ["near", "recruit", "help", "goodwill"],
            "risks": ["watch", "abuse", "false", "skill"],
            "measures": "Kontot länkas från webbplatsen och kontrolleras varje vecka. Om-texten säger att ingen larmas "
            "här.",
        }),
        ("museum", _("Museum"), {
            "message": "Föremålen och berättelserna, utställningarna som är nya, och att samlingarna är allas.",
            "audience": "De som är nyfikna på trakten men sällan besöker museum, och skolor som planerar besök.",
            "aim": "Fler besöker utställningarna, och fler berättar för oss vad de vet om föremålen.",
            "why_channel": "Där får vi svar på vad bilder och föremål visar. Ingen annan plats ger oss så många "
            "vittnen.",
            "evaluate": "Vi räknar uppgifter som förs in i samlingarna och skolbesök, och frågar besökarna.",
            "website_enough": "På webbplatsen kan man söka i samlingarna, men man kan inte berätta något för oss.",
            "website_link": "Varje föremål har sin sida på webbplatsen, och inlägget länkar till den.",
            "staffing": "Två antikvarier delar på tre timmar i veckan. Intendenten är ansvarig.",
            "answer_time": "Inom två dagar på vardagar. Uppgifter om föremål bekräftas med källa.",
            "pictures": "Fotografens namn anges alltid. Bilder som andra äger publiceras bara med lov.",
            "crisis": "Det vanliga pausas, och vi länkar till kommunens startsida.",
            "exit": "Om inga nya uppgifter har kommit på ett år.",
            "goals": ["50 nya uppgifter om föremål per år", "20 bokade skolbesök per termin"],
            "opportunities": ["dialogue", "compete", "seen", "peers"],
            "risks": ["time", "trust", "benefit"],
            "measures": "Upphovsrätten kontrolleras före varje bild. Uppgifter från andra märks som obekräftade.",
        }),
    )
)  # fmt: skip
"""The kinds of units there is a beginning for, in the order they are offered."""
