"""Watch's work in the background: looking for false accounts, listening, disposing of what was heard."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from django.conf import settings

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.connectors import web
from narvaro.connectors.port import PlatformError
from narvaro.connectors.registry import connector
from narvaro.core import queries as core
from narvaro.core.jobs import schedule, task
from narvaro.core.types import Actor, Stale
from narvaro.formats import feeds
from narvaro.screening import lookalike
from narvaro.watch import actions, queries, rules
from narvaro.watch.actions.searches import Said, key_of
from narvaro.watch.models import Source
from narvaro.watch.types import Reading

MOST_A_TURN = 50
ALWAYS = 3  # the authority's own name is asked for every time, its likenesses in turn
log = logging.getLogger("narvaro.watch")


@schedule(300)
@task
def look_for_false_accounts() -> None:
    """Look for accounts that bear an authority's name, on the platforms it is connected to."""
    actions.make_lookouts([authority.pk for authority in core.all_authorities()])
    for _turn in range(MOST_A_TURN):
        reading = actions.claim_lookout()
        if reading is None:
            return
        _look(reading)


@schedule(300)
@task
def listen() -> None:
    """Read every source of a search that is due."""
    for _turn in range(MOST_A_TURN):
        reading = actions.claim_source()
        if reading is None:
            return
        _listen(reading)


@schedule(24 * 3600)
@task
def dispose_of_what_was_heard() -> None:
    """Throw away what was heard so long ago as each authority has chosen."""
    actions.dispose_hits()


def _look(reading: Reading) -> None:
    lookout = queries.lookout_in_hand(reading.pk)
    actor = Actor.system(lookout.authority, "look for false accounts")
    known = queries.known_names(actor)
    names = lookalike.candidates(known)
    turn = [*names[:ALWAYS], *names[max(lookout.position, ALWAYS) :][: rules.NAMES_A_TURN - ALWAYS]]
    trouble = ""
    for ear in queries.ears(actor):
        account, platform = channels.account_of(channels.channel_to_read(ear.channel_id)), connector(ear.platform)
        try:
            for name in turn:
                for each in platform.search_accounts(account, name):
                    if lookalike.poses_as(known, shown=each.display_name, account=each.handle):
                        actions.suspect_account(actor=actor, platform=ear.platform, found=each)
            for case in queries.uncaptured(actor, ear.platform):
                for each in platform.search_accounts(account, case.account):
                    actions.capture_account(actor=actor, case=case, found=each)
        except PlatformError as problem:
            trouble = str(problem)  # what is left to ask there would meet the same
    reached = max(lookout.position, ALWAYS) + rules.NAMES_A_TURN - ALWAYS
    actions.end_lookout(reading, position=reached if reached < len(names) else 0, error=trouble)


def _listen(reading: Reading) -> None:
    source = queries.source_in_hand(reading.pk)
    actor = Actor.system(source.authority, "listen")
    if rules.names_a_colleague(source.search.words, queries.colleagues(actor)):
        # Somebody of that name has begun to work here since it was saved (TF-13).
        actions.end_search(actor=actor, uid=source.search.uid, why="Orden är namnet på någon som arbetar här.")
        return
    try:
        actions.keep_hits(reading, list(_said(source)))
    except PlatformError as problem:
        actions.end_source(reading, error=str(problem))
    except feeds.NotAFeed as problem:
        actions.end_source(reading, error=str(problem))
    except Stale:
        return  # another worker has it now
    else:
        actions.end_source(reading)


def _said(source: Source) -> Iterator[Said]:
    words = source.search.words
    if source.channel is not None:
        channel = source.channel
        for post in connector(channel.platform).search_posts(channels.account_of(channel), words):
            yield Said(key_of(post.remote_id), post.text, post.url, channel.platform, post.published_at)
        return
    fetched = web.fetch(
        source.feed, accept=web.FEED, allow_private_hosts=settings.OPTIONS.allow_private_hosts
    )  # fmt: skip
    for entry in feeds.entries(fetched.body, address=source.feed):
        text = "\n".join(part for part in (entry.title, entry.text) if part)
        if rules.is_about(words, text):
            yield Said(
                key_of(source.feed, entry.key), text, entry.link, rules.host_of(source.feed),
                entry.published_at or now(),
            )  # fmt: skip
