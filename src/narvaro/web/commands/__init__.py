"""The subcommands of `narvaro`, one module each: `arguments(parser)` says what it takes, `run(given, console)` does it."""
