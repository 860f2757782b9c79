"""
Decisions bound to exact content: who decided what, when, by which reference.

What is decided about is its own capability's.
"""
