"""What goes out on Flickr: one picture or one film, with what it shows last in its description."""

from __future__ import annotations

from narvaro.connectors import films
from narvaro.connectors.client import Reply
from narvaro.connectors.flickr.signed import Line
from narvaro.connectors.port import Film, Limits, Outgoing, Visibility

SHOWS, FILM_SHOWS = "Bilden visar: ", "Filmen visar: "
FILM_KINDS = ("video/mp4", "video/quicktime")
LIMITS = Limits(
    60_000, max_pictures=1, max_picture_bytes=200_000_000, max_alt_length=2000, max_film_bytes=1_000_000_000,
    max_film_seconds=600,
)  # fmt: skip
LEAST_BYTES_A_SECOND = 500_000  # what a line is counted on to carry


def unfit(post: Outgoing) -> str:
    """Return why Flickr would not take a post, "" where it would."""
    if post.parent_remote_id:
        return "Ett svar på Flickr har inga bilder." if post.pictures or post.film is not None else ""
    if len(post.pictures) + (post.film is not None) != 1:
        return "Ett inlägg på Flickr är en bild eller en film, varken fler eller färre. Inget är publicerat."
    if not alt(post).strip():
        return "Beskriv vad bilden eller filmen visar. Inget är publicerat."
    try:
        if post.film is not None:
            films.refuse_unfit(post.film, "Flickr", LIMITS, FILM_KINDS)
    except films.CannotBe as no:
        return str(no)
    return "På Flickr går inlägg härifrån ut till alla." if post.visibility == Visibility.PRIVATE else ""


def said(post: Outgoing) -> dict[str, str]:
    """Return what is said of the file: the film's title or the first line, the rest, and what it shows."""
    title, _line, rest = post.text.strip().partition("\n")
    if post.film is not None and post.film.title:
        title, rest = post.film.title, post.text
    shows = SHOWS if post.film is None else FILM_SHOWS
    described = "\n\n".join(each for each in (rest.strip(), f"{shows}{alt(post)}") if each)
    return {"title": title.strip()[:255], "description": described, "is_public": "1", "is_friend": "0",
            "is_family": "0", "safety_level": "1", "content_type": "1", "hidden": "1"}  # fmt: skip


def alt(post: Outgoing) -> str:
    """Return what the one picture or film shows."""
    return post.film.alt if post.film is not None else post.pictures[0].alt


def send_film(line: Line, post: Outgoing, film: Film) -> Reply:
    """Send a film, which is out when it has arrived: once, and read as it is sent."""
    seconds = min(120 + film.size_bytes / LEAST_BYTES_A_SECOND, films.MOST_SECONDS)
    with film.opened() as file:
        return line.upload(file, film.media_type, said(post), seconds)


def whole(post: Outgoing) -> str:
    """Return title and description as they are read back."""
    told = said(post)
    return f"{told['title']}\n\n{told['description']}"
