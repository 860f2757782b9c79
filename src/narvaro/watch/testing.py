"""Builders for tests: a case, a search, something found elsewhere. For tests only."""

from __future__ import annotations

import io
import itertools

from PIL import Image

from narvaro.base.clock import now
from narvaro.core.models import Authority
from narvaro.core.testing import a_unit, an_actor
from narvaro.core.types import Role
from narvaro.watch import actions
from narvaro.watch.actions.searches import Said, key_of
from narvaro.watch.models import Case, Elsewhere, Evidence, Search

_numbers = itertools.count(1)


def a_case(authority: Authority, **values: str) -> Case:
    """Return an account that a colleague has put before those who decide."""
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    given = {"account": f"https://social.example/@falsk{next(_numbers)}", "shown_name": "Storköpings kommun", **values}
    return actions.open_case(actor=lead, **given)


def a_search(authority: Authority, words: str = "simhallen", **values: object) -> Search:
    """Return a matter that is listened for."""
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    return actions.add_search(actor=lead, words=words, **values)  # type: ignore[arg-type]


def an_elsewhere(authority: Authority, text: str = "Badet är stängt för alltid") -> Elsewhere:
    """Return something that somebody has found on another page."""
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    return actions.bring_elsewhere(
        actor=lead, sort="error", text=text, link=f"https://bladet.example/{next(_numbers)}",
        unit_uid=a_unit(authority).uid,
    )  # fmt: skip


def one_of_each(authority: Authority, text: str = "Vår hemlighet") -> list[Case | Evidence | Search | Elsewhere]:
    """Return a case with a screenshot, a matter with something heard about it, and something found elsewhere."""
    case = a_case(authority, text=text)
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    shot = actions.add_picture(actor=lead, uid=case.uid, content=out.getvalue(), alt=text)
    search = a_search(authority, feeds=["https://bladet.example/rss"])
    reading = actions.claim_source()
    if reading is not None:
        actions.keep_hits(reading, [Said(key_of(text), text, "", "bladet.example", now())])
    return [case, shot, search, an_elsewhere(authority, text)]
