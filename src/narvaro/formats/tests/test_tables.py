"""Tables that people have are read whole, or refused with what is wrong and where."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from narvaro.formats import tables
from narvaro.formats.tables import Fault, Unreadable
from narvaro.testing.effort import within

pytestmark = pytest.mark.one_database

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
BOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets><sheet name="Gömt" state="hidden" r:id="r2"/>'
    '<sheet name="Konton" r:id="r1"/></sheets></workbook>'
)
BOOK_LINKS = (
    '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/>'
    '<Relationship Id="r2" Target="worksheets/hidden.xml"/></Relationships>'
)


def a_workbook(rows="", shared="", **parts):
    """Return the bytes of a workbook of the fewest parts, or with other parts in their stead."""
    held = {
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": BOOK_LINKS,
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{shared}</sst>',
        **parts,
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in held.items():
            packed.writestr(name, text)
    return file.getvalue()


def fault(content):
    with pytest.raises(Unreadable) as refused:
        tables.read(content)
    return refused.value.fault, refused.value.row


@pytest.mark.parametrize("mark", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_a_csv_is_read_whatever_its_characters_and_delimiter(mark, delimiter):
    text = f'\r\nPlattform{delimiter}Konto\r\n\r\nFacebook{delimiter}"Åsele{delimiter} kommun"\r\n'

    table = tables.read(text.encode(mark))

    assert table.columns == ("Plattform", "Konto")
    assert [(row.number, row.cells) for row in table.rows] == [
        (4, ("Facebook", f"Åsele{delimiter} kommun".strip()))
    ] or (delimiter == "\t" and table.rows[0].cells == ("Facebook", "Åsele kommun"))
    assert table.is_guessed == (mark == "cp1252")


def test_what_we_wrote_for_a_spreadsheet_is_read_back_and_a_formula_is_told():
    table = tables.read(b"Konto;Syfte\n'@kommunen;=HYPERLINK(1)\n'=1+1;'quoted\n")

    assert [row.cells for row in table.rows] == [("@kommunen", "=HYPERLINK(1)"), ("=1+1", "'quoted")]
    assert [row.formulas for row in table.rows] == [(1,), ()]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", (Fault.EMPTY, 0)),
        (b"\0\0\n", (Fault.EMPTY, 0)),
        (b";;\n;\n", (Fault.EMPTY, 0)),
        (b'a;b\n1;2\n"x;y\n3;4\n', (Fault.DAMAGED, 3)),
        (b"a;b\n1;\xff\x81\n", (Fault.ENCODING, 2)),
        (b"a;\xc3\xa5\n1;\xff\n", (Fault.ENCODING, 2)),
        (b"a;b\n1;\0\n", (Fault.ENCODING, 2)),
        ("a;b\n1;2".encode("utf-16-le"), (Fault.ENCODING, 1)),
        (b"\xff\xfea\x00;", (Fault.ENCODING, 1)),
        (b"a;b\n1;" + b"x" * 10_001, (Fault.CELL_TOO_LONG, 2)),
        (b"a;b\n1;" + b"x" * 1_000_000, (Fault.CELL_TOO_LONG, 2)),
        (b"x" * 10_000_000, (Fault.CELL_TOO_LONG, 1)),
        (b"x" * 20_000_001, (Fault.TOO_LARGE, 0)),
        (b";".join([b"x"] * 201), (Fault.TOO_WIDE, 1)),
        (b"a\n" + b"1\n" * 100_001, (Fault.TOO_MANY_ROWS, 100_002)),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", (Fault.OLD_EXCEL, 0)),
        (b'{"a": 1}', (Fault.SHAPE, 0)),
        (b"[1, 2]", (Fault.SHAPE, 0)),
        (b"[" * 100_000, (Fault.SHAPE, 0)),
        (b"[" * 600_000, (Fault.TOO_MANY_ROWS, 0)),
        (b'[{"a":\n1,}]', (Fault.DAMAGED, 2)),
        (b'[{"a": ' + b"9" * 5000 + b"}]", (Fault.SHAPE, 0)),
        (b"PK\x03\x04" + b"x" * 100, (Fault.DAMAGED, 0)),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_a_hostile_file_is_refused_with_what_is_wrong_and_where(content, told):
    with within(5):
        assert fault(content) == told


# --- Workbooks --------------------------------------------------------------------------------------------------------


def test_a_workbook_is_read_by_its_first_shown_sheet_with_dates_gaps_and_formulas():
    rows = (
        '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" t="inlineStr"><is><t>Öppnat</t></is></c></row>'
        '<row r="5"><c r="A5" t="s"><v>1</v></c><c r="B5"><f>1+1</f><v>2</v></c><c r="C5"><v>45352</v></c>'
        '<c r="D5"><v>7</v></c></row><row r="6"><c t="b"><v>1</v></c></row>'
    )
    shared = "<si><t>Konto</t></si><si><r><t>Åsele</t></r><r><t> kommun</t></r><rPh><t>uttal</t></rPh></si>"

    table = tables.read(a_workbook(rows, shared))

    assert table.columns == ("Konto", "", "Öppnat")
    assert [(row.number, row.cells, row.formulas) for row in table.rows] == [
        (5, ("Åsele kommun", "2", "45352"), (1,)),
        (6, ("ja", "", ""), ()),
    ]
    assert tables.day(table.rows[0].cells[2]) == date(2024, 3, 1)


def test_days_counted_from_1904_are_the_days_they_are():
    book = BOOK.replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
    rows = '<row><c t="str"><v>Öppnat</v></c></row><row><c><v>43890</v></c></row>'

    assert tables.day(tables.read(a_workbook(rows, **{"xl/workbook.xml": book})).rows[0].cells[0]) == date(2024, 3, 1)


LONG = "x" * 9_000
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.seldom
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (lambda: a_workbook(**{"xl/workbook.xml": LAUGHS + BOOK}), Fault.DAMAGED),
        (lambda: a_workbook(**{"xl/workbook.xml": '<!DOCTYPE x SYSTEM "file:///etc/passwd">' + BOOK}), Fault.DAMAGED),
        (lambda: a_workbook("<row>" + " " * 100_000_000 + "</row>"), Fault.SWELLS),
        (lambda: a_workbook("<x/>" * 5_100_000), Fault.SWELLS),
        (lambda: a_workbook("<a>" * 70), Fault.SWELLS),
        (lambda: a_workbook('<row><c t="s"><v>0</v></c></row>' * 8_000, f"<si><t>{LONG}</t></si>"), Fault.SWELLS),
        (lambda: a_workbook('<row><c t="s"><v>7</v></c></row>'), Fault.DAMAGED),
        (lambda: a_workbook('<row><c r="XFD1"><v>7</v></c></row>'), Fault.TOO_WIDE),
        (lambda: a_workbook("<row><c>"), Fault.DAMAGED),
        (lambda: a_workbook(**{"xl/_rels/workbook.xml.rels": "<Relationships/>"}), Fault.NO_SHEET),
        (
            lambda: a_workbook(
                **{"xl/_rels/workbook.xml.rels": BOOK_LINKS.replace("worksheets/sheet1.xml", "../../../etc/passwd")}
            ),
            Fault.NO_SHEET,
        ),
        (lambda: a_workbook(**{f"docProps/{n}": "" for n in range(2_100)}), Fault.SWELLS),
        (lambda: a_workbook("<row/>")[:-40], Fault.DAMAGED),
    ],
    ids=[
        "laughs", "entity", "bomb", "elements", "depth", "long text everywhere", "no such text", "wide", "cut xml",
        "no link", "path", "members", "cut zip",
    ],
)  # fmt: skip
def test_a_hostile_workbook_is_refused(content, told):
    hostile = content()

    with within(5):
        assert fault(hostile)[0] == told


def test_a_locked_workbook_is_said_to_be_locked():
    content = bytearray(a_workbook("<row/>"))
    at = content.index(b"PK\x01\x02")
    while at >= 0:
        content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 4)

    assert fault(bytes(content))[0] == Fault.LOCKED


# --- JSON -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("around", [lambda rows: rows, lambda rows: {"metadata": {"count": 1}, "results": rows}])
def test_a_register_is_read_as_a_list_or_within_an_object(around):
    row = {
        "service_key": "twitter",
        "account": "x",
        "agencies": [{"name": "A"}, {"name": "B"}],
        "tags": None,
        "ok": True,
    }

    table = tables.read(json.dumps(around([row])).encode())

    assert dict(zip(table.columns, table.rows[0].cells, strict=True)) == {
        "service_key": "twitter", "account": "x", "agencies": "A, B", "tags": "", "ok": "ja",
    }  # fmt: skip


def test_a_record_of_several_accounts_becomes_a_row_for_each_counted_by_record():
    records = [
        {"id": {"bioguide": "B1"}, "social": {"twitter": "A", "twitter_id": 1, "youtube_id": "UC1"}},
        {"id": {"bioguide": "B2"}, "social": {"facebook": "B"}},
    ]

    table = tables.read(json.dumps(records).encode())

    assert [(row.number, row.cells) for row in table.rows] == [
        (1, ("B1", "twitter", "A")), (1, ("B1", "youtube", "UC1")), (2, ("B2", "facebook", "B")),
    ]  # fmt: skip


def test_a_list_in_yaml_is_read_as_registers_write_it():
    text = """# Accounts
- id:
    bioguide: B1
    thomas: '02'
  social:
    twitter: A  # the first
    facebook: "B"
- id:
    bioguide: B2
  social:
    mastodon: kommunen@social.example
"""

    table = tables.read(text.encode())

    assert [(row.number, row.cells) for row in table.rows] == [
        (1, ("B1", "twitter", "A")), (1, ("B1", "facebook", "B")), (2, ("B2", "mastodon", "kommunen@social.example")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line", ["    x: &a 1", "    x: *a", "    x: !!python/object:os.system", "      deep: 1", "    - 1"]
)
def test_yaml_that_is_more_than_a_list_of_records_is_refused_with_its_row(line):
    assert fault(f"- social:\n    x: y\n{line}\n".encode()) == (Fault.SHAPE, 3)


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
@settings(max_examples=300)
def test_any_bytes_are_a_table_or_refused(content):
    try:
        table = tables.read(content)
    except Unreadable:
        return
    assert all(len(row.cells) == len(table.columns) for row in table.rows)
    assert all("\0" not in cell and cell.encode().decode() == cell for row in table.rows for cell in row.cells)
