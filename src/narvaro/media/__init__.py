"""Files and pictures: the content-addressed store and what people upload. It knows nothing of records or posts.

It never changes a stored file, and never removes one that something may still point at.
"""
