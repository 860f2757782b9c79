"""A platform on loopback that takes every post at once: `python -m bench.fake_platform PORT`."""

from __future__ import annotations

import itertools
import json
import sys
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_numbers = itertools.count(1)


class Platform(BaseHTTPRequestHandler):
    """Speaks as much of Mastodon's API as one public post without pictures needs."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Take a post and say so."""
        post = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
        number = next(_numbers)
        self._say({
            "id": str(number), "content": post.get("status", ""), "text": post.get("status", ""),
            "visibility": "public", "created_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
            "url": f"http://localhost/@kanal/{number}", "uri": f"http://localhost/{number}", "media_attachments": [],
            "account": {"id": "1", "acct": "kanal", "username": "kanal", "display_name": "Kanal", "url": ""},
        })  # fmt: skip

    def do_GET(self) -> None:
        """Say that there is nothing."""
        self._say({})

    def log_message(self, *_said: Any) -> None:
        """Stay quiet."""

    def _say(self, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Platform).serve_forever()
