"""Help beside the work: what is cited opens what it says, where it stands and how sure we are."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.template import engines
from django.utils import translation

from narvaro.base import law
from narvaro.channels.tests.pages import signed_in
from narvaro.core import law_words
from narvaro.core.testing import an_actor
from narvaro.core.types import Role
from narvaro.inbox.testing import a_comment
from narvaro.moderation import actions as moderation
from narvaro.policy import queries as policy
from narvaro.records.testing import a_kept


def shown(id: str, language: str = "sv", linked: bool = True) -> str:
    template = engines["django"].from_string("{% load kit %}{% law_help id linked %}")
    with translation.override(language):
        return unescape(template.render({"id": id, "linked": linked}))


@pytest.mark.one_database
@pytest.mark.parametrize("confidence", ["A", "B", "recalled", "D"])
def test_how_sure_we_are_is_said_in_words_and_what_nobody_has_read_is_never_called_read(confidence):
    provision = next(each for each in law.provisions().values() if each.confidence == confidence)

    panel = shown(provision.id)

    assert provision.text_sv in panel
    assert provision.citation in panel
    assert f"/handbok/lag/{provision.id}/" in panel
    assert str(law_words.CONFIDENCE[confidence]) in panel
    assert ("Läst den" in panel) is (confidence in ("A", "B"))
    assert ("Skrivet den" in panel) is (confidence in ("recalled", "D"))


@pytest.mark.one_database
def test_a_kind_of_record_opens_too_and_a_page_open_to_anybody_leads_to_the_source():
    assert "/handbok/lag/SM-02/" in shown("SM-02")
    panel = shown("TF-13", linked=False)
    assert "/handbok/" not in panel
    assert law.provision("TF-13").url in panel
    with pytest.raises(KeyError):
        shown("XX-1")


@pytest.mark.one_database
def test_every_provision_can_be_told_in_both_languages():
    for id in (*law.provisions(), *law.record_classes()):
        with translation.override("en"):
            english = law_words.told(id)
        with translation.override("sv"):
            assert law_words.told(id).title != "", id
            assert law_words.told(id).name.startswith(law_words.told(id).title)
        assert english.title, id


@pytest.mark.django_db
def test_every_ground_of_a_decision_opens_what_it_means(authority, client):
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    incoming = a_comment(authority, "Jag ska slå dig")

    page = unescape(signed_in(lead).get(f"/inkorg/{incoming.uid}/steg/moderera/").content.decode())

    told = set(re.findall(r"/handbok/lag/([\w-]+)/", page))
    grounds = policy.grounds(lead, incoming.channel_id)
    assert len(grounds) > 8
    assert {each for ground in grounds for each in ground.law} <= told


@pytest.mark.django_db
def test_provisions_are_found_by_words_and_by_where_they_stand(authority):
    reader = signed_in(an_actor(authority, role=Role.EMPLOYEE))

    def found(question: str) -> set[str]:
        page = reader.get("/handbok/lag/", {"fraga": question}).content.decode()
        return set(re.findall(r'rows__title" href="/handbok/lag/([\w-]+)/', page))

    assert "TF-13" in found("meddelarfrihet")
    assert "TF-13" in found("tf 1 kap. 7")
    assert "BBS-5" in found("1998:112")
    assert found("barn") < found("")
    assert found("ordsomintefinns") == set()
    assert found("") == {*law.provisions(), *law.record_classes()}


@pytest.mark.django_db
def test_a_provision_leads_to_the_cases_that_are_about_it(authority):
    page = signed_in(an_actor(authority, role=Role.EMPLOYEE)).get("/handbok/lag/TF-13/").content.decode()

    assert "/utbildning/fall/kallan/" in page
    assert "/utbildning/fall/fore-valet/" not in page


@pytest.mark.django_db
def test_a_decision_opens_the_law_behind_its_ground(authority):
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    item = a_kept(authority, "Jag ska slå dig")
    decided = moderation.decide_measure(
        actor=lead, item=item, kind="hide", ground="BBS-5a", reasons="Ett hot.",
        waive_notice_why="Det är ett automatiskt konto.",
    )  # fmt: skip

    page = signed_in(lead).get(f"/moderering/{decided.measure.uid}/").content.decode()

    assert "/handbok/lag/BBS-5a/" in page
