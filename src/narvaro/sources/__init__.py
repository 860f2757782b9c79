"""
Sources that write drafts: calendars, feeds and operational reports become messages of our own, by rules people set.

It decides when there is something to say and in which words; what goes out, and whether, is `publishing`'s to decide.
It never reads participants, descriptions or private events of a calendar.
"""
