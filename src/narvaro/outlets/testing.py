"""Builders for tests: an outlet of our own, a post that is out there, a reader of a newsletter. For tests only."""

from __future__ import annotations

from collections.abc import Sequence

from narvaro.channels.models import Channel
from narvaro.channels.testing import a_channel
from narvaro.channels.types import Platform
from narvaro.core.models import Authority
from narvaro.core.testing import an_actor
from narvaro.core.types import Actor, Role
from narvaro.media.models import Picture
from narvaro.outlets import actions
from narvaro.outlets.models import Delivery, Subscriber
from narvaro.publishing import actions as publishing
from narvaro.publishing import tasks
from narvaro.publishing.models import Publication


def an_outlet(authority: Authority, platform: Platform = Platform.FEED) -> Channel:
    made = a_channel(authority, platform=platform)
    page = f"https://narvaro.example/{authority.slug}/nyheter/{made.uid}/"
    name = f"Nyheter {made.pk}"
    Channel.objects.everywhere("builder").filter(pk=made.pk).update(base_url=page, handle=name, name=name)
    made.refresh_from_db(from_queryset=Channel.objects.everywhere("builder"))
    return made


def a_post_out(
    channel: Channel, text: str = "Vattnet är tillbaka.", *, actor: Actor | None = None,
    pictures: Sequence[Picture] = (),
) -> Publication:  # fmt: skip
    """Return a post that went the whole way: intent, one attempt, delivered."""
    lead = actor or an_actor(channel.authority, role=Role.COMMUNICATIONS_LEAD)
    post = publishing.publish_post(actor=lead, channel=channel, text=text, pictures=pictures)
    Publication.objects.of(lead).filter(pk=post.pk).update(not_before=post.written_at)
    tasks.publish_due.call()
    return Publication.objects.of(lead).select_related("channel").get(pk=post.pk)


def a_reader(channel: Channel, address: str = "lasare@exempel.example") -> Subscriber:
    """Return somebody who has asked for a newsletter and confirmed it."""
    visitor = Actor.visitor(channel.authority)
    actions.ask_for_letter(actor=visitor, channel=channel, address=address)
    found = Subscriber.objects.of(visitor).select_related("authority", "channel").get(channel=channel, address=address)
    actions.confirm_reader(subscriber=found)
    Delivery.objects.of(visitor).filter(subscriber=found).delete()
    return found


def one_of_each(authority: Authority, text: str) -> list[Publication | Channel]:
    """Return a post that is out in an outlet of the authority, and the outlet."""
    channel = an_outlet(authority)
    return [a_post_out(channel, text), channel]
