"""What residents write, until somebody has taken care of it: whose it is, when it is due, and what became of it.

It keeps no resident's words of its own and deletes nothing that came in: text stands in `records`, answers go
out through `publishing`. Its notes and discussions are working material and are weeded.
"""
