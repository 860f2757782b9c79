"""
The measurements, in one process on one database; started by `bench.__main__` with its settings in the environment.

Each figure is one line of JSON on stdout; what happens meanwhile is told on stderr.
"""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

import django


def main() -> None:
    """Measure what was asked for and print it."""
    parser = argparse.ArgumentParser()
    for name in ("items", "early", "blobs", "asked"):
        parser.add_argument(f"--{name}", type=int, required=True)
    given = parser.parse_args()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(figure: dict[str, Any]) -> None:
        answers.write(json.dumps(figure) + "\n")
        answers.flush()

    django.setup()
    from bench.measures import Bench  # noqa: PLC0415 - models are ready only now
    from narvaro.web import serving  # noqa: PLC0415

    serving.prepare(with_files=True)
    bench = Bench(tell)
    bench.capture(early=given.early, items=given.items)
    bench.notified()
    bench.index()
    bench.pages(asked=given.asked)
    bench.verify_items()
    bench.verify_blobs(given.blobs)
    tell({"session": bench.session()})


if __name__ == "__main__":
    main()
