"""
Behind the links of a letter: confirming that one wants it, and leaving. Whoever holds the link needs no account.

Opening a link changes nothing: programs that look for dangerous links open them too. Pressing does.

Law: GDPR-1
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from narvaro.core import openly
from narvaro.core.access import access
from narvaro.outlets import actions, queries


@csrf_exempt  # the link is the right to it; there is no session that could be misused
@access("link")
@never_cache
@require_http_methods(["GET", "POST"])
def letter(request: HttpRequest, token: str) -> HttpResponse:
    """A reader's own page: confirm, or stop getting the letter."""
    reader = queries.reader_at(token)
    if reader is None:
        return render(request, "outlets/open/left.html", {"shell": {}})
    with translation.override(openly.language(request)):
        page: dict[str, Any] = {
            "authority": reader.authority, "shell": {"authority_name": reader.authority.name},
            "language_links": openly.other_languages(reverse("outlets:letter", args=[token])),
            "channel": reader.channel, "is_confirmed": reader.confirmed_at is not None,
        }  # fmt: skip
        if request.method == "POST" and request.POST.get("do") == "leave":
            actions.leave_letter(subscriber=reader)
            return render(request, "outlets/open/left.html", page)
        if request.method == "POST":
            actions.confirm_reader(subscriber=reader)
            page |= {"is_confirmed": True, "is_new": True}
        return render(request, "outlets/open/letter.html", page)


@csrf_exempt  # a mail program presses it (RFC 8058)
@access("link")
@never_cache
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the letter with one press in the mail program; whoever opens the address sees the page where one can."""
    if request.method == "GET":
        return redirect("outlets:letter", token)
    reader = queries.reader_at(token)
    if reader is not None:
        actions.leave_letter(subscriber=reader)
    return HttpResponse("OK", content_type="text/plain")
