"""
What the authority publishes without a platform in between: open pages, RSS and newsletters of its own.

A post comes here as to any channel, planned and approved in `publishing`; that it was delivered there is what makes
it stand on the open page, in the feed and in the letters to those who have asked for them.
"""
