"""
What patterns alone cannot tell about a text of our own: how it is built, and what goes out with it.

These detectors read the text as it was written, since case, emoji and addresses are what they look at. What is
wrong with a picture, or missing altogether, has no place in the text: its span is (0, 0).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

from .finding import Context, Severity, Tone

Detected = tuple[int, int, Severity | None]
_NOWHERE: Detected = (0, 0, None)

# --- Hashtags --------------------------------------------------------------------------------------------------------

_TAG = re.compile(r"(?<![\w&/#])#([^\W_][\w]{1,59})")
_AFTER_TAG = re.compile(r" ([a-zåäö]{2,30})\b")
_JOINED_TAG = re.compile(r"-[a-zåäö]{2,30}\b")
# Endings of Swedish place names; no list of places is ever complete.
_PLACE = re.compile(
    r"[a-zåäöé]{2,16}(?:köping|borg|sund|hamn|holm|torp|arp|ryd|inge|tuna|fors|lund|näs|dal|älv|vik|stad|sala|ås|lösa"
    r"|bro|hult|mark|by|kulla|rike|sjö|berg|lanna|mora|vall|värn|backa|bo|skrona|marn|krona|holmen)s?"
)
# Those that call themselves "stad"; Halmstad and Kristianstad are one word.
_CITIES = {
    "stockholm", "göteborg", "malmö", "helsingborg", "solna", "sundbyberg", "borås", "landskrona", "trollhättan",
    "lidingö", "västerås", "umeå", "skövde", "haparanda", "mölndal", "kiruna", "gävle", "lund", "mariestad", "visby",
}  # fmt: skip
# What may stand before "kommun" or "stad" in one and the same word.
_KINDS_OF_SEAT = {
    "hem", "grann", "bostads", "skärgårds", "landsbygds", "kultur", "cykel", "pendlar", "småorts", "kust", "stor",
    "små", "huvud", "hanse", "trädgårds", "vistelse", "värd", "pilot", "i", "eko", "sam", "gruv", "inlands", "när",
    "universitets", "skol", "idrotts", "turist", "glesbygds", "bruks", "bo", "min", "sekel", "ur", "inner",
    "grön", "världs", "fästnings", "sjö", "hamn", "mini", "sten",
}  # fmt: skip


_BEFORE_PLACES = {"region", "bibliotek", "biblioteket", "kommun", "centrum"}
_NEVER_LAST = {"er", "en", "ett", "de", "den", "i", "att", "som", "och", "är"}  # "tid-er" is no two words
_PARTICLES = {
    "om", "in", "ut", "av", "på", "för", "till", "med", "över", "under", "upp", "från", "mot", "efter", "vid", "mellan",
    "runt", "genom", "an", "hem", "bort", "fram",
}  # fmt: skip


@cache
def _tag_words() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Return adjectives, loose words and nouns."""
    parts: list[set[str]] = []
    for line in (files(__package__) / "rules" / "hashtag_words.txt").read_text("utf-8").splitlines():
        if line.startswith("# part:"):
            parts.append(set())
        elif not line.startswith("#"):
            parts[-1].update(line.split())
    adjectives, loose, nouns = (frozenset(part) for part in parts)
    return adjectives, loose, nouns


def hashtags(text: str, context: Context) -> Iterator[Detected]:
    """
    Find hashtags of several words without a capital for each, and tags cut off by a space or a hyphen.

    A screen reader reads "#LedigaJobb" as two words and "#ledigajobb" as none. Law: DOS-2
    """
    del context
    for tag in _TAG.finditer(text):
        body = tag.group(1)
        if _wants_capitals(body):
            yield tag.start(), tag.end(), None
        elif cut := _cut_off(text, tag):
            yield tag.start(), cut, None


def _wants_capitals(body: str) -> bool:
    groups = tag_words(body)
    at, places = 0, []
    for group in groups[:-1]:
        at += len(group)
        places.append(at)
    if not places:
        return False
    lacks = [at for at in places if not body[at].isupper() and not body[at].isdigit()]
    return bool(lacks) or body.isupper()


def _cut_off(text: str, tag: re.Match[str]) -> int:
    """Return where the words of a tag that was broken by a space or a hyphen end, or 0."""
    adjectives, _, nouns = _tag_words()
    if _JOINED_TAG.match(text, tag.end()) and tag.group(1).lower() in adjectives:
        joined = _JOINED_TAG.match(text, tag.end())
        return joined.end() if joined else 0
    before = text[: tag.start()].rstrip()
    if before and before[-1].isalpha() and "\n" not in text[len(before) : tag.start()]:
        return 0  # in the middle of a sentence: "en #hållbar kommun"
    after = _AFTER_TAG.match(text, tag.end())
    if after and tag.group(1).lower() in adjectives and after.group(1) in nouns:
        return after.end()
    return 0


def tag_words(body: str) -> list[str]:
    """
    Return the words of a hashtag as they should be told apart, compounds whole; one word when that is unknown.

    `body` is the tag without its sign, in any case. The words, joined, are `body` in lower case.
    """
    body = body.lower()
    core = body.rstrip("0123456789")
    groups = _of_a_seat(core)
    if not groups:
        joined: list[list[str]] = []
        for word in _split(core) or [core]:
            if len(joined) == 1 and joined[0] == [first := joined[0][0]] and _may_begin_a_compound(first, word):
                joined[0].append(word)
            elif joined and _joins(joined[-1][-1], word):
                joined[-1].append(word)
            else:
                joined.append([word])
        groups = ["".join(words) for words in joined]
    return [*groups[:-1], groups[-1] + body[len(core) :]]


def _of_a_seat(core: str) -> list[str]:
    """Return a place with its "kommun" or "stad" apart, a compound such as "hemkommun" whole, or []."""
    adjectives, loose, nouns = _tag_words()
    for seat in ("kommun", "kommunen", "stad"):
        name = core.removesuffix(seat)
        if name == core or len(name) < 3:
            continue
        if name in _KINDS_OF_SEAT:
            return [core]
        known = name.rstrip("s") in nouns or name in adjectives or name in loose
        is_place = seat != "stad" or name.rstrip("s") in _CITIES or bool(_PLACE.fullmatch(name))
        if name.isalpha() and not known and is_place and len(_split(name) or [name]) == 1:
            return [name, seat]
    return []


def _may_begin_a_compound(before: str, after: str) -> bool:
    """Tell of "om" before "bygge" that they may be one word, and of "för" before "framtiden" that they are not."""
    _, _, nouns = _tag_words()
    return before in _PARTICLES and after in nouns and not _is_definite(after)


def _joins(before: str, after: str) -> bool:
    """Tell whether two neighbours may be one compound: neither stands apart, and the first is in no definite form."""
    adjectives, loose, nouns = _tag_words()
    stem = before.removesuffix("s")
    if before in adjectives or before in loose or after in adjectives or after in loose:
        return False
    if not (before in nouns or stem in nouns) or not (after in nouns or after.removesuffix("s") in nouns):
        return False
    return not _is_definite(stem)


def _is_definite(noun: str) -> bool:
    _, _, nouns = _tag_words()
    return any(noun.endswith(end) and noun.removesuffix(end) in nouns for end in ("en", "et", "n", "na", "erna"))


def _split(core: str) -> list[str] | None:
    """Return the fewest known words that make up `core`, or None. Places cost more than words."""
    adjectives, loose, nouns = _tag_words()
    best: list[tuple[float, list[str]] | None] = [None] * (len(core) + 1)
    best[0] = (0.0, [])
    for end in range(1, len(core) + 1):
        for start in range(max(0, end - 22), end):
            so_far = best[start]
            word = core[start:end]
            if so_far is None:
                continue
            if word in nouns or word in adjectives:
                cost = 1.0
            elif word in loose:
                cost = 1.2 if len(word) > 2 else 1.4
            elif word.removesuffix("s") in nouns and len(word) > 3:
                cost = 1.3
            elif len(word) >= 5 and _PLACE.fullmatch(word):
                cost = 1.5 * len(word)
            else:
                continue
            reached = best[end]
            if reached is None or so_far[0] + cost < reached[0]:
                best[end] = (so_far[0] + cost, [*so_far[1], word])
    whole = best[len(core)]
    if (
        not whole
        or not whole[1]
        or whole[1][-1] in _NEVER_LAST
        or any(_is_doubtful_place(whole[1], at) for at in range(len(whole[1])))
    ):
        return None
    return whole[1]


def _is_doubtful_place(words: list[str], at: int) -> bool:
    """Tell whether a part that only looks like a place stands where no place would."""
    adjectives, loose, nouns = _tag_words()
    if words[at] in adjectives or words[at] in loose or words[at] in nouns or words[at].removesuffix("s") in nouns:
        return False
    if at == len(words) - 1:
        before = words[at - 1]
        stands_apart = before in {"i", "på"} or len(before) > 2
        return at == 0 or not stands_apart or (before in nouns and before not in _BEFORE_PLACES)
    return (at > 0 and words[at - 1] not in {"i", "på"}) or words[at + 1] not in loose or len(words[at + 1]) < 3


def in_camel_case(tag: str) -> str:
    """Return a hashtag with a capital for each of its words: "#ledigajobb" gives "#LedigaJobb"."""
    parts = re.split(r"[ -]", tag.removeprefix("#"))
    return "#" + "".join(word[:1].upper() + word[1:] for part in parts for word in tag_words(part))


# --- Emoji -----------------------------------------------------------------------------------------------------------

_EMOJI = re.compile(
    "(?:[\U0001f1e6-\U0001f1ff]{2}|[0-9#*]\ufe0f?\u20e3"
    "|[\u231a-\u23ff\u2600-\u27bf\u2b00-\u2bff\u3030\u303d\U0001f000-\U0001faff]"
    "[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
    "(?:\u200d[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff][\ufe0f\U0001f3fb-\U0001f3ff]*)*)"
)
_WORD = re.compile(r"[^\W_]+")
_MOST_IN_A_ROW = {Tone.FORMAL: 2, Tone.NEUTRAL: 3, Tone.RELAXED: 5}
_MOST_IN_ALL = {Tone.FORMAL: 4, Tone.NEUTRAL: 8, Tone.RELAXED: 15}


def emoji_walls(text: str, context: Context) -> Iterator[Detected]:
    """
    Find more emoji than one listens through: in a row, in all, or nearly as many as the words.

    What is too many follows the channel's tone. A combined emoji (a family, a flag) counts once. Law: DOS-2
    """
    found = [(match.start(), match.end()) for match in _EMOJI.finditer(text)]
    if len(found) <= _MOST_IN_A_ROW[Tone.FORMAL]:
        return
    most = _MOST_IN_A_ROW[context.tone]
    row = 1
    for number, (start, _) in enumerate(found[1:], start=1):
        between = text[found[number - 1][1] : start]
        row = row + 1 if not between.strip(" \n\t!.,") else 1
        if row > most:
            last = number
            while last + 1 < len(found) and not text[found[last][1] : found[last + 1][0]].strip(" \n\t!.,"):
                last += 1
            yield found[number - most][0], found[last][1], None
            return
    words = sum(1 for _ in _WORD.finditer(text))
    is_crowded = len(found) > most and words < 2 * len(found)
    if is_crowded or len(found) > _MOST_IN_ALL[context.tone]:
        yield found[0][0], found[-1][1], None


# --- Links -----------------------------------------------------------------------------------------------------------

_LINK = re.compile(
    r"(?<![\w@/.])(?:https?://|www\.)[^\s<>\"']+|(?<![\w@/.-])(?:[\w-]+\.)+[a-z]{2,12}/[^\s<>\"']*", re.I
)
_SHORTENERS = {
    "bit.ly", "bitly.com", "tinyurl.com", "t.co", "goo.gl", "ow.ly", "buff.ly", "lnkd.in", "fb.me", "is.gd", "tiny.cc",
    "rb.gy", "shorturl.at", "cutt.ly", "t.ly", "kutt.it", "short.io", "s.id", "rebrand.ly", "snip.ly", "dlvr.it",
    "trib.al", "hubs.ly", "hubs.la", "spr.ly", "flic.kr", "wp.me", "g.co", "1drv.ms", "forms.gle", "msft.it",
    "amzn.to", "q-r.to", "aka.ms", "adobe.ly", "bl.ink", "v.gd", "x.gd", "u.nu", "kort.li", "shorte.st", "soo.gd",
    "clck.ru", "j.mp", "qr.ae", "l.ead.me", "shrt.se", "lnk.to", "smarturl.it", "mailchi.mp", "eepurl.com", "urlz.fr",
    "tiny.one", "tinyurl.se", "shor.by", "tr.ee", "korta.nu", "dub.sh", "dub.co", "sh.st", "ift.tt", "po.st", "gg.gg",
}  # fmt: skip
_CODE = re.compile(r"/(?=[A-Za-z0-9]*(?:\d|[a-z][A-Z]))[A-Za-z0-9]{4,10}")
_LONG = 60  # characters
_TRACKED = re.compile(r"[?&](?:utm_\w+|fbclid|gclid|mc_cid|igshid)=|\?[^#\s]{20,}|%[0-9a-f]{2}[^%]*%[0-9a-f]{2}", re.I)


def shortened_links(text: str, context: Context) -> Iterator[Detected]:
    """Find links whose address does not tell where they lead. Our own domains may be short. Law: DOS-2"""
    for start, end, link in _links(text):
        try:
            address = urlsplit(link if "//" in link else f"//{link}")
        except ValueError:  # half a bracket where the host should be
            continue
        host = (address.netloc or "").lower().removeprefix("www.")
        if any(host == own or host.endswith(f".{own}") for own in context.own_domains):
            continue
        is_known = host in _SHORTENERS or host.endswith((".goo.gl", ".page.link"))
        if (is_known and address.path.strip("/")) or (len(host) <= 7 and _CODE.fullmatch(address.path)):
            yield start, end, None


def long_links(text: str, context: Context) -> Iterator[Detected]:
    """Find bare addresses so long that nobody wants to hear them read. Law: DOS-2"""
    del context
    for start, end, link in _links(text):
        if len(link) >= _LONG or (_TRACKED.search(link) and len(link) >= _LONG // 2):
            yield start, end, None


# Words around a link that say nothing of what it leads to.
_POINTING = {
    "läs", "läser", "mer", "mera", "här", "hit", "klicka", "klick", "tryck", "länk", "länken", "länkar", "länkarna",
    "se", "kolla", "titta", "info", "information", "på", "via", "till", "i", "om", "det", "den", "detta", "denna",
    "nedan", "webb", "webben", "webbplats", "webbplatsen", "hemsida", "hemsidan", "vår", "våra", "oss", "hos", "gå",
    "in", "och", "allt", "finns", "du", "hittar", "hej", "tack", "svar", "svaret", "ja", "nej", "följ", "adress",
    "adressen", "sida", "sidan", "www", "url", "obs", "nytt", "ny", "nya", "besök", "även", "också", "eller", "är",
    "snälla", "gärna", "för", "att", "länkat", "källa", "read", "more", "click", "here", "link", "vidare",
}  # fmt: skip
_NAMED = re.compile(r"[#@][\w.@-]+")


def bare_links(text: str, context: Context) -> Iterator[Detected]:
    """
    Find addresses that stand without a word of what they lead to: alone, or several in a row.

    What the rest of a text speaks of tells where its only link leads. Law: DOS-2
    """
    del context
    links = list(_links(text))
    if not links:
        return
    if not _tells(text, links):
        yield from ((start, end, None) for start, end, _ in links)
        return
    told = ""  # by the line before, where no link stands
    upcoming = deque(links) if len(links) > 1 else deque()
    for line in re.finditer(r"[^\n]*\S[^\n]*", text) if upcoming else ():
        within = []
        while upcoming and upcoming[0][0] < line.end():
            within.append(upcoming.popleft())
        if within and not told and not _tells(text, within, line.start(), line.end()):
            yield from ((start, end, None) for start, end, _ in within)
        told = "" if within else line.group()


def _tells(text: str, links: Sequence[tuple[int, int, str]], start: int = 0, end: int | None = None) -> bool:
    """Tell whether there are words from `start` to `end`, beside the links there, that say something."""
    beside, last = [], start
    for begins, ends, _ in links:
        beside.append(text[last:begins])
        last = ends
    beside.append(text[last:end])
    words = _WORD.findall(_NAMED.sub(" ", " ".join(beside)).casefold())
    return any(word not in _POINTING and not word.isdigit() for word in words)


def _links(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _LINK.finditer(text):
        link = match.group().rstrip(".,;:!?)]}»”…")
        if text[max(0, match.start() - 2) : match.start()] == "](":
            continue  # the address behind a text, where the platform shows only the text
        yield match.start(), match.start() + len(link), link


# --- Pictures --------------------------------------------------------------------------------------------------------

_FILE = re.compile(
    r".*\.(?:jpe?g|png|gif|webp|heic|tiff?|bmp|svg|pdf|mp4|mov|avif)"
    r"|(?:img|dsc[nf]?|pict?|p|image|photo|foto|bild|screenshot|skärmbild|skärmavbild|skärmklipp|scan|sc|file|fil|unnamed"
    r"|untitled|namnlös|download|whatsapp image|snapchat|received|dji|gopr|pxl|mvimg|vid|design|layout|canva|original"
    r"|kopia av|final|version|slide|sida|post|inlägg|banner|header|instagram|facebook|fb|insta)"
    r"[ _.()\-]*(?:utan titel|namnlös|[\d_\-.() ]*)(?:(?:kl|at|copy|kopia|final|\d|[ _.:()\-])*)"
    r"|[0-9a-f]{8}-[0-9a-f-]{20,30}|[\d _.,:()x\-]+|[0-9a-f]{12,40}",
    re.IGNORECASE,
)
_EMPTY_WORDS = {
    "bild", "bilden", "bilder", "bildtext", "foto", "fotot", "foton", "fotografi", "fotografiet", "illustration",
    "illustrationen", "grafik", "grafiken", "diagram", "diagrammet", "karta", "kartan", "affisch", "affischen",
    "poster", "flyer", "logga", "loggan", "logo", "logotyp", "logotypen", "banner", "omslagsbild", "omslag",
    "profilbild", "gruppbild", "porträtt", "skärmbild", "skärmdump", "film", "video", "filmklipp", "animation", "gif",
    "ikon", "symbol", "picture", "image", "photo", "graphic", "alt", "alttext", "alternativtext", "alternativ",
    "beskrivning", "bildbeskrivning", "ingen", "saknas", "test", "todo", "xxx", "xx", "asdf", "hej", "text", "texten",
    "innehåll", "fil", "bifogad", "bilaga", "dekorativ", "dekor", "infografik", "collage", "kollage", "montage",
    "figur", "rubrik", "titel", "namn", "okänd", "info", "information", "inbjudan", "erbjudande", "kampanj", "inlägg",
    "puff", "person", "personer", "människor", "folk", "en", "ett", "på", "av", "i", "med", "och", "den", "det",
    "som", "visar", "här", "är", "från", "vår", "vårt", "ny", "nya", "fin", "fina", "snygg", "vacker", "se", "ovan",
    "nedan", "till", "för", "inlägget", "inläggstexten", "ovanför", "läs", "a", "b", "c", "x", "oss", "dig", "alla",
    "design", "canva", "mall", "utkast",
}  # fmt: skip
_FOR_CREDIT = re.compile(
    r"\b(?:foto|foton|fotograf|fotografi|bild|bilder|bilden|illustration|illustratör|illustrationer|grafik|film|filmare"
    r"|filmad av|fotad av|tecknad av|ritad av|photo|credit|källa|arkiv)\b ?(?:av)? ?[:/©]|[©📷📸]|\((?:c|foto)[) :]"
    r"|\b(?:fotograferad|fotad|fotograf|illustrerad|ritad|tecknad|filmad|bilden är tagen|bilden togs)"
    r" (?:av )?(?-i:[A-ZÅÄÖ])",
    re.IGNORECASE,
)
_SIGNIFICANT = re.compile(r"[^\W_]{4,}|\d+(?:[.:]\d\d)?")


def alternative_missing(text: str, context: Context) -> Iterator[Detected]:
    """Find pictures without alternative text, unless somebody said that they only decorate. Law: DOS-2"""
    del text
    for picture in context.pictures:
        if not picture.is_decorative and not picture.alternative.strip():
            yield _NOWHERE


def alternative_poor(text: str, context: Context) -> Iterator[Detected]:
    """Find alternative texts that say nothing: "bild", a file name, an address, the whole post again. Law: DOS-2"""
    for picture in context.pictures:
        if not picture.is_decorative and (written := picture.alternative.strip()) and _says_nothing(written, text):
            yield _NOWHERE


def _says_nothing(written: str, text: str) -> bool:
    plain = written.casefold().strip(" .,!?:;-–*\"'()[]")
    if len(plain) < 3 or _FILE.fullmatch(plain) or _LINK.fullmatch(plain):
        return True
    if len(plain) >= 30 and plain == text.casefold().strip(" .,!?:;-–*\"'()[]"):
        return True
    words = [word for word in _WORD.findall(re.sub(r"[#@]\w+", " ", plain)) if not word.isdigit()]
    return all(word in _EMPTY_WORDS for word in words)


def text_only_in_picture(text: str, context: Context) -> Iterator[Detected]:
    """Find pictures with words that stand neither in the text nor in the alternative text. Law: DOS-2"""
    for picture in context.pictures:
        shown = {word.casefold() for word in _SIGNIFICANT.findall(picture.text_in_picture)}
        told = f"{text} {picture.alternative}".casefold().replace(".", ":")
        missing = [word for word in shown if word.replace(".", ":") not in told and word[:6] not in told]
        if len(shown) >= 3 and len(missing) * 3 > len(shown):
            yield _NOWHERE


def credit_missing(text: str, context: Context) -> Iterator[Detected]:
    """Find pictures whose maker is told nowhere, in channels that tell it. Law: URL-1"""
    if not context.needs_credit:
        return
    for picture in context.pictures:
        if not picture.credit.strip() and not _FOR_CREDIT.search(f"{text}\n{picture.alternative}"):
            yield _NOWHERE


# --- Language and sender ---------------------------------------------------------------------------------------------

_LEFT_OUT = re.compile(r"https?://\S+|www\.\S+|[#@]\w+")
_FEWEST_WORDS = 25  # of fewer, the index says nothing
_SENTENCE_END = re.compile(r"[.!?:](?=\s|$)|\n+")
_LETTERS = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")


def hard_to_read(text: str, context: Context) -> Iterator[Detected]:
    """Find texts whose readability index is above the authority's own limit. Law: SL-1"""
    if context.lix_limit is not None and (index := lix(text)) is not None and index > context.lix_limit:
        yield 0, len(text.rstrip()), None


def lix(text: str) -> int | None:
    """
    Return the readability index LIX: words a sentence, plus how many of a hundred words have over six letters.

    Addresses, tags and emoji are no words; a line of its own is a sentence. None for a text of under 25 words.
    """
    plain = _LEFT_OUT.sub(" ", text)
    words = _LETTERS.findall(plain)
    if len(words) < _FEWEST_WORDS:
        return None
    sentences = sum(1 for part in _SENTENCE_END.split(plain) if _LETTERS.search(part))
    return round(len(words) / max(1, sentences) + 100 * sum(len(word) > 6 for word in words) / len(words))


_ANY_SENDER = re.compile(
    r"\b(?:[A-ZÅÄÖ][\w-]+ (?:kommun|stad|kommuns|stads)|[Rr]egion [A-ZÅÄÖ]\w+|[A-ZÅÄÖ]\w+(?:verket|myndigheten)"
    r"|[Ll]änsstyrelsen i [A-ZÅÄÖ]\w+|[A-ZÅÄÖ]\w+s (?:bibliotek|simhall|museum|räddningstjänst|kommunarkiv))\b"
)


def no_sender(text: str, context: Context) -> Iterator[Detected]:
    """Find texts that do not say which authority speaks, where the channel's profile does not show it. Law: BBS-2"""
    if context.sender_shown or not text.strip():
        return
    read = re.sub(r"\W+", " ", text.casefold())
    names = [re.sub(r"\W+", " ", name.casefold()).strip() for name in context.sender_names]
    if any(
        re.search(rf"(?<!\w){re.escape(name)}s?(?!\w)|{re.escape(name.replace(' ', ''))}", read)
        for name in names
        if name
    ):
        return
    if names or not _ANY_SENDER.search(text):
        yield _NOWHERE


OUTGOING_DETECTORS: dict[str, Callable[[str, Context], Iterator[Detected]]] = {
    "hashtags": hashtags,
    "emoji_walls": emoji_walls,
    "shortened_links": shortened_links,
    "long_links": long_links,
    "bare_links": bare_links,
    "alternative_missing": alternative_missing,
    "alternative_poor": alternative_poor,
    "text_only_in_picture": text_only_in_picture,
    "credit_missing": credit_missing,
    "hard_to_read": hard_to_read,
    "no_sender": no_sender,
}
