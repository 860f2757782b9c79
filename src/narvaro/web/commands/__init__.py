"""The subcommands of `narvaro`, one module each: `arguments(parser)` says what it takes, `run` does it."""
