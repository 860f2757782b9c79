"""The door for another system: it sends here, signed with the secret that it was given. Nothing is told to others."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from narvaro.core.access import access
from narvaro.core.types import Invalid, NotFound, Stale
from narvaro.sources import actions, rules


@csrf_exempt  # the signature says who sends
@access("link")
@require_POST
def take(request: HttpRequest, uid: UUID) -> JsonResponse:
    """
    Take in a signed call: `X-Narvaro-Timestamp` (seconds since 1970) and `X-Narvaro-Signature` (hex).

    202 taken in, 404 not signed with the secret of a source here, 409 taken in before or paused, 413 too large,
    422 signed but unreadable.
    """
    body = _body(request)
    if body is None:
        return JsonResponse({"error": "Meddelandet är större än 64 kB."}, status=413)
    try:
        new = actions.take_call(
            uid=uid, timestamp=request.headers.get("X-Narvaro-Timestamp", "")[:20],
            signature=request.headers.get("X-Narvaro-Signature", "")[:200], body=body,
        )  # fmt: skip
    except NotFound:
        return JsonResponse({"error": "Ingen källa här har den signaturen just nu."}, status=404)
    except Stale as refusal:
        return JsonResponse({"error": str(refusal)}, status=409)
    except Invalid as refusal:
        return JsonResponse({"error": str(refusal)}, status=422)
    return JsonResponse({"new": new}, status=202)


def _body(request: HttpRequest) -> bytes | None:
    """Return what was sent, or None when it is larger than what is taken in."""
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if not declared.isdecimal() or int(declared[:12]) > rules.MOST_HOOK_BYTES:
        return None
    try:
        body = request.body
    except (RequestDataTooBig, UnreadablePostError):
        return None
    return body if len(body) <= rules.MOST_HOOK_BYTES else None
