"""
What a letter to a reader says: plain text and HTML with the same words, nothing fetched from anywhere, no tracking.

Leaving takes one press in the mail program (RFC 8058) or one on the page behind the link, never a sign-in.
"""

from __future__ import annotations

from email.utils import formataddr, parseaddr
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.outlets import rules
from narvaro.publishing import queries as publishing

if TYPE_CHECKING:
    from narvaro.outlets.models import Delivery


def letter_of(delivery: Delivery) -> EmailMultiAlternatives:
    """Return a letter as it is handed to the mail server; its reader must still be there."""
    reader = delivery.subscriber
    assert reader is not None  # asked for in the query
    channel, home = reader.channel, settings.OPTIONS.base_url
    own_page = home + reverse("outlets:letter", args=[reader.token])
    with translation.override(reader.language):
        page = {
            "language": reader.language, "name": channel.name, "authority": delivery.authority, "own_page": own_page,
        }  # fmt: skip
        if delivery.issue is None:
            subject = _("Bekräfta att du vill ha %(name)s") % {"name": channel.name}
            kind, headers = "confirm", {"Auto-Submitted": "auto-generated"}
        else:
            post = delivery.issue.publication
            page |= {
                "text": post.text, "post_url": post.remote_url,
                "pictures": [row.picture.alt for row in publishing.pictures_shown(post)],
            }  # fmt: skip
            subject, kind = rules.title_of(post.text), "issue"
            headers = {
                "List-Unsubscribe": f"<{home}{reverse('outlets:leave', args=[reader.token])}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "List-Id": f"{_plain(channel.name)} <{channel.uid}.{_host(home)}>",
                "Precedence": "bulk",
            }
        message = EmailMultiAlternatives(
            subject, render_to_string(f"outlets/{kind}.txt", page), _from(channel.name), [reader.address],
            headers=headers,
        )  # fmt: skip
        message.attach_alternative(render_to_string(f"outlets/{kind}.html", page), "text/html")
    return message


def _from(name: str) -> str:
    return formataddr((_plain(name), parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))


def _plain(name: str) -> str:
    return " ".join("".join(sign for sign in name if sign.isprintable() and sign not in '<>"').split())


def _host(home: str) -> str:
    return home.partition("://")[2].partition("/")[0].partition(":")[0]
