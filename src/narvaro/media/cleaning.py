"""What an uploaded picture becomes before it is kept: upright, without metadata, with a small copy to look at."""

from __future__ import annotations

import io
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from narvaro.core.forms.pictures import MAX_BYTES
from narvaro.core.types import Invalid
from narvaro.media import scan

MAX_PIXELS = 50_000_000
MAX_SIDE = 20_000
THUMB_SIDE = 480
TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_PLAIN_MODES = {"JPEG": ("L", "RGB"), "PNG": ("1", "L", "LA", "RGB", "RGBA", "I;16"), "WEBP": ("RGB", "RGBA")}


@dataclass(frozen=True, slots=True)
class Clean:
    """A picture as it is kept: nothing in it tells where or with what it was taken."""

    content: bytes
    media_type: str
    width: int
    height: int
    thumb: bytes


def cleaned(content: bytes) -> Clean:
    """
    Return a picture without position and camera data, upright as its maker held it, in the colours of the web.

    Raises:
        Invalid: Too large, malicious, or not a picture we can read.

    Law: GDPR-10
    """
    if len(content) > MAX_BYTES:
        raise Invalid(_("Bilden är för stor. Minska den till under 8 MB."), field="picture")
    scan.refuse_infected(content)
    try:
        with Image.open(io.BytesIO(content)) as opened:
            form = opened.format or ""
            is_wide = max(opened.size) > MAX_SIDE or opened.width * opened.height > MAX_PIXELS
            if form not in TYPES or is_wide:
                raise Invalid(_("Bilden ska vara JPEG, PNG eller WebP, och högst 50 megapixel."), field="picture")
            # The orientation stands in the metadata: it is obeyed before they are taken away.
            upright = _plain(ImageOps.exif_transpose(opened), form)
        return Clean(saved(upright, form), TYPES[form], *upright.size, thumb=small(upright))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise Invalid(_("Filen går inte att läsa som en bild."), field="picture") from None


def opened_plain(content: bytes) -> tuple[Image.Image, str]:
    """Return a picture that we have kept ourselves, and its format, to cut from."""
    with Image.open(io.BytesIO(content)) as opened:
        opened.load()
        return opened.copy(), opened.format or "JPEG"


def saved(picture: Image.Image, form: str) -> bytes:
    """Return the bytes of a picture that carries nothing but itself."""
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    out = io.BytesIO()
    bare.save(out, form, quality=90)
    return out.getvalue()


def small(picture: Image.Image) -> bytes:
    """Return a small copy to look at in a list, as WebP."""
    copy = picture.convert("RGBA" if "A" in picture.mode else "RGB")
    copy.thumbnail((THUMB_SIDE, THUMB_SIDE))
    out = io.BytesIO()
    copy.save(out, "WEBP", quality=75)
    return out.getvalue()


def _plain(picture: Image.Image, form: str) -> Image.Image:
    """Return a picture in colours that need neither palette nor profile to be understood."""
    profile = picture.info.get("icc_profile")
    if picture.mode not in _PLAIN_MODES[form]:
        has_clear = "A" in picture.mode or "transparency" in picture.info
        if picture.mode == "CMYK" and profile:
            picture = _in_srgb(picture, profile, "RGB")
            profile = None
        picture = picture.convert("RGBA" if has_clear and form != "JPEG" else "RGB")
    return _in_srgb(picture, profile, picture.mode) if profile and picture.mode in ("RGB", "RGBA") else picture


def _in_srgb(picture: Image.Image, profile: bytes, mode: str) -> Image.Image:
    """Return the same colours as the web takes them for; as they are where the profile cannot be read."""
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(picture, given, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return turned if turned is not None else picture
