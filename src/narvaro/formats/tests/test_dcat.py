"""A catalogue that harvesters can read, by the shapes of DCAT-AP 2.1.1 (SOURCE.txt)."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyshacl import validate
from rdflib import Graph
from rdflib.namespace import DCAT, DCTERMS, RDF

from narvaro.formats.dcat import MEDIA_TYPES, Agent, Catalogue, Dataset, Distribution, serialised

SHAPES = Path(__file__).with_name("dcat-ap_2.1.1_shacl_shapes.ttl")
HOME = "https://narvaro.storkoping.example/namnden"
AGENT = Agent(
    f"{HOME}/#authority", "Nämnden <b> & Co", homepage="https://storkoping.example/", email="data@storkoping.example"
)


def a_catalogue(agent: Agent = AGENT) -> Catalogue:
    ways = tuple(
        Distribution(f"{HOME}/datasets/dcat#{kind}", f"{HOME}/kanaler.{kind}", media, "Alla konton.")
        for kind, media in (("json", "application/json"), ("csv", "text/csv"), ("atom", "application/atom+xml"))
    )
    dataset = Dataset(
        f"{HOME}/datasets/dcat#accounts", "Konton", "Accounts", "Konton i sociala medier.", "Accounts in social media.",
        agent, ways, ("sociala medier",),
    )  # fmt: skip
    return Catalogue(f"{HOME}/datasets/dcat", "Öppna data", "Det vi delar.", agent, (dataset,))


@pytest.mark.parametrize("form", MEDIA_TYPES)
@pytest.mark.parametrize("agent", [AGENT, Agent(f"{HOME}/#authority", "Nämnden")], ids=["all", "least"])
def test_od_3_a_catalogue_conforms_to_the_shapes_of_dcat_ap_in_each_form(form, agent):
    graph = Graph().parse(data=serialised(a_catalogue(agent), form), format=form)

    holds, _graph, words = validate(graph, shacl_graph=Graph().parse(SHAPES), advanced=True)

    assert holds, words
    assert (None, RDF.type, DCAT.Dataset) in graph


def test_the_shapes_refuse_a_catalogue_without_a_title():
    graph = Graph().parse(data=serialised(a_catalogue()), format="xml")
    graph.remove((None, DCTERMS.title, None))

    holds, _graph, _words = validate(graph, shacl_graph=Graph().parse(SHAPES), advanced=True)

    assert not holds


def test_od_2_every_resource_has_an_absolute_address():
    graph = Graph().parse(data=serialised(a_catalogue()), format="xml")

    assert all(str(subject).startswith(("https://", "http://")) for subject in graph.subjects())
