"""What the authority sends out: each publication is delivered once, or shown to a person.

Intent and "attempting" are committed before the call; a machine never repeats a call that may have had
effect. It decides nothing about what to say.
"""
