"""How Närvaro speaks with each platform: one port (`port.py`), one folder a platform.

Pure Python without Django. A connector reads, publishes and tells what it can do; it never
decides, stores nothing, and never repeats a call that may already have had effect.
"""
