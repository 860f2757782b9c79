"""The register of official channels: which accounts there are, who answers for them, and how they are reached.

It never reads or keeps what residents write; that is the duty of `records`.
"""
