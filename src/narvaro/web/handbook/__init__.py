"""The handbook inside Närvaro: short pages by role and by subject, and the law in our own words."""
