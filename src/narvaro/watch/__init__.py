"""
What happens around the authority's presence: false accounts, what is said of its matters, what was found elsewhere.

It never watches persons (TF-13, RF-4).
"""
