"""
Written plans for channels: why, for whom, who has time, how it ends; advised upon and decided.

A plan never opens a channel: the register does.
"""
