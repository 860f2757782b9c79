"""
An authority's own colours, made readable.

Colours come from settings that people fill in. They are checked first (`problems_of`), and the style sheet made of
them (`theme_css`) holds only shades with enough contrast, in light and in dark, whatever was filled in.

Law: DOS-1 (accessible digital public service); contrast as in WCAG 2.2, 1.4.3 and 1.4.11.
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Callable

from django.utils.translation import gettext as _

TEXT_CONTRAST = 4.5
"""Least contrast of text against its ground (WCAG 2.2, 1.4.3)."""

SHAPE_CONTRAST = 3.0
"""Least contrast of a line or shape that carries meaning (WCAG 2.2, 1.4.11)."""

# The grounds of narvaro.css that coloured text stands on. A test compares them with the style sheet.
LIGHT_GROUNDS = ("#ffffff", "#f6f5f1", "#efede7")
DARK_GROUNDS = ("#1b2125", "#13181b", "#0f1315", "#242b30")

_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})", re.ASCII | re.IGNORECASE)
_STEPS = 200
_Rgb = tuple[float, float, float]


def contrast_ratio(first: str, second: str) -> float:
    """
    Return the contrast between two colours, 1.0 to 21.0, the same in either order.

    Args:
        first, second: Colours as #rgb or #rrggbb.

    Raises:
        ValueError: One of them is not such a colour.

    Law: none; the formula is WCAG 2.2's.
    """
    lighter, darker = sorted((_luminance(_rgb(first)), _luminance(_rgb(second))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def problems_of(field: str, colour: str) -> list[str]:
    """
    Return what is wrong with a colour of an authority, as sentences for the one who chose it; [] is a yes, as "" is.

    The primary colour (`primary_colour`) carries white text on buttons and is the colour of links on white: at least
    4.5:1. The accent (`accent_colour`) is a line and a mark: at least 3:1. A refusal names the nearest shade that does.

    Law: DOS-1
    """
    if not colour:
        return []
    if field == "accent_colour":
        return _problems(colour, SHAPE_CONTRAST, _("linjer och märken"))
    return _problems(colour, TEXT_CONTRAST, _("text på knappar och länkar"))


def theme_css(primary: str, accent: str = "") -> str:
    """
    Return a style sheet that gives the kit an authority's colours, for light and dark.

    Shades are derived: text and links have at least 4.5:1 on every ground of the kit, also when the given colour
    has not.

    Args:
        primary: Colour of buttons, links and what is chosen, as #rgb or #rrggbb; the kit's own if empty.
        accent: Colour of the line on top and the mark; the primary colour if empty.

    Raises:
        ValueError: One of them is not such a colour.

    Law: DOS-1
    """
    if not primary:
        light, dark = _declared(accent=_light_mark(accent)), _declared(accent=_dark_mark(accent))
    else:
        light, dark = _light(primary, accent or primary), _dark(primary, accent or primary)
    return (
        f":root {{ {light} }}\n"
        f'@media (prefers-color-scheme: dark) {{ :root:not([data-theme="light"]) {{ {dark} }} }}\n'
        f':root[data-theme="dark"] {{ {dark} }}\n'
    )


def _problems(colour: str, least: float, meaning: str) -> list[str]:
    if not _HEX.fullmatch(colour):
        sentence = _("“%(colour)s” är ingen färg. Skriv den som # och sex tecken, till exempel #14596b.")
        return [sentence % {"colour": colour[:40]}]
    ratio = contrast_ratio(colour, "#ffffff")
    if ratio >= least:
        return []
    sentence = _(
        "Färgen %(colour)s har kontrasten %(ratio)s mot vitt, och %(meaning)s behöver minst %(least)s. "
        "Närmaste nyans som fungerar är %(nearest)s."
    )
    nearest = _darker_until(colour, lambda shade: contrast_ratio(shade, "#ffffff") >= least)
    return [
        sentence
        % {"colour": colour, "ratio": _words(ratio), "meaning": meaning, "least": _words(least), "nearest": nearest}
    ]


def _light(primary: str, accent: str) -> str:
    soft = _mix(_hex(_rgb(primary)), "#ffffff", 0.11)
    grounds = (*LIGHT_GROUNDS, soft)
    main = _darker_until(primary, lambda shade: _reads_on(shade, ("#ffffff", LIGHT_GROUNDS[1])))
    link = _darker_until(primary, lambda shade: _reads_on(shade, grounds))
    hover = _darker_until(_mix(main, "#000000", 0.8), lambda shade: _reads_on(shade, grounds))
    return _declared(
        primary=main, primary_hover=hover, primary_soft=soft, primary_line=_mix(main, "#ffffff", 0.45),
        on_primary="#ffffff", link=link, accent=_light_mark(accent),
    )  # fmt: skip


def _light_mark(accent: str) -> str:
    return _darker_until(accent, lambda shade: contrast_ratio(shade, LIGHT_GROUNDS[1]) >= SHAPE_CONTRAST)


def _dark(primary: str, accent: str) -> str:
    # A shade at least this light is calm on a dark ground, where 4.5 alone still looks murky.
    calm = 6.5
    main = _lighter_until(primary, lambda shade: contrast_ratio(shade, DARK_GROUNDS[0]) >= calm)
    soft = _mix(main, DARK_GROUNDS[0], 0.16)
    grounds = (*DARK_GROUNDS, soft)
    link = _lighter_until(main, lambda shade: _reads_on(shade, grounds))
    hover = _lighter_until(_mix(main, "#ffffff", 0.72), lambda shade: _reads_on(shade, grounds))
    on_main = _darker_until(_mix(main, "#000000", 0.14), lambda shade: _reads_on(shade, (main, hover)))
    return _declared(
        primary=main, primary_hover=hover, primary_soft=soft, primary_line=_mix(main, DARK_GROUNDS[0], 0.5),
        on_primary=on_main, link=link, accent=_dark_mark(accent),
    )  # fmt: skip


def _dark_mark(accent: str) -> str:
    return _lighter_until(accent, lambda shade: contrast_ratio(shade, DARK_GROUNDS[1]) >= SHAPE_CONTRAST)


def _declared(**shades: str) -> str:
    return " ".join(f"--n-{name.replace('_', '-')}: {shade};" for name, shade in shades.items())


def _reads_on(colour: str, grounds: tuple[str, ...]) -> bool:
    return all(contrast_ratio(colour, ground) >= TEXT_CONTRAST for ground in grounds)


def _darker_until(colour: str, holds: Callable[[str], bool]) -> str:
    return _shaded(colour, holds, towards=0.0)


def _lighter_until(colour: str, holds: Callable[[str], bool]) -> str:
    return _shaded(colour, holds, towards=1.0)


def _shaded(colour: str, holds: Callable[[str], bool], towards: float) -> str:
    """Return the nearest shade of the same hue, going towards black or white, for which `holds` is true."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_rgb(colour))
    for step in range(_STEPS + 1):
        shade = _hex(colorsys.hls_to_rgb(hue, lightness + (towards - lightness) * step / _STEPS, saturation))
        if holds(shade):
            return shade
    return "#ffffff" if towards else "#000000"


def _mix(colour: str, ground: str, share: float) -> str:
    """Return `share` (0 to 1) of the colour on the ground."""
    pairs = zip(_rgb(colour), _rgb(ground), strict=True)
    red, green, blue = (share * over + (1 - share) * under for over, under in pairs)
    return _hex((red, green, blue))


def _luminance(rgb: _Rgb) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb)
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def _rgb(colour: str) -> _Rgb:
    if not _HEX.fullmatch(colour):
        raise ValueError("A colour is written as #rgb or #rrggbb.")
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    return int(digits[:2], 16) / 255, int(digits[2:4], 16) / 255, int(digits[4:], 16) / 255


def _hex(rgb: _Rgb) -> str:
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, part))):02x}" for part in rgb)


def _words(ratio: float) -> str:
    # Rounded down: 4.49 is not 4,5.
    return f"{int(ratio * 10) / 10:.1f}:1".replace(".", ",")
