"""
Registers at the command line: authorities and their accounts, each row's fate told, nothing twice.

The rows stand as they do in the registers they come from (all CC0): Statistics Sweden's municipalities
(sjbrg/swedish-geodata), agencies (civictechsweden/myndighetsdata) and accounts (unitedstates/congress-legislators).
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from narvaro.channels import queries as channels
from narvaro.core import queries
from narvaro.core.types import Actor
from narvaro.formats import tables
from narvaro.web.command import main

pytestmark = pytest.mark.django_db

MUNICIPALITIES = """municipality_code,municipality_name,municipality_name_short,county_code
0114,Upplands Väsby kommun,Upplands Väsby,01
2418,Malå kommun,Malå,24
"""
AGENCIES = {
    "Arbetsdomstolen": {
        "esv": {"org_nr": "202100-2122"},
        "scb": {"org_nr": "202100-2122", "email": "kansliet@arbetsdomstolen.se", "phone": 86176600,
                "website": "www.arbetsdomstolen.se", "group": "Sveriges domstolar samt Domstolsverket"},
    },
    "Nämnden mot diskriminering": {"scb": [
        {"org_nr": "202100-1", "email": "inte en adress"}, {"org_nr": "202100-1", "end": 2008},
    ]},
    "Statens medieråd": {"scb": {"org_nr": "202100-6396", "end": 2023}},
    "AMU-gruppen": {"sfs": {"end": "1993-07-01T00:00:00"}},
}  # fmt: skip
ACCOUNTS = """# Official accounts
- id:
    bioguide: R000600
    thomas: '02222'
  social:
    twitter: RepAmata
    facebook: aumuaamata
    youtube_id: UCGdrLQbt1PYDTPsampx4t1A
    twitter_id: 3026622545
"""
ADMIN = "admin@storkoping.example"


@pytest.fixture
def said(capsys: Any) -> Any:
    def run(*words: str) -> tuple[int, Any]:
        capsys.readouterr()
        code = main([*words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def files(said, tmp_path):
    (tmp_path / "losenord").write_text("ett långt lösenord 123")
    said("setup", "--authority", "Storköping", "--admin", ADMIN, "--password-file", str(tmp_path / "losenord"))
    held = {"kommuner.csv": MUNICIPALITIES, "myndigheter.json": json.dumps(AGENCIES), "konton.yaml": ACCOUNTS}
    for name, text in held.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return [str(tmp_path / name) for name in held]


def fates(answer, name):
    (found,) = [file for at, file in answer["files"].items() if at.endswith(name)]
    return [(row["name"], row["fate"]) for row in found["rows"]]


def test_authorities_and_accounts_come_in_by_one_command_and_only_once(said, files):
    words = ("register", "import", *files, "--authority", "storkoping", "--responsible", ADMIN, "--unit", "Kansliet")

    tried, told = said(*words, "--dry-run")
    after_trial = [each.name for each in queries.all_authorities()]
    code, first = said(*words)
    _code, again = said(*words)

    assert after_trial == ["Storköping"]
    assert (tried, code, told["written"], first["written"]) == (1, 1, False, True)
    for answer in (told, first):
        assert fates(answer, "kommuner.csv") == [("Upplands Väsby kommun", "new"), ("Malå kommun", "new")]
        assert fates(answer, "myndigheter.json") == [
            ("Arbetsdomstolen", "new"), ("Nämnden mot diskriminering", "new"),
            ("Nämnden mot diskriminering", "refused"), ("Statens medieråd", "refused"), ("AMU-gruppen", "refused"),
        ]  # fmt: skip
        assert fates(answer, "konton.yaml") == [("RepAmata", "new"), ("aumuaamata", "new"),
                                                ("UCGdrLQbt1PYDTPsampx4t1A", "new")]  # fmt: skip
    assert {fate for name in ("kommuner.csv", "konton.yaml") for _row, fate in fates(again, name)} == {"same"}
    court = queries.authority_by_slug("arbetsdomstolen")
    assert (court.website, court.registrar_email, court.phone) == (
        "https://www.arbetsdomstolen.se", "kansliet@arbetsdomstolen.se", "86176600",
    )  # fmt: skip
    home = Actor.system(queries.authority_by_slug("storkoping"), "test")
    assert {(each.platform, each.unit.name) for each in channels.channels(home)} == {
        ("x", "Kansliet"), ("facebook", "Kansliet"), ("youtube", "Kansliet"),
    }  # fmt: skip


def test_what_an_authority_says_itself_is_not_changed_by_a_register_but_what_lacks_is_filled_in(said, files):
    said("register", "import", files[1])
    court = queries.authority_by_slug("arbetsdomstolen")
    type(court).objects.filter(pk=court.pk).update(website="https://egen.example", phone="")

    _code, again = said("register", "import", files[1])

    court.refresh_from_db()
    assert fates(again, "myndigheter.json")[0] == ("Arbetsdomstolen", "changed")
    assert (court.website, court.phone) == ("https://egen.example", "86176600")


def test_a_register_of_channels_is_judged_and_then_brought_in(said, files, tmp_path):
    file = tmp_path / "kanaler.csv"
    file.write_text("Plattform;Vem;Förvaltning\nFacebook;biblioteket;Kultur\nOkänd;x;Kultur\n", encoding="utf-8")
    words = ("channel", "import", str(file), "--as", ADMIN, "--map", "Vem=handle")

    _code, tried = said(*words, "--dry-run")
    code, told = said(*words)

    assert fates(tried, "kanaler.csv") == fates(told, "kanaler.csv") == [("biblioteket", "new"), ("x", "refused")]
    assert "Okänd" in told["files"][str(file)]["rows"][1]["why"]
    assert code == 1
    home = Actor.system(queries.authority_by_slug("storkoping"), "test")
    assert [each.handle for each in channels.channels(home)] == ["biblioteket"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["channel", "import"], "Ange filen"),
        (["channel", "import", "finns-inte.csv"], "kan inte läsas"),
        (["channel", "import", "{file}", "--map", "a"], "går inte"),
        (["channel", "import", "{file}", "--responsible", "ingen@storkoping.example"], "Ingen här har adressen"),
        (["register", "import", "{bad}"], "Rad 2"),
        (["register", "import", "{large}"], "20 MB"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_written(said, files, tmp_path, words, sentence):
    held = {"file": "platform;handle\nx;a\n", "bad": 'platform;handle\n"x;a\n'}
    for name, text in held.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with (tmp_path / "large").open("wb") as file:
        file.truncate(tables.MOST_BYTES + 1)

    code, answer = said(*(word.format(**{n: tmp_path / n for n in (*held, "large")}) for word in words))

    assert code == 2
    assert sentence in answer["error"]
