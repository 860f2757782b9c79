"""`narvaro keys list | rotate | drop`."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from narvaro.web.commands.console import Code, Console, Stop
from narvaro.web.commands.language import _

if TYPE_CHECKING:
    from narvaro.core.types import Actor

GRACE_SECONDS = 600  # far beyond any request or job that read the old key


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        choices=["list", "rotate", "drop"],
        metavar="list|rotate|drop",
        help=_("visa nycklar, byt till nya, eller glöm gamla som inget längre behöver"),
    )
    parser.epilog = _(
        "rotate lägger till en ny krypteringsnyckel och en ny nyckel för trädhuvuden, och förseglar alla hemligheter "
        "på nytt. Gamla nycklar finns kvar tills drop körs, tidigast tio minuter senare. Kör backup efteråt."
    )


def run(given: argparse.Namespace, console: Console) -> Code:
    from narvaro.web import serving  # noqa: PLC0415 - settings are read only when they are needed

    with serving.alone():
        return {"list": _list, "rotate": _rotate, "drop": _drop}[given.what](console)


def _list(console: Console) -> Code:
    from narvaro.core import keys  # noqa: PLC0415 - settings are read only when they are needed

    signing, _public = keys.public_signing_key()
    sealing = _sealing_ids()
    console.note(sealing=sealing, signing=signing)
    console.say(_("Krypteringsnycklar, den nyaste först: %(ids)s") % {"ids": ", ".join(sealing)})
    console.say(_("Nyckel för trädhuvuden: %(id)s") % {"id": signing})
    return Code.DONE


def _rotate(console: Console) -> Code:
    from narvaro.core import actions, keys  # noqa: PLC0415

    sealing, signing = keys.add_sealing_key(), keys.add_signing_key()
    changed = _seal_again()
    for actor in _everywhere():
        actions.log_changed_keys(actor=actor, names=[sealing, signing])
    console.note(sealing=sealing, signing=signing, sealed_again=changed)
    console.say(_("Nya nycklar: %(sealing)s och %(signing)s.") % {"sealing": sealing, "signing": signing})
    console.say(_("Hemligheter som förseglades på nytt: %(count)s.") % {"count": changed})
    console.say(_("Kör narvaro backup nu, och narvaro keys drop tidigast om tio minuter."))
    return Code.DONE


def _drop(console: Console) -> Code:
    from narvaro.core import actions, keys  # noqa: PLC0415

    age = time.time() - _path().stat().st_mtime
    if len(_sealing_ids()) < 2:
        console.say(_("Det finns inga gamla nycklar."))
        return Code.DONE
    if age < GRACE_SECONDS:
        wait = int((GRACE_SECONDS - age) // 60) + 1
        raise Stop(_("Vänta i %(minutes)s min: något kan ännu använda den gamla nyckeln.") % {"minutes": wait},
                   Code.TEMPORARY)  # fmt: skip
    changed = _seal_again()  # what was sealed while the keys changed
    if changed and _seal_again():
        raise Stop(_("Hemligheter förseglas ännu med en gammal nyckel. Försök igen om en stund."), Code.TEMPORARY)
    dropped = keys.drop_old_sealing_keys()
    for actor in _everywhere():
        actions.log_dropped_keys(actor=actor, count=dropped)
    console.note(dropped=dropped)
    console.say(_("Gamla nycklar som är glömda: %(count)s.") % {"count": dropped})
    return Code.DONE


def _everywhere() -> list[Actor]:
    """Return the installation itself in each authority: the keys are everybody's, and each has a log of its own."""
    from narvaro.core import queries  # noqa: PLC0415
    from narvaro.core.types import Actor  # noqa: PLC0415
    from narvaro.web.commands import acting  # noqa: PLC0415

    return [Actor.system(authority, acting.DUTY) for authority in queries.all_authorities()]


def _seal_again() -> int:
    from narvaro.channels import custody  # noqa: PLC0415
    from narvaro.core import rotation  # noqa: PLC0415
    from narvaro.media import actions as media  # noqa: PLC0415
    from narvaro.sources import actions as sources  # noqa: PLC0415

    return custody.seal_again() + rotation.seal_sign_in_again() + media.seal_again() + sources.seal_again()


def _path() -> Path:
    from django.conf import settings  # noqa: PLC0415

    return Path(settings.OPTIONS.keys) / "sealing.keys"


def _sealing_ids() -> list[str]:
    from narvaro.core import keys  # noqa: PLC0415

    keys.is_sealed_with_newest(b"")  # the first use makes the first key
    return [line.split()[0] for line in _path().read_text(encoding="ascii").splitlines() if line.strip()]
