"""What the authority does about a comment or its author: decided with a ground, carried out once, kept and reviewable.

Nothing is hidden, removed or blocked before what it concerns is kept (BBS-10 and emergencies are said in `rules`).
It scores nobody, follows nobody between channels, and holds no view of a person (RF-3, RF-4).
"""
