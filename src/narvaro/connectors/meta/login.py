"""
Letting the authority's app in: Facebook Login, Business Login for Instagram, and the Threads Authorization Window.

All three send the person to a window of theirs, give a code that is exchanged for a key of an hour, and that one for
a key that lasts (Graph API v25.0 and Threads API v1.0, read 2026-11-21). The narrowest rights that Närvaro uses are
asked for; those for private messages only where the authority has chosen that they are read (P25).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from narvaro.base import http
from narvaro.connectors.client import Api, Json, Params, Reply, garbled, parts, problem, word
from narvaro.connectors.meta.graph import VERSION, error_of, meaning, token_of
from narvaro.connectors.oauth import App, Begun, Choice
from narvaro.connectors.port import PlatformError, ReconnectNeeded

MOST_PAGES = 10
CONSOLE = "Meta for Developers"
CONSOLE_URL = "https://developers.facebook.com/apps/"

FACEBOOK_SCOPES = (
    "pages_show_list,pages_read_engagement,pages_read_user_content,pages_manage_posts,"
    "pages_manage_engagement,pages_manage_metadata"
)
INSTAGRAM_SCOPES = "instagram_business_basic,instagram_business_content_publish,instagram_business_manage_comments"
THREADS_SCOPES = (
    "threads_basic,threads_content_publish,threads_manage_replies,threads_read_replies,"
    "threads_manage_mentions,threads_delete"
)


class _Login:
    """What the three have in common."""

    console_url = CONSOLE_URL
    console_name = CONSOLE
    name = ""
    window = ""
    graph = ""
    scopes = ""
    message_scopes = ""

    def begin(self, app: App, state: str) -> Begun:
        asked = {
            "client_id": app.client_id,
            "redirect_uri": app.redirect_uri,
            "response_type": "code",
            "scope": self.scopes + (f",{self.message_scopes}" if app.wants_messages and self.message_scopes else ""),
            "state": state,
            **self._more(),
        }
        return Begun(f"{self._at(app, self.window)}?{urlencode(asked)}")

    def _more(self) -> dict[str, str]:
        return {}

    def _at(self, app: App, address: str) -> str:
        """Return an address of the platform, on the server for tests where there is one."""
        if not app.service:
            return address
        return app.service.rstrip("/") + "/" + address.partition("://")[2].partition("/")[2]

    def _api(self, app: App, address: str) -> Api:
        return Api(self._at(app, address), http.Guard(allow_private=app.allow_private_hosts))

    def _options(self, app: App) -> dict[str, str]:
        return {"graph": app.service.rstrip("/")} if app.service else {}

    def _answered(self, reply: Reply) -> Json:
        error = error_of(reply)
        if error:
            found: PlatformError | None = meaning(error, reply, self.name)
        elif reply.status in {400, 401, 403}:  # Instagram answers in another shape here
            found = ReconnectNeeded(f"{self.name} godtog inte godkännandet. Börja om med att ansluta kanalen.")
        else:
            found = problem(reply)
        # A bad code and a bad secret are told as errors of the call; both mean that it must begin anew.
        if error and error.get("code") in {1, 100, 101, 191}:
            said = word(error, "message")[:200]
            raise ReconnectNeeded(f"{self.name} godtog inte godkännandet. Plattformen säger: ”{said}”")
        if found is not None:
            raise found
        if reply.is_page:
            raise garbled(reply)
        return reply.document()

    def _exchanged(self, app: App, address: str, kept: Params) -> Json:
        with self._api(app, address) as api:
            return self._answered(api.get("", kept))


class FacebookLogin(_Login):
    """A person who has a task on the page lets the app in; each page has a key of its own, which does not end."""

    name = "Facebook"
    window = f"https://www.facebook.com/{VERSION}/dialog/oauth"
    graph = f"https://graph.facebook.com/{VERSION}"
    scopes = FACEBOOK_SCOPES
    message_scopes = "pages_messaging"

    def _more(self) -> dict[str, str]:
        return {"auth_type": "rerequest"}  # a right that was declined once is asked for again

    def finish(self, app: App, kept: Mapping[str, str], answer: Mapping[str, str]) -> tuple[Choice, ...]:
        """Return the pages that the person may speak for. See `WayIn.finish`."""
        ours = {"client_id": app.client_id, "client_secret": app.client_secret}
        place = f"{self.graph}/oauth/access_token"
        wanted = {**ours, "redirect_uri": app.redirect_uri, "code": answer.get("code", "")}
        short = word(self._exchanged(app, place, wanted), "access_token")
        lasting = {**ours, "grant_type": "fb_exchange_token", "fb_exchange_token": short}
        key = word(self._exchanged(app, place, lasting), "access_token")
        return tuple(self._choice(app, page) for page in self._pages(app, key) if word(page, "access_token"))

    def _pages(self, app: App, key: str) -> list[Json]:
        found: list[Json] = []
        query: dict[str, str] = {"fields": "id,name,username,link,access_token,tasks", "limit": "100"}
        with Api(
            self._at(app, self.graph),
            http.Guard(allow_private=app.allow_private_hosts),
            {"authorization": f"Bearer {key}"},
        ) as api:
            for _page in range(MOST_PAGES):
                answer = self._answered(api.get("/me/accounts", query))
                found += parts(answer, "data")
                after = _after(answer)
                if not after:
                    break
                query["after"] = after
        return found

    def _choice(self, app: App, page: Json) -> Choice:
        remote_id = word(page, "id")
        secrets = {
            "access_token": word(page, "access_token"), "client_id": app.client_id,
            "client_secret": app.client_secret,
        }  # fmt: skip
        handle = word(page, "username") or f"profile.php?id={remote_id}"
        return Choice(remote_id, handle, word(page, "name"), secrets, options=self._options(app))


class InstagramLogin(_Login):
    """The professional account itself lets the app in; its key lasts 60 days and is renewed."""

    name = "Instagram"
    window = "https://www.instagram.com/oauth/authorize"
    graph = "https://graph.instagram.com"
    scopes = INSTAGRAM_SCOPES
    message_scopes = "instagram_business_manage_messages"
    code_at = "https://api.instagram.com/oauth/access_token"
    grant = "ig_exchange_token"
    version = VERSION
    id_field = "user_id"

    def _more(self) -> dict[str, str]:
        return {"force_reauth": "true"}  # never let an own private account, already signed in, slip in instead

    def finish(self, app: App, kept: Mapping[str, str], answer: Mapping[str, str]) -> tuple[Choice, ...]:
        """Return the one account that was let in. See `WayIn.finish`."""
        form = {
            "client_id": app.client_id, "client_secret": app.client_secret, "grant_type": "authorization_code",
            "redirect_uri": app.redirect_uri, "code": answer.get("code", "").removesuffix("#_"),
        }  # fmt: skip
        with self._api(app, self.code_at) as api:
            first = self._answered(api.post("", form=form))
        short = word((parts(first, "data") or [first])[0], "access_token")
        exchange = {"grant_type": self.grant, "client_secret": app.client_secret, "access_token": short}
        secrets = token_of(self._exchanged(app, f"{self.graph}/access_token", exchange))
        asked = {"fields": f"{self.id_field},username,name", "access_token": secrets["access_token"]}
        me = self._exchanged(app, f"{self.graph}/{self.version}/me", asked)
        remote_id, handle = word(me, self.id_field), word(me, "username")
        if not remote_id or not secrets["access_token"]:
            return ()
        kept_secrets = {**secrets, "client_id": app.client_id, "client_secret": app.client_secret}
        return (Choice(remote_id, handle, word(me, "name") or handle, kept_secrets, options=self._options(app)),)


class ThreadsLogin(InstagramLogin):
    """As Instagram's, on Threads' own servers and with Threads' own app id."""

    name = "Threads"
    window = "https://threads.com/oauth/authorize"
    graph = "https://graph.threads.net"
    scopes = THREADS_SCOPES
    message_scopes = ""  # there are none
    code_at = "https://graph.threads.net/oauth/access_token"
    grant = "th_exchange_token"
    version = "v1.0"
    id_field = "id"

    def _more(self) -> dict[str, str]:
        return {}


def _after(answer: Json) -> str:
    paging = answer.get("paging")
    if not isinstance(paging, dict) or not paging.get("next"):
        return ""
    cursors = paging.get("cursors")
    return word(cursors, "after") if isinstance(cursors, dict) else ""
