"""
A catalogue of open data as DCAT-AP-SE (2.1.1 of DCAT-AP beneath): what Sveriges dataportal harvests.

Law: OD-1, OD-2, OD-3
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from rdflib import Graph, Namespace, URIRef
from rdflib import Literal as Text
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, XSD

Form = Literal["xml", "turtle", "json-ld"]

MEDIA_TYPES: Final[dict[Form, str]] = {
    "xml": "application/rdf+xml",
    "turtle": "text/turtle",
    "json-ld": "application/ld+json",
}
"""The media type of each form; the first is what harvesters ask for."""

_VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
_AVAILABLE = URIRef("http://data.europa.eu/r5r/availability")
_EU = "http://publications.europa.eu/resource/authority"
_CC0 = URIRef("http://creativecommons.org/publicdomain/zero/1.0/")
_SWEDEN = URIRef("http://sws.geonames.org/2661886")
_PLANNED = URIRef("http://publications.europa.eu/resource/authority/planned-availability/STABLE")


@dataclass(frozen=True, slots=True)
class Agent:
    """Whoever publishes: a name, the homepage ("" where none is known), and where questions go ("" the same)."""

    iri: str
    name: str
    homepage: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Distribution:
    """One way to get a set of data: where, and in which form (an IANA media type)."""

    iri: str
    url: str
    media_type: str
    description_sv: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """A set of data, with who publishes it and its ways to be had. `theme` is a code of the EU's data themes."""

    iri: str
    title_sv: str
    title_en: str
    description_sv: str
    description_en: str
    publisher: Agent
    distributions: tuple[Distribution, ...]
    keywords_sv: tuple[str, ...] = ()
    theme: str = "GOVE"
    modified: date | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What is harvested: the catalogue and its sets of data."""

    iri: str
    title_sv: str
    description_sv: str
    publisher: Agent
    datasets: tuple[Dataset, ...]


def serialised(catalogue: Catalogue, form: Form = "xml") -> bytes:
    """
    Return a catalogue in one of the forms of RDF, UTF-8.

    Every resource has an absolute address, as harvesters ask for; the licence is CC0.
    """
    graph = Graph()
    for prefix, space in (("dcat", DCAT), ("dcterms", DCTERMS), ("foaf", FOAF), ("vcard", _VCARD)):
        graph.bind(prefix, space)
    node = URIRef(catalogue.iri)
    graph.add((node, RDF.type, DCAT.Catalog))
    graph.add((node, DCTERMS.title, Text(catalogue.title_sv, lang="sv")))
    graph.add((node, DCTERMS.description, Text(catalogue.description_sv, lang="sv")))
    graph.add((node, DCTERMS.license, _CC0))
    graph.add((node, DCTERMS.language, URIRef(f"{_EU}/language/SWE")))
    graph.add((node, DCAT.themeTaxonomy, URIRef(f"{_EU}/data-theme")))
    graph.add((node, DCTERMS.publisher, _agent(graph, catalogue.publisher)))
    if catalogue.publisher.homepage:
        graph.add((node, FOAF.homepage, _document(graph, catalogue.publisher.homepage)))
    for dataset in catalogue.datasets:
        graph.add((node, DCAT.dataset, _dataset(graph, dataset)))
    found: bytes = graph.serialize(format=form, encoding="utf-8")
    return found


def _dataset(graph: Graph, dataset: Dataset) -> URIRef:
    node = URIRef(dataset.iri)
    graph.add((node, RDF.type, DCAT.Dataset))
    for text, language in ((dataset.title_sv, "sv"), (dataset.title_en, "en")):
        graph.add((node, DCTERMS.title, Text(text, lang=language)))
    for text, language in ((dataset.description_sv, "sv"), (dataset.description_en, "en")):
        graph.add((node, DCTERMS.description, Text(text, lang=language)))
    for word in dataset.keywords_sv:
        graph.add((node, DCAT.keyword, Text(word, lang="sv")))
    graph.add((node, DCTERMS.publisher, _agent(graph, dataset.publisher)))
    graph.add((node, DCTERMS.accessRights, URIRef(f"{_EU}/access-right/PUBLIC")))
    graph.add((node, DCTERMS.accrualPeriodicity, URIRef(f"{_EU}/frequency/CONT")))
    graph.add((node, DCAT.theme, URIRef(f"{_EU}/data-theme/{dataset.theme}")))
    graph.add((node, DCTERMS.spatial, _SWEDEN))
    if dataset.modified:
        graph.add((node, DCTERMS.modified, Text(dataset.modified.isoformat(), datatype=XSD.date)))
    if dataset.publisher.email:
        graph.add((node, DCAT.contactPoint, _contact(graph, dataset)))
    _distributions(graph, node, dataset.distributions)
    return node


def _distributions(graph: Graph, dataset: URIRef, found: Iterable[Distribution]) -> None:
    for each in found:
        node = URIRef(each.iri)
        graph.add((dataset, DCAT.distribution, node))
        graph.add((node, RDF.type, DCAT.Distribution))
        graph.add((node, DCAT.accessURL, URIRef(each.url)))
        graph.add((node, DCAT.downloadURL, URIRef(each.url)))
        graph.add((node, DCTERMS.license, _CC0))
        graph.add((node, DCTERMS.description, Text(each.description_sv, lang="sv")))
        graph.add((node, DCTERMS.format, URIRef(f"{_EU}/file-type/{_FILE_TYPES[each.media_type]}")))
        graph.add((node, DCAT.mediaType, URIRef(f"https://www.iana.org/assignments/media-types/{each.media_type}")))
        graph.add((node, URIRef("http://data.europa.eu/r5r/availability"), _PLANNED))


_FILE_TYPES = {"application/json": "JSON", "text/csv": "CSV", "application/atom+xml": "ATOM"}


def _agent(graph: Graph, agent: Agent) -> URIRef:
    node = URIRef(agent.iri)
    graph.add((node, RDF.type, FOAF.Agent))
    graph.add((node, FOAF.name, Text(agent.name)))
    graph.add((node, DCTERMS.type, URIRef("http://purl.org/adms/publishertype/LocalAuthority")))
    if agent.homepage:
        graph.add((node, FOAF.homepage, _document(graph, agent.homepage)))
    return node


def _contact(graph: Graph, dataset: Dataset) -> URIRef:
    node = URIRef(f"{dataset.publisher.iri}-contact")
    graph.add((node, RDF.type, _VCARD.Organization))
    graph.add((node, _VCARD.fn, Text(dataset.publisher.name)))
    graph.add((node, _VCARD.hasEmail, URIRef(f"mailto:{dataset.publisher.email}")))
    return node


def _document(graph: Graph, address: str) -> URIRef:
    node = URIRef(address)
    graph.add((node, RDF.type, FOAF.Document))
    return node
