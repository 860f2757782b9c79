"""
A server on loopback that speaks Meta's Graph API, Instagram API and Threads API as they are documented, strictly.

It refuses what the platforms refuse: another version, a bad key or proof, a right that was not granted, a field or
parameter that is not documented, a code used twice, a picture that cannot be fetched, a container that is not ready,
has ended or was used, a quota that is spent. Made from the documentation alone (read 2026-11-21).

    with GraphServer() as server:
        page = server.page("Storköpings kommun", "storkoping")
        server.comment(page.post("Hej"), "Anna", "Hej!")
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import re
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import policy
from email.parser import BytesParser
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from narvaro.base import clock
from narvaro.testing.servers import graph_fields
from narvaro.testing.servers.scripted import Call, Said, Scripted

APP, SECRET = "1234567890", "apphemlighet"
QUOTA = {"instagram": 100, "threads": 250, "reply": 1000}
JPEG = b"\xff\xd8\xff"
PNG = b"\x89PNG"
FILM = b"\x00\x00\x00\x18ftyp"


class Refusal(Exception):
    """An error of the platform's."""

    def __init__(self, code: int, message: str, *, subcode: int = 0, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.subcode, self.status = code, subcode, status

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {"message": str(self), "type": "OAuthException", "code": self.code, "fbtrace_id": "Abc"}
        return {"error": {**error, **({"error_subcode": self.subcode} if self.subcode else {})}}


@dataclass
class Key:
    """One access token: whose, with which rights, and until when."""

    kind: str  # page, user, instagram, threads
    owner: str
    scopes: set[str]
    is_lasting: bool = True
    made_at: datetime = field(default_factory=clock.now)
    is_dead: bool = False


@dataclass
class Owner:
    """A page or an account."""

    server: GraphServer
    kind: str
    remote_id: str
    name: str
    handle: str
    token: str = ""
    blocked: list[str] = field(default_factory=list)
    used: dict[str, int] = field(default_factory=dict)

    def post(
        self, text: str, *, who: str = "", files: int = 0, at: datetime | None = None, tagged: bool = False
    ) -> str:
        """Let the account (or somebody else, on or about its page) write a post; returns its id."""
        return self.server.new_post(self, text, who=who, files=files, at=at, tagged=tagged)


class GraphServer:
    """The running server; a context manager. `calls` is what it was asked, `objects` what it holds."""

    def __init__(self) -> None:
        self._http = Scripted(self._answers)
        self.forget()

    def forget(self) -> None:
        """Begin anew: nobody has an account, and nothing has been asked."""
        self._numbers = itertools.count(17_841_400_000_000)
        self.calls.clear()
        self.objects: dict[str, dict[str, Any]] = {}
        self.owners: dict[str, Owner] = {}
        self.keys: dict[str, Key] = {}
        self.codes: dict[str, dict[str, Any]] = {}
        self.redirect_uris = {"http://testserver/kanaler/anslut/klart/", "http://localhost/kanaler/anslut/klart/"}
        self.headers: dict[str, str] = {}
        self.faults: list[tuple[str, str, Said, bool]] = []
        self.slow_containers = 0  # looks before one is ready
        self.broken_containers = False  # the platform cannot use what it fetched
        self.film_piece_bytes = 1000  # how much of a film is asked for at once
        self.early_captions = True  # whether a film takes captions before it is published
        self.late_captions = True  # and afterwards
        self.is_human_agent = True  # whether the app was approved for answers after a day

    def __enter__(self) -> Self:
        self._http.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.__exit__(kind, error, at)

    @property
    def base_url(self) -> str:
        return self._http.base_url

    @property
    def calls(self) -> list[Call]:
        return self._http.calls

    # --- what tests arrange ---

    def page(self, name: str, handle: str = "", *, scopes: str = graph_fields.PAGE_SCOPES) -> Owner:
        return self._owner("page", name, handle, scopes)

    def instagram(self, handle: str, *, scopes: str = graph_fields.INSTAGRAM_SCOPES) -> Owner:
        return self._owner("instagram", handle.title(), handle, scopes)

    def threads(self, handle: str, *, scopes: str = graph_fields.THREADS_SCOPES) -> Owner:
        return self._owner("threads", handle.title(), handle, scopes)

    def fault(self, method: str, ending: str, said: Said, *, after_effect: bool = False) -> None:
        """Answer the next call like this instead; `after_effect` lets it have its effect first."""
        self.faults.append((method, ending, said, after_effect))

    def allow(self, url: str, kind: str, owner: Owner | None = None, *, scopes: str = "") -> str:
        """Do as the person who presses "allow" in the window at `url`; returns where they are led."""
        asked = dict(parse_qsl(url.partition("?")[2]))
        if asked.get("client_id") != APP or asked.get("redirect_uri") not in self.redirect_uris:
            raise AssertionError(f"the window refuses: {asked}")
        code = f"kod-{next(self._numbers)}"
        self.codes[code] = {
            "kind": kind, "owner": owner, "redirect_uri": asked["redirect_uri"],
            "scopes": set((scopes or asked["scope"]).split(",")),
        }  # fmt: skip
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def new_post(self, owner: Owner, text: str, *, who: str, files: int, at: datetime | None, tagged: bool) -> str:
        number = str(next(self._numbers))
        remote_id = f"{owner.remote_id}_{number}" if owner.kind == "page" else number
        shown = [{"url": f"{self.base_url}/fil/{place}.jpg", "alt": ""} for place in range(files)]
        self.objects[remote_id] = {
            "kind": f"{owner.kind}_post", "owner": owner.remote_id, "text": text, "who": who, "at": at or clock.now(),
            "changed": at or clock.now(), "files": shown,
            "tagged": tagged, "parent": "", "root": remote_id, "hidden": False,
        }  # fmt: skip
        return remote_id

    def comment(self, post: str, who: str, text: str, *, parent: str = "", at: datetime | None = None) -> str:
        """Let somebody write beneath a post, or beneath another comment; returns its id."""
        root = self.objects[post]
        number = str(next(self._numbers))
        remote_id = f"{post.partition('_')[2]}_{number}" if root["kind"] == "page_post" else number
        self.objects[remote_id] = {
            "kind": root["kind"].replace("_post", "_comment"), "owner": root["owner"], "text": text, "who": who,
            "at": at or clock.now(), "changed": at or clock.now(), "files": [], "tagged": False,
            "parent": parent or post, "root": post, "hidden": False,
        }  # fmt: skip
        root["changed"] = max(root["changed"], at or clock.now())
        return remote_id

    def person_id(self, name: str) -> str:
        """Return the id that a person has, by their name."""
        return str(int(hashlib.sha256(name.encode()).hexdigest()[:12], 16))

    def beneath(self, post: str) -> list[str]:
        return [key for key, each in self.objects.items() if each["root"] == post and key != post]

    # --- answering ---

    def _owner(self, kind: str, name: str, handle: str, scopes: str) -> Owner:
        remote_id = str(next(self._numbers))
        owner = Owner(self, kind, remote_id, name, handle, f"nyckel-{remote_id}")
        self.owners[remote_id] = owner
        self.keys[owner.token] = Key(kind, remote_id, set(scopes.split(",")))
        return owner

    def _answers(self, call: Call) -> Said:
        for place, (method, ending, said, after_effect) in enumerate(self.faults):
            if call.method == method and call.path.endswith(ending):
                self.faults.pop(place)
                if after_effect:
                    self._said(call)
                return said
        return self._said(call)

    def _said(self, call: Call) -> Said:
        try:
            return Said(200, self._body(call), self.headers)
        except Refusal as no:
            return Said(no.status, no.body(), self.headers)

    def _body(self, call: Call) -> Any:
        if call.path.startswith("/fil/"):
            return FILM + b"film" if call.path.endswith(".mp4") else JPEG + b"bild"
        form = dict(call.query) | _form(call)
        if "oauth/access_token" in call.path or call.path in {"/access_token", "/refresh_access_token"}:
            return self._token(call, form)
        version, _slash, rest = call.path.lstrip("/").partition("/")
        if version not in {"v25.0", "v1.0"}:
            raise Refusal(2635, f"Unsupported version {version}")
        key, owner = self._known(call, form, version)
        form.pop("access_token", "")
        node, _slash, edge = rest.partition("/")
        node = owner.remote_id if node == "me" and owner is not None else node
        from narvaro.testing.servers import graph_edges

        return graph_edges.answer(self, key, owner, call.method, node, edge, form)

    def _known(self, call: Call, form: dict[str, Any], version: str) -> tuple[Key, Owner | None]:
        token = call.headers.get("authorization", "").removeprefix("Bearer ") or form.get("access_token", "")
        key = self.keys.get(token)
        if key is None or key.is_dead or (not key.is_lasting and clock.now() - key.made_at > timedelta(hours=1)):
            raise Refusal(190, "Error validating access token", subcode=463, status=401)
        if (version == "v1.0") != (key.kind == "threads"):
            raise Refusal(190, "Cannot parse access token")
        proof = form.pop("appsecret_proof", "")
        wanted = hmac.new(SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
        if proof and proof != wanted:
            raise Refusal(100, "Invalid appsecret_proof provided in the API argument")
        return key, self.owners.get(key.owner)

    # --- keys ---

    def _token(self, call: Call, form: dict[str, Any]) -> dict[str, Any]:
        grant = form.get("grant_type", "")
        if grant in {"fb_exchange_token", "ig_exchange_token", "th_exchange_token"}:
            return self._lasting(form, grant)
        if grant in {"ig_refresh_token", "th_refresh_token"}:
            return self._refreshed(form)
        if grant and call.method != "POST":
            raise Refusal(100, "Unsupported grant_type")
        if form.get("client_id") != APP or form.get("client_secret") != SECRET:
            raise Refusal(101, "Error validating client secret.")
        begun = self.codes.pop(form.get("code", ""), None)
        if begun is None:
            raise Refusal(100, "This authorization code has been used.", subcode=36009)
        if begun["redirect_uri"] != form.get("redirect_uri"):
            raise Refusal(191, "redirect_uri isn't an exact match")
        kind = begun["kind"]
        owner = begun["owner"].remote_id if begun["owner"] else ""
        token = self._new_key("user" if kind == "page" else kind, owner, begun["scopes"], is_lasting=False)
        return {"access_token": token, "user_id": owner, "token_type": "bearer"}

    def _lasting(self, form: dict[str, Any], grant: str) -> dict[str, Any]:
        name = "fb_exchange_token" if grant == "fb_exchange_token" else "access_token"
        short = self.keys.get(form.get(name, ""))
        if form.get("client_secret") != SECRET or (grant == "fb_exchange_token" and form.get("client_id") != APP):
            raise Refusal(101, "Error validating client secret.")
        if short is None or short.is_dead or short.is_lasting:
            raise Refusal(190, "Session key invalid")
        token = self._new_key(short.kind, short.owner, short.scopes, is_lasting=True)
        return {"access_token": token, "token_type": "bearer", "expires_in": 5_183_944}

    def _refreshed(self, form: dict[str, Any]) -> dict[str, Any]:
        old = self.keys.get(form.get("access_token", ""))
        if old is None or old.is_dead or not old.is_lasting:
            raise Refusal(190, "Session key invalid")
        return {
            "access_token": self._new_key(old.kind, old.owner, old.scopes, is_lasting=True), "token_type": "bearer",
            "expires_in": 5_183_944,
        }  # fmt: skip

    def _new_key(self, kind: str, owner: str, scopes: set[str], *, is_lasting: bool) -> str:
        token = f"nyckel-{next(self._numbers)}"
        self.keys[token] = Key(kind, owner, scopes, is_lasting)
        return token

    def fetched(self, url: str) -> bytes:
        """Fetch a picture as the platform does, from the address it was given."""
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return bytes(answer.read(10_000_000))
        except (OSError, ValueError):
            raise Refusal(9004, "The media could not be fetched from this URI", subcode=2207052) from None


def _form(call: Call) -> dict[str, Any]:
    kind = call.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        message = BytesParser(policy=policy.HTTP).parsebytes(
            b"content-type: " + kind.encode() + b"\r\n\r\n" + call.body
        )
        found: dict[str, Any] = {}
        for part in message.iter_parts():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            found[str(name)] = content if part.get_filename() else content.decode()
        return found
    if "json" in kind:
        raise Refusal(100, "Send parameters as a form")
    return dict(parse_qsl(call.body.decode(), keep_blank_values=True))


def shown_fields(asked: str, allowed: Mapping[str, Any], node: str) -> list[str]:
    """Return the names of fields that were asked for; refuses those that are not documented, also inside others."""
    names, depth, word = [], 0, ""
    for sign in asked + ",":
        depth += (sign in "{(") - (sign in "})")
        if sign == "," and depth == 0:
            names.append(word)
            word = ""
        else:
            word += sign
    found = []
    for each in names:
        name = re.split(r"[.{(]", each)[0]
        if name not in allowed:
            raise Refusal(100, f"Tried accessing nonexisting field ({name}) on node type ({node})")
        if "{" in each and isinstance(allowed[name], Mapping):
            shown_fields(each[each.index("{") + 1 : each.rindex("}")], allowed[name], node)
        found.append(name)
    return found


def listed(rows: list[dict[str, Any]], form: Mapping[str, Any], most: int = 100) -> dict[str, Any]:
    """Return one page of a list, with the platform's cursors."""
    try:
        limit, at = int(form.get("limit", "25")), int(form.get("after", "0") or "0")
    except ValueError:
        raise Refusal(100, "Invalid cursor") from None
    if limit > most:
        raise Refusal(100, f"limit must be at most {most}")
    page = rows[at : at + limit]
    paging: dict[str, Any] = {"cursors": {"before": str(at), "after": str(at + len(page))}}
    if at + len(page) < len(rows):
        paging["next"] = "https://graph.example/next"
    return {"data": page, "paging": paging} if page else {"data": []}


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S+0000")


def as_json(text: Any) -> Any:
    try:
        return json.loads(text)
    except (ValueError, TypeError):
        raise Refusal(100, "Param must be JSON") from None


def needs(key: Key, scope: str) -> None:
    """Refuse a call without a right that it needs."""
    if scope not in key.scopes:
        raise Refusal(200 if key.kind == "page" else 10, f"Requires {scope} permission")


def only(form: Mapping[str, Any], *names: str) -> None:
    """Refuse a parameter that is not documented for a call."""
    for name in form:
        if name.partition("[")[0] not in names:
            raise Refusal(100, f"Param {name} is not one of {', '.join(names)}")


def number_of(server: GraphServer) -> str:
    """Return a new id."""
    return str(next(server._numbers))
