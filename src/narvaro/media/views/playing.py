"""Serving a film as players ask for it: whole, or one stretch of it (HTTP Range). Never held whole in memory."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import BinaryIO

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

PIECE = 1 << 18
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)


def played(request: HttpRequest, file: BinaryIO, media_type: str) -> HttpResponseBase:
    """
    Return a file, or the one stretch of it that is asked for; what is asked for oddly is answered with the whole.

    Args:
        file: Open; closed when it has been sent.
    """
    size = os.fstat(file.fileno()).st_size
    span = _span(request.headers.get("Range", ""), size)
    if span is None and _RANGE.fullmatch(request.headers.get("Range", "")):
        file.close()
        refusal = HttpResponse(status=416)
        refusal["Content-Range"] = f"bytes */{size}"
        return refusal
    start, end = span or (0, size)
    response: HttpResponseBase
    if request.method == "HEAD":
        file.close()
        response = HttpResponse(content_type=media_type)
    else:
        response = StreamingHttpResponse(_pieces(file, start, end), content_type=media_type)
    if span is not None:
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    response["Content-Length"] = str(end - start)
    response["Accept-Ranges"] = "bytes"
    response["Content-Disposition"] = "inline"
    return response


def _span(asked: str, size: int) -> tuple[int, int] | None:
    """Return where a stretch begins and ends (not included); None for one that is not there, or not understood."""
    found = _RANGE.fullmatch(asked)
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        last = min(int(found[2]), size)
        return (size - last, size) if last else None
    start = int(found[1])
    end = min(int(found[2]) + 1, size) if found[2] else size
    return (start, end) if start < end else None


def _pieces(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        left = end - start
        while left and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece
