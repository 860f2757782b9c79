"""
Formats that others read: what is published as open data, and documents that are kept for long.

Pure Python over values: nothing here knows where the values come from, or that there is a database.
"""
