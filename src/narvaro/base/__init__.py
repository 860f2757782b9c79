"""Pure Python that every floor may stand on: clock, ids, law, working time, Merkle, words, guarded HTTP.

It never imports Django, and nothing here knows of an authority, a channel or a person.
"""
