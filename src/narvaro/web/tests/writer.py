"""
A process that captures without end, and says after each commit how much is committed. For tests of backup.

    python -m narvaro.web.tests.writer FILE
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path


def main(told: Path) -> None:
    import django

    django.setup()
    from narvaro.channels.models import Channel
    from narvaro.channels.testing import a_channel
    from narvaro.core import ledger
    from narvaro.core.models import Authority
    from narvaro.core.testing import an_authority
    from narvaro.records import actions
    from narvaro.records.testing import a_page, an_item

    authority = Authority.objects.first() or an_authority()
    channel = Channel.objects.everywhere("test").first() or a_channel(authority)
    committed = 0
    with told.open("a", encoding="ascii") as file:
        for number in itertools.count():
            items = [an_item(f"Kommentar {number}:{part}", remote_id=f"{number}:{part}") for part in range(20)]
            large = an_item("Stor", remote_id=f"{number}:stor", raw=b"%d" % number + bytes(70_000))
            committed += actions.capture(channel=channel, page=a_page(*items, large)).new
            file.write(f"{committed}\n")
            file.flush()
            if number % 3 == 0:
                ledger.sequence(authority)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
