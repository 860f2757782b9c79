"""
What the authority has published by itself, as anybody reads it: pages, the same as RSS, and a way to the newsletter.

Law: TF-1, OD-1
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.html import escape, linebreaks, urlize
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from narvaro.channels.types import ChannelState, Platform
from narvaro.core import openly
from narvaro.core.access import OpenRequest, access
from narvaro.core.types import Invalid, NotFound
from narvaro.outlets import actions, queries, rules
from narvaro.outlets.forms import AskForm
from narvaro.publishing.queries.delivered import pictures_by_post

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.publishing.models import Publication

MOST_IN_FEED = 50
RSS = "application/rss+xml; charset=utf-8"


@access("open")
@require_safe
def all_outlets(request: OpenRequest) -> HttpResponseBase:
    """The authority's own feeds and newsletters."""
    with translation.override(openly.language(request)):
        found = [(each, _address(request, each)) for each in queries.outlets(request.visitor)]
        page = {"outlets": found, **_around(request, reverse("outlets_open:all", args=[request.authority.slug]))}
        return openly.kept_by_caches(request, HttpResponse(render_to_string("outlets/open/all.html", page)))


@csrf_exempt  # whoever asks for a letter is nobody here: the page is the same for all, and kept by caches
@access("open")
@require_http_methods(["GET", "HEAD", "POST"])
def outlet(request: OpenRequest, uid: UUID) -> HttpResponseBase:
    """What is out in one of them, newest first; one post or one of its pictures; and asking for the newsletter."""
    channel = queries.outlet_for(request.visitor, uid)
    with translation.override(openly.language(request)):
        if request.method == "POST":
            return _asked(request, channel)
        key = request.GET.get("inlagg", "")[:64]
        if "bild" in request.GET:
            return _picture(request, channel, key)
        page = _page(request, channel, form=AskForm(), **_posts(request, channel, key))
        return openly.kept_by_caches(request, page)


@access("open")
@require_safe
def feed(request: OpenRequest, uid: UUID) -> HttpResponseBase:
    """The newest fifty as RSS 2.0, with the same id for a post for ever."""
    channel = queries.outlet_for(request.visitor, uid)
    home = settings.OPTIONS.base_url + _address(request, channel)
    made = Rss201rev2Feed(
        title=channel.name, link=home, description=channel.purpose or channel.name, language=settings.LANGUAGE_CODE,
        feed_url=settings.OPTIONS.base_url + reverse("outlets_open:feed", args=[request.authority.slug, channel.uid]),
    )  # fmt: skip
    posts = queries.posts_of(request.visitor, channel, limit=MOST_IN_FEED)
    pictures = pictures_by_post(request.visitor, posts)
    for post in posts:
        alts = [row.picture.alt for row in pictures.get(post.pk, [])]
        made.add_item(
            title=rules.title_of(post.text), link=f"{home}?inlagg={post.key}", description=_as_html(post, alts),
            unique_id=f"urn:uuid:{post.uid}", unique_id_is_permalink=False, pubdate=post.settled_at,
        )  # fmt: skip
    answer = HttpResponse(made.writeString("utf-8"), content_type=RSS)
    return openly.kept_by_caches(request, openly.as_data(answer))


def _posts(request: OpenRequest, channel: Channel, key: str) -> dict[str, Any]:
    if key:
        found, older = [queries.post_at(request.visitor, channel, key)], ""
    else:
        before = request.GET.get("fore", "")
        is_key = before.isascii() and before.isdecimal() and len(before) < 19
        found = queries.posts_of(request.visitor, channel, before=int(before) if is_key else None)
        older = f"?fore={found[-1].pk}" if len(found) == queries.PAGE else ""
    address, pictures = _address(request, channel), pictures_by_post(request.visitor, found)
    posts = [
        {
            "post": each, "title": rules.title_of(each.text), "url": f"{address}?inlagg={each.key}",
            "pictures": [
                {"url": f"{address}?inlagg={each.key}&bild={row.place}", "alt": row.picture.alt}
                for row in pictures.get(each.pk, [])
            ],
        }
        for each in found
    ]  # fmt: skip
    return {"posts": posts, "older_url": older, "is_one": bool(key), "all_url": address}


def _picture(request: OpenRequest, channel: Channel, key: str) -> HttpResponseBase:
    place = request.GET["bild"]
    if not (place.isascii() and place.isdecimal() and len(place) < 3):
        raise NotFound
    content, media_type = queries.picture_at(queries.post_at(request.visitor, channel, key), int(place))
    if not media_type.startswith("image/") or "svg" in media_type:
        raise NotFound
    answer = HttpResponse(content, content_type=media_type)
    answer["X-Content-Type-Options"] = "nosniff"
    return openly.kept_by_caches(request, answer)


def _asked(request: OpenRequest, channel: Channel) -> HttpResponse:
    """Take in an address. The same is said whether it was known or not."""
    form = AskForm(request.POST)
    if form.is_valid():
        try:
            actions.ask_for_letter(
                actor=request.visitor, channel=channel, address=form.cleaned_data["address"],
                language=translation.get_language() or settings.LANGUAGE_CODE,
            )  # fmt: skip
        except Invalid as error:
            form.add_error("address", str(error))
        else:
            return render(request, "outlets/open/asked.html", _around(request, _address(request, channel)))
    page = _page(request, channel, form=form, **_posts(request, channel, ""))
    page.status_code = 422
    return page


def _page(request: OpenRequest, channel: Channel, **more: Any) -> HttpResponse:
    address = _address(request, channel)
    page = {
        "channel": channel, "has_letter": _takes_readers(channel), "feed_url": reverse(
            "outlets_open:feed", args=[request.authority.slug, channel.uid]
        ), **_around(request, address), **more,
    }  # fmt: skip
    return HttpResponse(render_to_string("outlets/open/outlet.html", page))


def _around(request: OpenRequest, address: str) -> dict[str, Any]:
    return {
        "authority": request.authority, "shell": {"authority_name": request.authority.name},
        "language_links": openly.other_languages(address), "stays": openly.stays_in_language(request),
        "home_url": reverse("outlets_open:all", args=[request.authority.slug]),
    }  # fmt: skip


def _takes_readers(channel: Channel) -> bool:
    return channel.platform == Platform.NEWSLETTER and channel.state != ChannelState.CLOSED


def _address(request: OpenRequest, channel: Channel) -> str:
    return reverse("outlets_open:outlet", args=[request.authority.slug, channel.uid])


def _as_html(post: Publication, alts: Sequence[str]) -> str:
    """A post as readers of feeds show it: text with its links; pictures as their descriptions."""
    words = linebreaks(urlize(post.text, autoescape=True))
    return str(words) + "".join(f"<p>{escape(_('Bild: %(alt)s') % {'alt': alt})}</p>" for alt in alts)
