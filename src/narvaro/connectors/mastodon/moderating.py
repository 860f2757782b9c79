"""
What an account can do about others' statuses and accounts, and reading whether it stands.

An account there rules over its own statuses and over whom it sees, never over what others show: theirs can be
reported to those who run the server, and the rest is for a person. What our key no longer sees may be seen by
everybody else: some servers show us nothing by those whom we block.
"""

from __future__ import annotations

from narvaro.connectors.client import Json, part, parts, word
from narvaro.connectors.mastodon.reading import FULL_PAGE, context_of
from narvaro.connectors.mastodon.session import Session, safe_id, status_path
from narvaro.connectors.mastodon.statuses import is_same_id
from narvaro.connectors.port import Capability, CapabilityStatus, Misconfigured, PlatformError, ReconnectNeeded

NO_HIDING = "Plattformen kan inte dölja någon annans svar. Anmäl inlägget eller blockera kontot i stället."
REMOVE_BY_HAND = "Servern kan inte ta bort inlägg åt Närvaro. Ta bort inlägget i plattformens egen app."
REPORTED = (
    "Kontot kan inte ta bort det som andra skriver. Inlägget är anmält till dem som sköter {host}. "
    "Ring eller skriv till dem om det brådskar, och blockera kontot i plattformens app om det behövs."
)
NOT_REPORTED = (
    "Kontot kan inte ta bort det som andra skriver, och {host} tar inte emot anmälningar från Närvaro. "
    "Anmäl inlägget i plattformens app eller direkt till dem som sköter servern, och blockera kontot om det behövs."
)
NO_BLOCKING = "{host} kan inte blockera kontot åt Närvaro. Blockera det i plattformens egen app."
NO_UNBLOCKING = "{host} kan inte häva blockeringen åt Närvaro. Häv den i plattformens egen app."
MOST_REASON = 1000

_LACKING = frozenset({400, 403, 404, 405, 406, 410, 422, 501})


def remove(session: Session, remote_id: str) -> None:
    """Remove our own status; one that is already gone counts as removed. See `Connector.remove`."""
    reply = session.api.delete(status_path(remote_id))
    if reply.status in {404, 405, 410, 501}:
        if session.gone(remote_id):
            return
        raise Misconfigured(REMOVE_BY_HAND)
    error = session.refusal(reply)
    if error is not None:
        raise error


def take_down(session: Session, remote_id: str, *, is_own: bool, reason: str) -> None:
    """
    Remove what is ours; report another's, and say what is left for a person. See `Connector.take_down`.

    Raises:
        Misconfigured: Another's status that is still there, reported or not.
    """
    if is_own:
        remove(session, remote_id)
        return
    status = _status(session, remote_id)
    if status is None and is_hidden(session, remote_id):
        return
    if status is not None and session.us.wrote(status):
        remove(session, remote_id)
        return
    is_reported = status is not None and _report(session, remote_id, word(part(status, "account"), "id"), reason)
    raise Misconfigured((REPORTED if is_reported else NOT_REPORTED).format(host=session.api.host))


def is_hidden(session: Session, remote_id: str, *, is_own: bool = False) -> bool:
    """
    Read whether a visitor to our thread no longer sees a status. See `Connector.is_hidden`.

    Not seeing it with our key is enough for our own. Another's must also be gone to somebody without a key, or,
    where the server shows nothing without one, not be by somebody whom we may block.
    """
    status = _status(session, remote_id)
    if status is not None:
        author = word(part(status, "account"), "id")
        if session.us.wrote(status) or not _is_blocking(session, author):
            return False
        return _visitor_misses(session, remote_id, word(status, "in_reply_to_id"))
    if not session.gone(remote_id):
        return False
    if is_own:
        return True
    seen = session.seen_by_others(remote_id)
    return seen is False or (seen is None and not _blocks_anybody(session))


def block(session: Session, author_remote_id: str) -> None:
    """Block an account. See `Connector.block`."""
    _change(session, author_remote_id, "block", NO_BLOCKING, wanted=True)


def unblock(session: Session, author_remote_id: str) -> None:
    """Take a block back; of an account that is gone nothing is blocked. See `Connector.unblock`."""
    _change(session, author_remote_id, "unblock", NO_UNBLOCKING, wanted=False)


def is_blocked(session: Session, author_remote_id: str) -> bool:
    """Read our relationship to an account; the server knows of none to one that is gone."""
    reply = session.read("/api/v1/accounts/relationships", {"id[]": [safe_id(author_remote_id)]})
    found = [each for each, _raw in reply.items() if word(each, "id") == author_remote_id]
    return any(each.get("blocking") is True for each in found)


def may_block(session: Session) -> CapabilityStatus:
    """
    Try taking back a block of ourselves, which there cannot be, and reading whom we block (P8).

    Some servers answer a call they do not have as they answer an account they do not know, so nothing can be
    learnt from an account that is not there; and snac does not know one that has written nothing.
    """
    reply = session.api.post(f"/api/v1/accounts/{safe_id(session.us.remote_id)}/unblock")
    if reply.status in {401, 403}:
        note = "Nyckeln ger inte rätt att blockera. Anslut kanalen på nytt och godkänn det som efterfrågas."
    elif reply.status == 404 and reply.is_page:
        note = "Det går inte att pröva än. Pröva igen när kontot har skrivit något."
    elif not reply.ok and (reply.is_page or reply.status not in {400, 406, 409, 422}):
        note = "Servern har inte den funktionen."
    else:
        try:
            is_blocked(session, session.us.remote_id)
            note = ""
        except PlatformError:
            note = "Det går inte att läsa vilka konton som är blockerade. Anslut kanalen på nytt."
    return CapabilityStatus(Capability.BLOCK, works=not note, note=note)


def _change(session: Session, author_remote_id: str, verb: str, by_hand: str, *, wanted: bool) -> None:
    reply = session.api.post(f"/api/v1/accounts/{safe_id(author_remote_id)}/{verb}")
    if reply.status in {404, 405, 410, 501}:
        if not session.is_known() or _is_blocking(session, author_remote_id) is not wanted:
            raise Misconfigured(by_hand.format(host=session.api.host))
        return
    error = session.refusal(reply)
    if error is not None:
        raise error


def _status(session: Session, remote_id: str) -> Json | None:
    reply = session.api.get(status_path(remote_id))
    if reply.status in {404, 410}:
        return None
    error = session.refusal(reply)
    if error is not None:
        raise error
    return reply.document()


def _is_blocking(session: Session, author_remote_id: str) -> bool:
    """Whether we surely block an account; False too where the server does not tell."""
    reply = session.read_if_there("/api/v1/accounts/relationships", {"id[]": [safe_id(author_remote_id)]})
    found = [each for each, _raw in reply.items() if word(each, "id") == author_remote_id] if reply else []
    return any(each.get("blocking") is True for each in found)


def _visitor_misses(session: Session, remote_id: str, parent: str) -> bool:
    """Whether what is answered is shown without a key, and this is not among its answers, of which none is cut off."""
    if not parent:
        return False
    with session.without_key() as visitor:
        reply = visitor.get(status_path(parent, "/context"))
    if not reply.ok or reply.is_page:
        return False
    _above, below = context_of(reply)
    ids = [word(status, "id") for status, _raw in below]
    return len(ids) < FULL_PAGE and not any(is_same_id(each, remote_id) for each in ids)


def _blocks_anybody(session: Session) -> bool:
    """Whether we block somebody, where the server has a list of them."""
    reply = session.read_if_there("/api/v1/blocks", {"limit": 1})
    return bool(reply and reply.items())


def _report(session: Session, remote_id: str, author_remote_id: str, reason: str) -> bool:
    """Report a status to those who run the server, once where it shows what we have reported; say whether it could."""
    if _is_reported(session, remote_id, author_remote_id):
        return True
    wanted = {
        "account_id": author_remote_id,
        "status_ids": [remote_id],
        "comment": reason[:MOST_REASON],
        "forward": True,  # also to the server where its author lives
    }
    reply = session.api.post("/api/v1/reports", json=wanted)
    error = session.refusal(reply)
    if error is None:
        return not reply.is_page
    if reply.status in _LACKING and (reply.status == 403 or not isinstance(error, ReconnectNeeded)):
        return False
    raise error


def _is_reported(session: Session, remote_id: str, author_remote_id: str) -> bool:
    """Whether a list of our own reports, which few servers have, holds the status."""
    reply = session.api.get("/api/v1/reports", {"target_account_id": author_remote_id, "limit": 40})
    if not reply.ok or reply.is_page or not isinstance(reply.json(), list):
        return False
    return any(_names(report, remote_id) for report, _raw in reply.items())


def _names(report: Json, remote_id: str) -> bool:
    ids = report.get("status_ids")
    named = [str(each) for each in ids] if isinstance(ids, list) else []
    named += [word(each, "id") for each in parts(report, "statuses")]
    return any(is_same_id(each, remote_id) for each in named)
