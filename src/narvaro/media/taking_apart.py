"""
The process that reads one uploaded film, and writes it anew without what it tells about its maker.

Run by itself, never imported by the pages: a film is a hostile file and its reader is large. It gets a path, a folder
to write in and how large the film may be, limits itself, and says what it found as one line of JSON. Nothing of Närvaro
but this module is loaded here: no settings, no database, no keys.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from pathlib import Path
from typing import Any

MEMORY_BYTES = 2 << 30
PROCESSOR_SECONDS = 60
OPEN_FILES = 32
MOST_PIXELS = 8192 * 4320
MOST_FRAMES = 240  # decoded in search of one to show
THUMB_SIDE, COVER_SIDE = 480, 1280
POSTER_AT_SECONDS = 1.0

# What a film begins with → the one reader that may be tried, and what is written. Never a playlist, which names others.
FORMS = {"mp4": ("mov", "mp4", "video/mp4"), "webm": ("matroska", "webm", "video/webm")}
PLAYED = {"mp4": ({"h264"}, {"aac"}), "webm": ({"vp8", "vp9", "av1"}, {"opus", "vorbis"})}


class Unfit(Exception):
    """The film cannot be used; the argument is a word for why."""


def main(source: str, folder: str, most_bytes: str) -> int:
    """Take one film apart; the answer is on stdout."""
    _limit(int(most_bytes))
    try:
        found = taken_apart(Path(source), Path(folder))
    except Unfit as why:
        found = {"unfit": str(why)}
    except Exception as error:  # what a hostile file makes of its reader: any error means that it cannot be read
        found = {"unfit": "unreadable", "error": type(error).__name__}
    sys.stdout.write(json.dumps(found))
    return 0


def taken_apart(source: Path, folder: Path) -> dict[str, Any]:
    """
    Write a film, a cover and a thumb to a folder; return what is known of the film.

    Raises:
        Unfit: It is no film, or one that is not played everywhere.
    """
    import av  # noqa: PLC0415 - after the limits are set

    kind = _kind(source)
    reader, writer, media_type = FORMS[kind]
    only_files = {"protocol_whitelist": "file"}
    with av.open(str(source), format=reader, options=only_files, metadata_errors="ignore") as film:
        pictures = [each for each in film.streams.video if not _is_cover(each)]
        if not pictures:
            raise Unfit("no_video")
        video, sounds = pictures[0], list(film.streams.audio)
        audio = sounds[0] if sounds else None
        is_played, is_heard = PLAYED[kind]
        if video.codec.canonical_name not in is_played or (audio and audio.codec.canonical_name not in is_heard):
            raise Unfit("codec")
        if not 0 < video.width * video.height <= MOST_PIXELS:
            raise Unfit("size")
        copied = [each for each in (video, audio) if each is not None]
        seconds = _copied(av, film, copied, folder / "film", writer)
        if seconds <= 0:
            raise Unfit("empty")
    with av.open(str(source), format=reader, options=only_files, metadata_errors="ignore") as film:
        stream = next(each for each in film.streams.video if not _is_cover(each))
        width, height = _pictured(film, stream, seconds, folder)
    return {
        "media_type": media_type, "seconds": seconds, "width": width, "height": height,
        "has_sound": audio is not None,
    }  # fmt: skip


def _copied(av: Any, film: Any, streams: list[Any], path: Path, writer: str) -> float:
    """Copy streams, and nothing else, packet by packet; return how long the film is."""
    options = {"fflags": "+bitexact"} | ({"movflags": "+faststart"} if writer == "mp4" else {})
    ends_at = 0.0
    with av.open(str(path), "w", format=writer, options=options) as out:
        placed = {each.index: out.add_stream_from_template(each) for each in streams}
        for each in placed.values():
            each.metadata.clear()
        for packet in film.demux(streams):
            if packet.dts is None:
                continue
            if packet.pts is not None:
                ends_at = max(ends_at, float((packet.pts + (packet.duration or 0)) * packet.time_base))
            packet.stream = placed[packet.stream.index]
            out.mux(packet)
    return ends_at


def _pictured(film: Any, stream: Any, seconds: float, folder: Path) -> tuple[int, int]:
    """Write a cover and a thumb of a frame near the beginning; return the film's width and height as people see it."""
    stream.codec_context.thread_count = 1
    wanted = min(POSTER_AT_SECONDS, seconds / 2)
    shown = None
    for number, frame in enumerate(film.decode(stream)):
        shown = frame
        if number >= MOST_FRAMES or (frame.time is not None and frame.time >= wanted):
            break
    if shown is None:
        raise Unfit("no_video")
    turned = int(shown.rotation) % 360
    picture = shown.to_image()
    if turned:
        picture = picture.rotate(turned, expand=True)
    ratio = stream.sample_aspect_ratio
    size: tuple[int, int] = picture.size
    if ratio and ratio > 0 and ratio != 1 and not turned % 180:
        size = (max(1, round(picture.width * ratio)), picture.height)
        picture = picture.resize(size)
    for name, side, form in (("cover", COVER_SIDE, "JPEG"), ("thumb", THUMB_SIDE, "WEBP")):
        small = picture.convert("RGB")
        small.thumbnail((side, side))
        out = io.BytesIO()
        small.save(out, form, quality=80)
        (folder / name).write_bytes(out.getvalue())
    return size


def _is_cover(stream: Any) -> bool:
    """Whether a stream is a picture that was put in the file, not the film."""
    return bool(stream.disposition & stream.disposition.__class__.attached_pic)


def _kind(source: Path) -> str:
    with source.open("rb") as file:
        head = file.read(12)
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "webm"
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "mp4"
    raise Unfit("form")


def _limit(most_bytes: int) -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_NOFILE, OPEN_FILES), (resource.RLIMIT_FSIZE, most_bytes + (16 << 20)),
        (resource.RLIMIT_CORE, 0),
    ):  # fmt: skip
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
