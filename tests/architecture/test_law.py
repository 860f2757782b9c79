"""Law is data: a provision that is cited stands in the catalogue, and what is cited is said."""

import importlib.util
import io
import re
import tokenize

import pytest

from tests.architecture.source import Module, docstrings, listed, modules

ID = re.compile(r"(?<![\w-])([A-ZÅÄÖ]{2,5})-(\d{1,3}[a-z]?)(?![\w-])")
# Words that look like provisions and are none.
NOT_LAW = {
    "UTF",
    "SHA",
    "ISO",
    "RFC",
    "AES",
    "MD",
    "WCAG",
    "CVE",
    "EUPL",
    "TLS",
    "HTTP",
    "PKCS",
    "ES",
    "RS",
    "HS",
    "EN",
}
NOT_LAW |= {"BSD", "GPL", "PEP", "CSIP", "SIP", "ECMA", "CRC", "ASCII", "CP", "ADR", "UTC", "XML", "JSON", "CC", "CAR"}


def cited(module: Module) -> list[tuple[int, str]]:
    """Return (line, id) of every provision named in docstrings and comments."""
    texts = list(docstrings(module))
    for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
        if token.type == tokenize.COMMENT:
            texts.append((token.start[0], token.string))
    return [
        (line, f"{prefix}-{number}")
        for line, text in texts
        for prefix, number in ID.findall(text)
        if prefix not in NOT_LAW
    ]


def empty_citations(module: Module) -> list[str]:
    """Return the `Law:` lines that name nothing: neither a provision nor none."""
    problems = []
    for line, text in docstrings(module):
        for said in re.findall(r"^\s*Law:(.*(?:\n[ \t]*\S.*)*)", text, re.MULTILINE):
            if not ID.search(said) and not re.match(r"\s*none\b", said):
                problems.append(f"{module}:{line} has a `Law:` that names no provision; write the id, or none and why")
    return problems


def is_known(provision: str) -> bool:
    from narvaro.base import law

    try:
        return law.cited(provision) is not None
    except LookupError:
        return False


def test_every_cited_provision_stands_in_the_catalogue():
    cites = [(module, line, provision) for module in modules() for line, provision in cited(module)]

    unknown = [
        f"{module}:{line} cites {provision}, which narvaro.base.law does not know"
        for module, line, provision in cites
        if not is_known(provision)
    ]

    assert cites
    assert not unknown, listed(unknown)


def test_every_citation_names_a_provision():
    problems = [problem for module in modules() for problem in empty_citations(module)]

    assert not problems, listed(problems)


def test_an_invented_provision_is_seen():
    module = Module(
        "narvaro.inbox.actions", 'def hide():\n    """\n    Hide.\n\n    Law: TF-2, XY-999\n    """  # FL-6\n'
    )

    assert {provision for _, provision in cited(module)} == {"TF-2", "XY-999", "FL-6"}
    if importlib.util.find_spec("narvaro.base.law") is not None:
        assert is_known("TF-2")
        assert not is_known("XY-999")


@pytest.mark.parametrize("text", ["UTF-8 and SHA-256", "RFC 6962", "SM-23-x", "COVID-19a7"])
def test_what_only_looks_like_a_provision_is_let_be(text):
    assert not cited(Module("narvaro.inbox.actions", f'"""{text}"""\n'))


def test_an_empty_citation_is_seen():
    assert empty_citations(Module("narvaro.inbox.actions", '"""\nHide.\n\nLaw: see the handbook\n"""\n'))
    assert not empty_citations(Module("narvaro.inbox.actions", '"""\nHide.\n\nLaw: none; a service goal.\n"""\n'))
