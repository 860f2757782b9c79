"""
The readable part of an evidence package: what `package.typ` shows, as a document that can be kept for long.

The exact text stands beside it in a file of its own. Why it is laid out and not photographed: docs/adr/0014.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from narvaro.formats import pdf

WIDEST_MM, HIGHEST_MM = 90.0, 120.0
LONGEST_SIDE = 1000  # pixels of a picture in the document; the medium itself is in the package, whole
MAX_PIXELS = 80_000_000


def render(values: Mapping[str, Any], pictures: Mapping[str, bytes], *, at: datetime) -> bytes:
    """
    Return the document as PDF. The same values give the same bytes.

    Args:
        values: What `package.typ` shows.
        pictures: JPEG or PNG by the name that the values give.
        at: When the package was made; stands in the file as its time.

    Raises:
        typst.TypstError: It cannot be set as PDF/A; nothing else is made instead.
    """
    template = (files("narvaro.moderation") / "package.typ").read_bytes()
    return pdf.render(template, values, pictures, at=at)


def small_picture(content: bytes) -> tuple[bytes, float] | None:
    """Return a picture as JPEG small enough for the document, and its width there in mm; None for what is none."""
    try:
        with Image.open(io.BytesIO(content)) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                return None
            opened.load()
            turned = ImageOps.exif_transpose(opened) or opened
            flat = Image.new("RGB", turned.size, "white")
            layered = turned.convert("RGBA")
            flat.paste(layered, mask=layered.getchannel("A"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    flat.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    made = io.BytesIO()
    flat.save(made, "JPEG", quality=82)
    return made.getvalue(), round(min(WIDEST_MM, HIGHEST_MM * flat.width / flat.height), 2)
