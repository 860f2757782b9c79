"""How fast Närvaro keeps, finds and proves, measured against the barest thing that could do the same."""
