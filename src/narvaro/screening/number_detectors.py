"""
Numbers and names with an inner order that patterns cannot test: accounts, cards, plates, home addresses.

A detector reads the folded text and yields (start, end, severity), severity None for the rule's own. Each of
them walks the text once; what surrounds a candidate is looked at in a window of fixed width.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from .finding import Context, Severity

Detected = tuple[int, int, Severity | None]

_BEFORE, _AFTER = 48, 32  # characters around a number that may say what it is

# Runs of digits with at most one or two signs between them; what is inside is told apart afterwards.
_RUN = re.compile(r"\d(?:[ .\-]{0,2}\d)*")
_GROUP = re.compile(r"\d+")
_REFERENCE = re.compile(
    r"\b(?:ocr|faktura\w*|fakt|ärende\w*|arende\w*|dnr|diarie\w*|ref|referens\w*|orgnr|org\.? ?nr"
    r"|organisationsn\w*|kundn\w*|kund ?nr|order\w*|paket\w*|kolli\w*|spårning\w*|serien\w*|isbn|ean|streckkod\w*"
    r"|mätar\w*|lånekort\w*|lånekorts\w*|bibliotekskort\w*|anläggnings?\w*|fastighets?\w*"
    r"|abonnemang\w*)[ :.#]{0,3}(?:nummer|nr|id)?\W{0,4}$"
)

# ISO 7812: who issues which first digits, and how long the numbers then are.
_CARDS = (
    (re.compile(r"4"), {13, 16, 19}),
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), {16}),
    (re.compile(r"3[47]"), {15}),
    (re.compile(r"3(?:0[0-5]|6|8|9)"), {14, 16}),
    (re.compile(r"35|6011|64[4-9]|65|62"), {16}),
    (re.compile(r"5018|5020|5038|5893|6304|6759|676[1-3]"), {16, 18, 19}),
)

# Length of an IBAN by country.
_IBAN_LENGTHS = {
    "se": 24, "no": 15, "dk": 18, "fi": 18, "is": 26, "de": 22, "pl": 28, "ee": 20, "lv": 21, "lt": 20, "gb": 22,
    "ie": 22, "nl": 18, "be": 16, "fr": 27, "es": 24, "pt": 25, "it": 27, "at": 20, "ch": 21, "cz": 24, "sk": 24,
    "hu": 28, "ro": 24, "bg": 22, "hr": 21, "si": 19, "gr": 27, "cy": 28, "mt": 31, "lu": 20, "tr": 26, "ba": 20,
    "rs": 22, "mk": 19, "al": 28, "me": 22, "xk": 20, "ua": 29, "ae": 23, "sa": 24, "lb": 28, "jo": 30, "il": 23,
}  # fmt: skip
_IBAN = re.compile(r"(?<![a-z0-9åäö])[a-z]{2} ?\d{2}(?=[ -]?[a-z0-9]{4})")

_ACCOUNT_WORD = re.compile(
    r"\b(?:(?:bank|person|löne|lone|spar|privat|plus|swish)?konto(?:t|nr|nummer|numret|n)?|clearing\w*|cl\.? ?nr"
    r"|clnr|bank ?uppgifter\w*|account|acc ?no|swedbank|handelsbanken|shb|seb|nordea|sparbanken|danske bank"
    r"|skandia\w*|länsförsäkringar|lansforsakringar|ica[ -]banken|icabanken|lf bank|sbab|avanza|nordnet"
    r"|resurs bank|marginalen|forex bank)\b"
)
_GIRO_WORD = re.compile(r"\b(?:bankgiro\w*|plusgiro\w*|postgiro\w*|bg|pg)(?:[ -]?(?:nr|nummer))?\W{0,4}(?:är |e )?$")
# RE2 source; matches wherever one of the two above does, and now and then elsewhere.
ACCOUNT_HINT = (
    r"konto|clearing|cl\.? ?nr|bank|account|acc ?no|shb|seb|nordea|skandia|f[öo]rs[äa]kringar|sbab|avanza|nordnet"
    r"|marginalen|giro|(?:^|[^a-z0-9åäö])[bp]g"
)
# An account number is public when it belongs to an organisation that asks for money.
_ORGANISATION = re.compile(
    r"\b(?:kommunens|kommunen|stadens|regionens|föreningens?|förening|klubben|klubbens|fonden|\w{2,20}fonden"
    r"|insamling\w*|stiftelse\w*|svenska kyrkan|församlingen|röda korset|rädda barnen|unicef|ert|er|eran"
    r"|faktura\w*|ocr|företag\w*|bolag\w*|ab|hyresvärd\w*)\b"
)
_DATE = re.compile(r"(?:19|20)\d\d[-.]?(?:0[1-9]|1[0-2])[-.]?(?:0[1-9]|[12]\d|3[01])")
_CALL = re.compile(r"\b(?:ring|tel|telefon|mobil|sms|nås|swish|swisha)\w{0,3}\b[^.!?\n]{0,12}$")
_PHONE = re.compile(r"0\d(?:[ .\-]{0,2}\d){6,9}")

_PLATE = re.compile(
    r"(?<![a-zåäö0-9])([a-hj-pr-uw-z]{3})([ -]?)(\d{2}[0-9a-hj-npr-uw-z])(?![a-zåäö0-9])", re.IGNORECASE
)
_VOWELS = set("AEIOUY")
_PLATE_WORD = re.compile(
    r"\b(?:reg|regnr|reg-nr|reg\.nr|regnumret|regnummer|registrering\w*|nummerplåt\w*|nummerskylt\w*|regskylt\w*"
    r"|plåt\w*)\b"
)
_VEHICLE = re.compile(
    r"\b(?:\w{0,12}bil|\w{0,12}bilen|bilar|bilens|bilägar\w*|\w{0,8}moped\w*|epa\w*|a-traktor\w*|mc|motorcykel\w*"
    r"|skåpbil\w*|husbil\w*|husvagn\w*|släp\w*|lastbil\w*|taxi\w*|skoter\w*|volvo\w*|saab\w*|bmw\w*|audi\w*"
    r"|mercedes|merca|toyota|tesla\w*|golf|passat|vw|volkswagen|kia|skoda|renault|peugeot|ford|opel|nissan|mazda"
    r"|hyundai|v70|xc60|xc90|seat|fiat|citroen|parkera\w*|felparkera\w*|kör\w{0,3}|körde|fortkör\w*|förare\w*"
    r"|föraren|smitare\w*|smet|smitit|ägar\w*|fordon\w*|ratten|krock\w*|skyltar\w*)\b"
)
# Three-letter words and units that stand before numbers; with a space between they are no plate.
_NO_PLATE = {
    "age", "alla", "apr", "are", "aret", "att", "aug", "bla", "bor", "bur", "bus", "ca.", "cfu", "cm2", "dag", "dar",
    "dec", "dem", "den", "det", "dkk", "dnr", "doc", "dog", "dom", "ett", "eur", "feb", "fem", "for", "fre", "gar",
    "gas", "gbp", "ger", "ges", "gor", "han", "har", "hej", "hon", "hur", "jan", "jpg", "jul", "jun", "kan", "kap",
    "kls", "kmh", "kom", "kop", "kor", "kwh", "lan", "lar", "las", "lat", "lgh", "log", "lor", "maj", "mal", "man",
    "mar", "mat", "max", "mbit", "med", "men", "mer", "min", "mkr", "mon", "mot", "mp3", "nar", "nat", "ned", "nej",
    "ner", "nio", "nok", "not", "nov", "nrs", "nu.", "nya", "och", "ocr", "oct", "okt", "olk", "ons", "par", "pdf",
    "per", "pga", "plan", "pris", "rad", "ram", "ref", "rum", "run", "sek", "sen", "sep", "ser", "set", "sex", "sid",
    "sju", "ska", "sms", "som", "son", "st.", "tel", "tio", "tis", "tog", "top", "tor", "tre", "tur", "tva", "typ",
    "upp", "usb", "usd", "utan", "ute", "vad", "van", "var", "zon",
}  # fmt: skip

_STREET = re.compile(
    r"(?<![a-zåäö])((?:(?:norra|södra|sodra|östra|ostra|västra|vastra|stora|lilla|gamla|nya|övre|ovre|nedre|n|s|ö"
    r"|v)[ .]{1,2})?[a-zåäö]{2,24}(?:s )?(?:gatan|gata|vägen|vagen|väg|vag|gränd|gränden|grand|stigen|stig|allén"
    r"|allen|backen|backe|torget|torg|platsen|plan|gården|garden|svängen|svangen|ringen|slingan|leden|liden"
    r"|stråket|kroken|höjden|hojden|g|v)) ?(\d{1,3}) ?([a-h](?![a-zåäö]))?(?![\d:%])"
)
_STREET_NAMES = {"hemvägen", "tillvägen", "halvvägen"}
_LIVES = re.compile(
    r"\b(?:bor|bodde|bott|boende|flyttat|flyttade|flytta hem|\w{0,8}adress\w{0,3}|adr|hemma|hem till|hem åt|hemåt"
    r"|hemifrån|granne|grannen|grannar|grannarna|familjen|hos mig|hos oss|hos honom|hos henne|kom till mig"
    r"|kom över|skicka\w{0,2}|posta|brevet till|hennes|hans|deras|heter|mvh|hälsningar|vh|mitt hus|min lägenhet"
    r"|min bostad|vårt hus|vår lägenhet|min villa|vår villa|vår tomt|min tomt|vår uppfart|min uppfart|vår brevlåda"
    r"|min brevlåda|vår bostad|ägaren|hyresgäst\w*|hushåll\w*|kvinnan|mannen|killen|tjejen|gubben|tanten|damen"
    r"|snubben|han|hon|hen|min mamma|min pappa|min mormor|min farmor|min syster|min bror|jag finns|vi finns"
    r"|jag sitter|ring på|hälsa på|lämna paketet|hämta hos)\b"
)
_LIVES_AFTER = re.compile(
    r"^[ ,.]{0,3}(?:(?:lgh|lägenhet|lag|vån|port)\b|(?:s-?)?\d{3} ?\d{2}\b|bor\b|där (?:jag|vi|han|hon|min|mina)\b"
    r"|(?:är|e) (?:min|vår|hans|hennes|deras) |hemma hos|heter )"
)
_PUBLIC_PLACE = re.compile(
    r"\b(?:utanför|mittemot|korsningen|vid|intill|bredvid|biblioteket|badhuset|skolan|förskolan|kontoret|affären"
    r"|butiken|kommunhuset|mottagningen|caféet|restaurangen|lokalen|möte|mötet|träff|invigning|öppnar|ligger"
    r"|håller till|återvinningen|hållplatsen|hållplats|parkeringen|lekplatsen|museet|kyrkan|gymmet|huset|lampan"
    r"|lyktstolpen|gropen|hålet)\b[^.!?\n]{0,16}$"
)


def street_addresses(text: str, context: Context) -> Iterator[Detected]:
    """Find street and number where the words around say that somebody lives there. Law: GDPR-1."""
    del context
    for match in _STREET.finditer(text):
        start, end = match.span()
        street = match.group(1)
        if street in _STREET_NAMES or not match.group(2).strip("0"):
            continue
        before, after = text[max(0, start - _BEFORE) : start], text[end : end + _AFTER]
        is_public = bool(_PUBLIC_PLACE.search(before))
        if _LIVES_AFTER.match(after) or (_LIVES.search(before) and not is_public):
            yield start, end, None


def bank_accounts(text: str, context: Context) -> Iterator[Detected]:
    """Find account numbers with their clearing number, bankgiro and plusgiro; not those that ask for gifts."""
    del context
    for run in _RUN.finditer(text):
        start, end = run.span()
        digits = sum(map(str.isdigit, run.group()))
        if not 6 <= digits <= 16 or _is_joined(text, start, end):
            continue
        before, after = text[max(0, start - _BEFORE) : start], text[end : end + _AFTER]
        if _REFERENCE.search(before):
            continue
        if _DATE.fullmatch(run.group()):
            continue
        if _PHONE.fullmatch(run.group()) and (_CALL.search(before) or not _ACCOUNT_WORD.search(before[-18:])):
            continue
        is_account = digits >= 7 and bool(_ACCOUNT_WORD.search(before) or _ACCOUNT_WORD.search(after[:20]))
        is_account = is_account and not _ORGANISATION.search(before) and not _is_amount(run.group(), after)
        is_giro = bool(_GIRO_WORD.search(before)) and _is_giro(run.group())
        if is_account or (is_giro and not _ORGANISATION.search(before + after)):
            yield start, end, None


def ibans(text: str, context: Context) -> Iterator[Detected]:
    """Find international account numbers whose check digits are right (ISO 13616)."""
    del context
    for match in _IBAN.finditer(text):
        start = match.start()
        wanted = _IBAN_LENGTHS.get(text[start : start + 2], 0)
        end = start
        taken: list[str] = []
        while end < len(text) and len(taken) < wanted:
            sign = text[end]
            if sign.isascii() and sign.isalnum():
                taken.append(sign)
            elif sign not in " -":
                break
            end += 1
        if wanted and len(taken) == wanted and not text[end : end + 1].isalnum() and _is_iban("".join(taken)):
            yield start, end, None


def payment_cards(text: str, context: Context) -> Iterator[Detected]:
    """Find payment card numbers: an issuer's first digits, its length, and a right check digit (ISO 7812)."""
    del context
    for run in _RUN.finditer(text):
        if run.end() - run.start() < 13 or _is_joined(text, *run.span()):
            continue
        groups = [(group.start(), group.end()) for group in _GROUP.finditer(text, *run.span())]
        behind = 0
        for first, (start, _) in enumerate(groups):
            if start < behind or text[start] not in "23456":
                continue
            digits, lengths = "", set[int]()
            for begins, end in groups[first : first + 19]:
                digits += text[begins : min(end, begins + 20)]
                if len(digits) > 19:
                    break
                if len(digits) >= 13 and not lengths:
                    lengths = _card_lengths(digits)
                    if not lengths:
                        break
                if len(digits) in lengths and len(set(digits)) > 1 and _luhn(digits):
                    behind = end
                    if not _REFERENCE.search(text[max(0, start - _BEFORE) : start]):
                        yield start, end, None
                    break


def registration_plates(text: str, context: Context) -> Iterator[Detected]:
    """
    Find Swedish registration plates: in capitals by themselves, else where the words around speak of a vehicle.

    Reads the text as written.
    """
    del context
    for match in _PLATE.finditer(text):
        start, end = match.span()
        letters, between, _ = match.groups()
        before, after = text[max(0, start - 60) : start].lower(), text[end : end + 60].lower()
        is_other = letters.lower() in _NO_PLATE or bool(_REFERENCE.search(before))
        is_near = any(words.search(side) for words in (_VEHICLE, _PLATE_WORD) for side in (before, after))
        stands_out = letters.isupper() and not between and not _VOWELS & set(letters)
        if _PLATE_WORD.search(before[-24:]) or (not is_other and (is_near or stands_out)):
            yield start, end, None


def _is_joined(text: str, start: int, end: int) -> bool:
    """Tell whether the digits are part of something longer: a word, a sum, a web address."""
    return (
        text[start - 1 : start].isalnum()
        or text[start - 1 : start] in {"/", "=", "+", "_"}
        or (text[end : end + 1].isalnum())
    )


def _is_amount(written: str, after: str) -> bool:
    return bool(re.fullmatch(r"\d{1,3}(?:[ .]\d{3})+", written)) and bool(
        re.match(r" ?(?:kr|kronor|:-|sek|euro)", after)
    )


def _is_giro(written: str) -> bool:
    """Bankgiro has 7–8 digits, plusgiro 2–8, both with a check digit; 90 accounts are for collections."""
    digits = "".join(filter(str.isdigit, written))
    return 6 <= len(digits) <= 8 and not digits.startswith("90") and _luhn(digits)


def _card_lengths(digits: str) -> set[int]:
    """Return how long the numbers are of whoever issues numbers that begin so."""
    return set().union(*(lengths for issuer, lengths in _CARDS if issuer.match(digits)))


def _is_iban(signs: str) -> bool:
    return int("".join(str(int(sign, 36)) for sign in signs[4:] + signs[:4])) % 97 == 1


def _luhn(digits: str) -> bool:
    doubled = (2 * int(digit) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(two // 10 + two % 10 for two in doubled)) % 10 == 0


NUMBER_DETECTORS: dict[str, Callable[[str, Context], Iterator[Detected]]] = {
    "street_addresses": street_addresses,
    "bank_accounts": bank_accounts,
    "ibans": ibans,
    "payment_cards": payment_cards,
}
# These read the text as it was written.
PLATE_DETECTORS: dict[str, Callable[[str, Context], Iterator[Detected]]] = {"registration_plates": registration_plates}
