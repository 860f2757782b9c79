"""How a test looks at the pages of the inbox, and fills in their forms."""

from __future__ import annotations

import io
import re

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from narvaro.base.ids import uuid7
from narvaro.core.testing import person_of

EVERY_QUERY = 12
HEAVIEST_BYTES = 60_000


def signed_in(actor):
    client = Client()
    client.force_login(person_of(actor), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def body(response):
    return re.sub(r"\s+", " ", response.content.decode())


def thread_url(incoming, query=""):
    return reverse("inbox:thread", args=[incoming.uid]) + query


def step_url(incoming, name, query=""):
    return reverse("inbox:step", args=[incoming.uid, name]) + query


def sent(incoming, **values):
    return {"intent": str(uuid7()), "seen_version": incoming.version, **values}


def an_answer(incoming, text="Vi öppnar klockan nio.", **values):
    return sent(incoming, kind="answer", text=text, **values)


def seen(client, url):
    answer = client.get(url)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return body(answer)


def cost(client, url):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return [q["sql"][:160] for q in captured.captured_queries]


def a_png(colour="teal"):
    content = io.BytesIO()
    Image.new("RGB", (20, 20), colour).save(content, "PNG")
    return SimpleUploadedFile("bild.png", content.getvalue())
