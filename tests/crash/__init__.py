"""Killing Närvaro at random moments, and counting what is left: nothing lost, nothing twice."""
