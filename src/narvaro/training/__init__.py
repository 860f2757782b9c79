"""Training: cases for managers' days, short courses, the working group of a policy. It never judges a person."""
