"""A small film for tests: drawn frames and a tone, saying where it was taken. For tests only."""

from __future__ import annotations

import io
import math
from array import array
from functools import cache
from typing import Any

import av
from PIL import Image


@cache
def a_film_file(
    *, seconds: int = 2, form: str = "mp4", sound: bool = True, place: str = "+59.3293+018.0686/",
    size: tuple[int, int] = (64, 48),
) -> bytes:  # fmt: skip
    """Return a film of drawn frames with a tone, which says where it was taken."""
    out = io.BytesIO()
    codecs = {"mp4": ("libx264", "aac"), "webm": ("libvpx", "libopus"), "avi": ("mpeg4", "mp3")}[form]
    options = {"movflags": "use_metadata_tags"} if form == "mp4" else {}
    with av.open(out, "w", format=form, options=options) as film:
        if place:
            film.metadata.update({"location": place, "comment": "Kameran i fickan"})
        video: Any = film.add_stream(codecs[0], rate=10)
        video.width, video.height = size
        video.pix_fmt = "yuv420p"
        audio: Any = film.add_stream(codecs[1], rate=48000, layout="mono") if sound else None
        frame_of: Any = av.VideoFrame.from_image
        for number in range(10 * seconds):
            drawn = Image.new("RGB", size, "#14596b")
            drawn.paste("#f2c94c", (number % size[0], 10, number % size[0] + 8, 20))
            film.mux(video.encode(frame_of(drawn)))
        film.mux(video.encode(None))
        if audio is not None:
            _hummed(film, audio, seconds)
    return out.getvalue()


def _hummed(film: Any, audio: Any, seconds: int) -> None:
    per_frame = audio.codec_context.frame_size or 960
    wave = array("h", (round(8000 * math.sin(at / 20)) for at in range(per_frame)))
    for number in range(48000 * seconds // per_frame):
        frame = av.AudioFrame(format="s16", layout="mono", samples=per_frame)
        frame.planes[0].update(wave.tobytes())
        frame.sample_rate, frame.pts = 48000, number * per_frame
        film.mux(audio.encode(frame))
    film.mux(audio.encode(None))
