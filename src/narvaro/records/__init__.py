"""What the authority keeps: every post, comment and message as a public record, in versions, provable.

It captures, versions, proves, seals, searches and exports. It never answers, judges or hides anything,
and nothing here is overwritten: an edit is a new version, a deletion a tombstone.
"""
