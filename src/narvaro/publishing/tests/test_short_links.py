"""Pages of short links, and the links of a post made short with one press."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.core.testing import an_actor, an_authority, person_of
from narvaro.core.types import Role
from narvaro.links import queries
from narvaro.links.models import ShortLink

BATH = "https://storkoping.example/badet?vy=1#tider"


@pytest.fixture
def authority():
    made = an_authority()
    made.website = "https://www.storkoping.example/"
    made.save(update_fields=["website"])
    return made


@pytest.fixture
def writer(authority):
    return an_actor(authority, role=Role.REPRESENTATIVE)


@pytest.mark.django_db
def test_a_link_is_made_changed_and_followed_up_on_the_pages(writer, django_assert_max_num_queries):
    desk, root = signed_in(writer), "/publicerat/lankar/"
    foreign = filled(desk.get(root), target="https://folkhalsa.example/rad", title="Råd")

    asked = desk.post(root, foreign)
    made = desk.post(root, filled(asked, **{**foreign, "agreed": "on", "tagging": "utm", "campaign": "host"}))
    link = ShortLink.objects.of(writer).get()
    Client().get(f"/l/{link.code}")

    assert (asked.status_code, made.status_code) == (422, 302)
    assert f"utm_source={link.code}&utm_medium=social&utm_campaign=host" in link.target
    with django_assert_max_num_queries(12):
        page = desk.get(made["Location"]).content.decode()
    assert "en annan webbplats än er egen" in page
    assert "Länken har följts 1 gång" in page
    csv = desk.get(f"{made['Location']}klick.csv").content.decode()
    assert csv.splitlines()[1].endswith(";1")
    desk.post(f"{made['Location']}andra/", filled(desk.get(made["Location"]), "target_form", target=BATH))
    assert Client().get(f"/l/{link.code}")["Location"] == BATH
    assert settings.OPTIONS.base_url in desk.get(root).content.decode()


@pytest.mark.django_db
def test_the_links_of_a_post_are_made_short_with_one_press_and_nothing_else_is_lost(authority, writer):
    channels = [a_channel(authority, responsible=person_of(writer)) for _ in range(2)]
    desk, new = signed_in(writer), "/publicerat/nytt/"
    text, own = f"Badet öppnar: {BATH}. Mer: https://region.example/x", f"Plaska! {BATH}"
    chosen = {"channels": [str(each.uid) for each in channels], f"own_{channels[1].uid}": own}

    sent = desk.post(new, filled(desk.get(new), text=text, do="shorten", **chosen), follow=True)
    form = sent.context["form"]
    made = {each.target: queries.address_of(each) for each in ShortLink.objects.of(writer).order_by("-pk")}

    assert form["text"].value() == text.replace(BATH, made[BATH]).replace(
        "https://region.example/x", made["https://region.example/x"]
    )
    assert "/l/" in form[f"own_{channels[1].uid}"].value()
    assert ShortLink.objects.of(writer).count() == 3
    assert "inte er egen webbplats: region.example" in sent.content.decode()
    again = desk.post(sent.request["PATH_INFO"], filled(sent, do="shorten", channels=chosen["channels"]))
    assert (again.status_code, ShortLink.objects.of(writer).count()) == (302, 3)
