"""PostgreSQL as Django reaches it, beside what its session may see; see `core.wall`."""

SETTING = "narvaro.authorities"
ALL = "*"  # what a new session sees
