"""What every capability stands on: organisations, authorities, units, people and roles; the ledger and
the audit log; jobs under lease; what waits for whom; keys; the design kit.

It knows nothing of channels, records or comments.
"""
