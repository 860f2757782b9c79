"""Our own outlets for those who work here: addresses, how many readers, how each letter fared, taking a post away."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from narvaro.channels.types import Platform
from narvaro.core import queries as core
from narvaro.core.access import MemberRequest, access
from narvaro.core.forms import posted
from narvaro.core.forms.acting import done
from narvaro.core.types import NotPermitted
from narvaro.outlets import actions, queries, rules
from narvaro.outlets.forms import WithdrawForm
from narvaro.publishing import rules as publishing

MOST_SHOWN = 10


@access("member")
@require_GET
def outlets(request: MemberRequest) -> HttpResponse:
    """Our own feeds and newsletters, with the newest posts of each."""
    slug = core.authority_of(request.actor).slug
    found = queries.outlets(request.actor)
    readers = queries.readers_of(request.actor, found)
    posts = queries.newest_of_each(request.actor, found, limit=MOST_SHOWN)
    fared = queries.issues_of(request.actor, [post for each in posts.values() for post in each])
    rows = [
        {
            "channel": each, "readers": readers.get(each.pk, 0), "is_letter": each.platform == Platform.NEWSLETTER,
            "page_url": settings.OPTIONS.base_url + reverse("outlets_open:outlet", args=[slug, each.uid]),
            "feed_url": settings.OPTIONS.base_url + reverse("outlets_open:feed", args=[slug, each.uid]),
            "may_withdraw": publishing.may_post(
                request.actor, each.responsible_id, each.deputy_id, each.unit_id
            ),
            "posts": [
                {"post": post, "title": rules.title_of(post.text), "fared": fared.get(post.pk)}
                for post in posts.get(each.pk, [])
            ],
        }
        for each in found
    ]  # fmt: skip
    return render(request, "outlets/outlets.html", {"rows": rows})


@access("member")
@require_http_methods(["GET", "POST"])
def withdraw(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Take a post away from our own pages, with a reason."""
    post = queries.post_to_withdraw(request.actor, uid)
    channel = post.channel
    if not publishing.may_post(request.actor, channel.responsible_id, channel.deputy_id, channel.unit_id):
        raise NotPermitted
    form = WithdrawForm(*posted(request))
    take = partial(actions.withdraw_post, actor=request.actor, publication=post, why=request.POST.get("why", ""))
    if done(request, form, take):
        messages.success(request, _("Inlägget är borttaget från sidan och flödet. Handlingen är bevarad."))
        return redirect("outlets:outlets")
    page = {"form": form, "post": post, "channel": channel}
    return render(request, "outlets/withdraw.html", page, status=422 if form.is_bound else 200)
