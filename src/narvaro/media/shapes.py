"""The shapes that platforms show a picture in, and where a picture is cut to fit one without losing what it shows."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _


class Shape(NamedTuple):
    """A shape to cut to: its name, and how wide and high it is in proportion."""

    name: str
    label: Any
    width: int
    height: int


SHAPES = {
    each.name: each
    for each in (
        Shape("square", _("kvadrat 1:1"), 1, 1),
        Shape("portrait", _("stående 4:5, Instagram och Facebook"), 4, 5),
        Shape("landscape", _("liggande 16:9, Mastodon, Bluesky och X"), 16, 9),
        Shape("link", _("länkkort 1,91:1, Facebook och LinkedIn"), 191, 100),
        Shape("story", _("helskärm 9:16, berättelser"), 9, 16),
    )
}


def label_of(name: str) -> str:
    """Return what a shape is called; "" for the whole picture."""
    return str(SHAPES[name].label) if name in SHAPES else ""


def box_of(width: int, height: int, shape: Shape, focus_x: int, focus_y: int) -> tuple[int, int, int, int]:
    """
    Return the largest part of a picture in a shape, as near as can be around a point: left, top, right, bottom.

    Args:
        width, height: Of the picture, in pixels.
        focus_x, focus_y: The point that must be seen, in hundredths of the picture.
    """
    wide = min(width, max(1, round(height * shape.width / shape.height)))
    high = min(height, max(1, round(width * shape.height / shape.width)))
    left = min(max(round(width * focus_x / 100 - wide / 2), 0), width - wide)
    top = min(max(round(height * focus_y / 100 - high / 2), 0), height - high)
    return left, top, left + wide, top + high
