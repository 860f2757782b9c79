"""What the authority has decided about its presence: the grounds a moderator may give, the house rules, the templates.

It decides about no single comment: what is done under a ground is `moderation`'s.
"""
