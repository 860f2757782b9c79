"""
One account's talk with a Graph API: the key, what a refusal really means, how much is left of the quota.

Read in Meta's documentation 2026-11-21: Graph API v25.0 (facebook.com and instagram.com; v26.0 is the newest that its
pages name), Threads API v1.0; "Handling errors" for the codes, "Rate limits" for the headers. Not tried against the
live platforms.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from narvaro.base import clock, http
from narvaro.connectors.client import Api, Json, Params, Reply, garbled, moment, part, parts, problem, word
from narvaro.connectors.port import (
    Account,
    Allowance,
    Misconfigured,
    PlatformError,
    ReconnectNeeded,
    Transient,
)

VERSION = "v25.0"
PRESSED_PERCENT = 90  # of any of the platform's counters: then reading waits, so that an answer can still go out
USUAL_WAIT_SECONDS = 900.0
FROM_EXPORT = "export-"  # how ids begin that an export made up, since it names no post

_DEAD = frozenset({102, 190, 463, 467})
_BUSY = frozenset({1, 2})
_TOO_MANY = frozenset({4, 9, 17, 32, 341, 613, *range(80000, 80015)})
_NOT_ALLOWED = frozenset({3, 10, *range(200, 300)})
_MISSING = frozenset({(100, 33), (803, 0), (24, 0), (100, 2018001)})
_ID = re.compile(r"[\w-]{1,200}", re.ASCII)
_RENEWED_BEFORE = timedelta(days=20)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Site:
    """Which Graph API an account is on."""

    name: str  # as people say it
    base_url: str
    version: str
    renewal: str = ""  # the grant by which a token is made to last longer, "" where tokens do not end
    key_in_query: bool = False  # Threads documents no other way
    has_proof: bool = False


class Graph:
    """
    An open line to the API of one account, with its key. A context manager.

    `account.options["graph"]` names another server, for tests on the own machine.

    Raises:
        ReconnectNeeded: The account holds no key, or one that has ended.
    """

    def __init__(self, account: Account, site: Site) -> None:
        self.account, self.site = account, site
        base = site.base_url
        if account.allow_private_hosts:
            base = account.options.get("graph", "").rstrip("/") or base
        self._base = base
        secrets = self._renewed(account.keeper.secrets())
        self._token = secrets.get("access_token", "")
        if not self._token or not self._token.isascii() or not self._token.isprintable():
            raise ReconnectNeeded("Kanalen saknar en nyckel till plattformen. Anslut kanalen på nytt.")
        self._proof = _proof(self._token, secrets.get("client_secret", "")) if site.has_proof else ""
        headers = {} if site.key_in_query else {"authorization": f"Bearer {self._token}"}
        self.api = Api(f"{base}/{site.version}", http.Guard(allow_private=account.allow_private_hosts), headers)
        self.rest_seconds = 0.0  # how long the platform's counters ask reading to wait

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.api.close()

    @property
    def me(self) -> str:
        """Return the platform's id of the account."""
        return safe_id(self.account.remote_id)

    def get(self, path: str, params: Params | None = None) -> Reply:
        reply = self.api.get(f"/{path}", self._keyed(params))
        self._metered(reply)
        return reply

    def read(self, path: str, params: Params | None = None) -> Reply:
        """Get; raise the port's errors for everything but a success."""
        return self.demand(self.get(path, params))

    def trouble(self, path: str, params: Params | None = None) -> str:
        """Return why a call does not work, "" when it does."""
        try:
            self.read(path, params)
        except Transient:
            raise
        except PlatformError as error:
            return str(error)
        return ""

    def read_if_there(self, path: str, params: Params | None = None) -> Reply | None:
        """Get what may be gone; None when the platform says so twice, and knows us in between."""
        reply = self.get(path, params)
        if is_missing(reply):
            self.read("me", {"fields": "id"})
            reply = self.get(path, params)
            if is_missing(reply):
                return None
        return self.demand(reply)

    def post(self, path: str, form: Mapping[str, str], **how: Any) -> Reply:
        """Post once; the answer is returned whatever it says."""
        reply = self.api.post(f"/{path}", form=self._keyed_form(form), **how)
        self._metered(reply)
        return reply

    def delete(self, path: str, params: Params | None = None) -> Reply:
        reply = self.api.delete(f"/{path}", params=self._keyed(params))
        self._metered(reply)
        return reply

    def demand(self, reply: Reply) -> Reply:
        error = self.refusal(reply)
        if error is not None:
            raise error
        return reply

    def refusal(self, reply: Reply) -> PlatformError | None:
        """Return what an answer means, or None for a success. An error may come with any status."""
        error = error_of(reply)
        if not error:
            found = problem(reply)
            return garbled(reply) if found is None and reply.is_page else found
        return meaning(error, reply, self.site.name)

    def _keyed(self, params: Params | None) -> Params:
        more = {"access_token": self._token} if self.site.key_in_query else {}
        return {**(params or {}), **more, **({"appsecret_proof": self._proof} if self._proof else {})}

    def _keyed_form(self, form: Mapping[str, str]) -> dict[str, str]:
        more = {"access_token": self._token} if self.site.key_in_query else {}
        return {**form, **more, **({"appsecret_proof": self._proof} if self._proof else {})}

    def _metered(self, reply: Reply) -> None:
        percent, wait = usage(reply.headers)
        if percent is None:
            return
        if self.account.meter is not None:
            resets_at = clock.now() + timedelta(seconds=wait) if wait else clock.now() + _HOUR
            self.account.meter(Allowance("reads", 100, max(0, 100 - percent), resets_at))
        if percent >= PRESSED_PERCENT:
            self.rest_seconds = wait or USUAL_WAIT_SECONDS

    def _renewed(self, secrets: Mapping[str, str]) -> Mapping[str, str]:
        """Make a key that ends last longer, in good time (P7: one whose end is not known is left, and tried daily)."""
        ends_at = moment(secrets.get("expires_at", "")) if self.site.renewal else None
        if ends_at is None or ends_at - clock.now() > _RENEWED_BEFORE:
            return secrets
        try:
            return self.account.keeper.renew(secrets, self._renewal())
        except Transient:
            if ends_at > clock.now():
                return secrets  # it holds a while yet; the next call tries again
            raise

    def _renewal(self) -> Callable[[Mapping[str, str]], Mapping[str, str]]:
        def renew(stale: Mapping[str, str]) -> Mapping[str, str]:
            with Api(self._base, http.Guard(allow_private=self.account.allow_private_hosts)) as api:
                query = {"grant_type": self.site.renewal, "access_token": stale.get("access_token", "")}
                reply = api.get("/refresh_access_token", query)
            error = self.refusal(reply)
            if error is not None:
                raise error
            return token_of(reply.document())

        return renew


def token_of(answer: Json) -> dict[str, str]:
    """Return a key as it is kept, with when it ends where the platform says so (P7)."""
    seconds = answer.get("expires_in")
    kept = {"access_token": word(answer, "access_token")}
    if isinstance(seconds, int) and not isinstance(seconds, bool) and 0 < seconds < 10**9:
        kept["expires_at"] = (clock.now() + timedelta(seconds=seconds)).isoformat()
    return kept


def error_of(reply: Reply) -> Json:
    """Return the error that an answer holds, {} when it holds none."""
    if reply.moved_to:
        return {}
    try:
        return part(reply.document(), "error")
    except PlatformError:
        return {}


def is_missing(reply: Reply) -> bool:
    """Whether the platform says that there is no such thing, or none that we may see."""
    error = error_of(reply)
    return (error.get("code"), error.get("error_subcode", 0)) in _MISSING


def meaning(error: Json, reply: Reply, name: str) -> PlatformError:
    """Return what an error of the Graph API means in the words of the port (P6)."""
    code = error.get("code")
    told = told_in(error)
    if code in _DEAD:
        return ReconnectNeeded(f"{name} godtar inte längre vår nyckel. Anslut kanalen på nytt.")
    if code in _TOO_MANY or reply.status == 429:
        wait = usage(reply.headers)[1] or USUAL_WAIT_SECONDS
        return Transient(f"{name} ber oss vänta, för många anrop har gjorts.", retry_after_seconds=wait)
    if code in _BUSY or error.get("is_transient") is True or reply.status >= 500:
        return Transient(f"{name} har tillfälliga problem (fel {code}).")
    if code in _NOT_ALLOWED:
        return Misconfigured(
            f"Myndighetens app får inte göra det här hos {name} (fel {code}). Anslut kanalen på nytt och godkänn allt "
            f"som efterfrågas. Hjälper det inte måste Meta granska och godkänna appen.{told}"
        )
    if code == 368:
        return Misconfigured(f"{name} har spärrat kontot en tid för brott mot villkoren.{told}")
    if code == 506:
        return Misconfigured(f"{name} har redan tagit emot samma text nyss och godtar den inte igen.")
    if is_missing(reply):
        return Misconfigured(f"Det som efterfrågas finns inte hos {name}, eller så får kanalen inte se det.")
    return Misconfigured(f"{name} godtog inte anropet (fel {code}).{told}")


def told_in(error: Json) -> str:
    """Return what the platform says of an error, as the end of a sentence of ours."""
    said = " ".join((word(error, "error_user_msg") or word(error, "message")).split())[:200]
    return f" Plattformen säger: ”{said}”" if said else ""


def usage(headers: Mapping[str, str]) -> tuple[int | None, float]:
    """
    Return how much of the quota is used, in percent, and how many seconds until there is more (0 when not told).

    None when the answer says nothing: the platform tells it only once there is something to tell.
    """
    counted: list[Json] = []
    for name in ("x-app-usage", "x-page-usage"):
        found = _told(headers.get(name, ""))
        counted += [found] if found else []
    for rows in _told(headers.get("x-business-use-case-usage", "")).values():
        counted += parts({"rows": rows}, "rows")
    percents = [_number(each.get(key)) for each in counted for key in ("call_count", "total_cputime", "total_time")]
    minutes = max((_number(each.get("estimated_time_to_regain_access")) for each in counted), default=0)
    return (max(percents) if percents else None), float(min(minutes, 24 * 60) * 60)


def _number(value: object) -> int:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 10**6 else 0


def _told(text: str) -> Json:
    try:
        found = json.loads(text) if 0 < len(text) < 10_000 else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _proof(token: str, secret: str) -> str:
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest() if secret else ""


def safe_id(remote_id: str) -> str:
    """Return an id that can stand in a path; ids are opaque, so anything that could leave the path is refused."""
    if remote_id.startswith(FROM_EXPORT):
        raise Misconfigured("Inlägget kommer ur en export, som inte säger vad plattformen kallar det.")
    if not _ID.fullmatch(remote_id):
        raise Misconfigured("Plattformens beteckning går inte att använda.")
    return remote_id


def time_of(text: str) -> datetime | None:
    """Return a time of the Graph API (2026-11-21T10:00:00+0000)."""
    return moment(re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text))
