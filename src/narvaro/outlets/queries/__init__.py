"""Every read of our own outlets."""

from narvaro.outlets.queries.letters import (
    delivery_for_sending,
    issues_of,
    reader_at,
    readers_of,
    unsent,
)
from narvaro.outlets.queries.posts import (
    PAGE,
    newest_of_each,
    outlet_for,
    outlets,
    picture_at,
    post_at,
    post_to_withdraw,
    posts_of,
)

__all__ = [
    "PAGE",
    "delivery_for_sending",
    "issues_of",
    "newest_of_each",
    "outlet_for",
    "outlets",
    "picture_at",
    "post_at",
    "post_to_withdraw",
    "posts_of",
    "reader_at",
    "readers_of",
    "unsent",
]
