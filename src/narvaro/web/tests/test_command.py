"""The command line: each command through `main`, as a script would use it."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

from narvaro.channels import actions as channel_actions
from narvaro.channels import queries as channels
from narvaro.channels.testing import a_channel
from narvaro.core import queries
from narvaro.core.models import AuditEntry
from narvaro.core.testing import PASSWORD, an_authority
from narvaro.core.types import Actor
from narvaro.moderation.models import Complaint, Measure, Report
from narvaro.records import guards
from narvaro.records import queries as records
from narvaro.records.testing import a_kept
from narvaro.testing.servers.mastodon_mock import MastodonMock
from narvaro.web.command import commands, main
from narvaro.web.commands.language import language
from narvaro.web.tests.installation import Installation, fresh_database

ADMIN = "admin@storkoping.example"


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command; give its exit code, and what it said to a machine."""

    def run(*words: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = main([*words, "--json"])
        out = capsys.readouterr().out
        assert out.count("\n") == 1, "A machine gets one JSON object on one line."
        found: dict[str, Any] = json.loads(out)
        assert found["code"] == code
        return code, found

    return run


@pytest.fixture
def password_file(tmp_path: Path) -> str:
    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n")
    return str(path)


def set_up(said: Any, password_file: str) -> Actor:
    code, _ = said("setup", "--authority", "Kommunstyrelsen", "--admin", ADMIN, "--password-file", password_file)
    assert code == 0
    return Actor.system(queries.all_authorities()[0], "test")


# --- Words ----------------------------------------------------------------------------------------------------------


def test_help_lists_every_command_without_loading_the_product():
    program = "import sys\nfrom narvaro.web.command import main\nmain(['--help'])\nsys.exit('django' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)

    assert done.returncode == 0
    assert all(f"  {name} " in done.stdout for name in commands())


@pytest.mark.parametrize("name", list(commands()))
def test_every_command_explains_itself_in_plain_swedish(name, capsys):
    assert main([name, "--help"]) == 0

    out = capsys.readouterr().out
    assert out.startswith(f"Så här: narvaro {name}")
    assert "show this help" not in out
    assert "usage" not in out


@pytest.mark.parametrize("name", ["setup", "channel"])
def test_help_of_a_command_is_found_both_ways(name, capsys):
    main([name, "--help"])
    one = capsys.readouterr().out

    main(["help", name])

    assert capsys.readouterr().out == one


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["captur"], "Menade du capture?"),
        (["setup"], "Det här saknas: --authority, --admin."),
        (["verify", "--fel"], "Det här känns inte igen: --fel."),
        (["keys", "eat"], "kan inte vara"),
        (["import", "x.zip", "--channel"], "--channel behöver ett värde."),
        (["search", "bad", "--limit", "0"], "--limit ska vara minst 1."),
        (["help", "captur"], "Menade du capture?"),
    ],
)
def test_wrong_use_is_told_in_one_sentence(words, sentence, capsys):
    assert main(words) == 2

    captured = capsys.readouterr()
    assert sentence in captured.err
    assert captured.out == ""


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "sv"),
        ({"LANG": "C.UTF-8"}, "sv"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "NARVARO_LANGUAGE": "sv"}, "sv"),
        ({"LANG": "sv_SE.UTF-8", "NARVARO_LANGUAGE": "en"}, "en"),
        ({"LC_ALL": "sv_SE.UTF-8", "LANG": "en_US.UTF-8"}, "sv"),
    ],
)
def test_language_follows_the_setting_and_then_the_terminal(environ, expected):
    assert language(environ) == expected


# --- Set-up and people ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_setup_makes_an_administrator_who_can_sign_in(said, password_file, client):
    set_up(said, password_file)

    assert client.login(email=ADMIN, password=PASSWORD)
    assert said("setup", "--authority", "En till", "--admin", "b@storkoping.example", "--link")[0] == 2


@pytest.mark.django_db
def test_setup_without_a_password_gives_a_link_that_works_once(said, client):
    code, told = said("setup", "--authority", "Kommunstyrelsen", "--admin", ADMIN)
    path = urlsplit(told["password_link"]).path

    form = client.get(path, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
    client.logout()

    assert code == 0
    assert client.login(email=ADMIN, password=PASSWORD)
    client.logout()
    again = client.get(path, follow=True)
    assert "password1" not in again.content.decode()


@pytest.mark.django_db
def test_a_weak_password_is_refused_and_nothing_is_set_up(said, tmp_path):
    (tmp_path / "weak").write_text("kort")

    code, told = said("setup", "--authority", "N", "--admin", ADMIN, "--password-file", str(tmp_path / "weak"))

    assert code == 2
    assert told["error"]
    assert not queries.is_set_up()


@pytest.mark.django_db
def test_units_and_people_are_added_without_a_browser(said, password_file):
    actor = set_up(said, password_file)

    assert said("unit", "add", "--name", "Biblioteket")[0] == 0
    code, told = said(
        "people", "add", "--email", "registrator@storkoping.example", "--name", "Registrator", "--role", "registrar"
    )

    assert code == 0
    assert "/accounts/password/reset/key/" in told["password_link"]
    assert [unit.name for unit in queries.units(actor)] == ["Biblioteket"]
    listed = {row["email"]: row for row in said("people", "list")[1]["people"]}
    assert listed["registrator@storkoping.example"]["roles"] == ["Registrator"]


@pytest.mark.django_db
def test_a_person_may_do_no_more_at_the_command_line_than_on_the_pages(said, password_file):
    set_up(said, password_file)
    said("people", "add", "--email", "revisor@storkoping.example", "--name", "Revisor", "--role", "auditor")

    code, told = said("unit", "add", "--name", "Simhallen", "--as", "revisor@storkoping.example")

    assert code == 3
    assert told["ok"] is False


@pytest.mark.django_db
def test_several_authorities_must_be_told_apart(said):
    an_authority("Storköping")
    other = an_authority("Lillköping")

    assert said("unit", "list")[0] == 2
    assert said("unit", "list", "--authority", other.slug)[0] == 0


# --- Channels -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_manual_channel_is_registered_with_people_who_did_not_exist(said, password_file):
    actor = set_up(said, password_file)

    code, told = said(
        "channel", "add", "--platform", "manual", "--handle", "torget", "--name", "Anslagstavlan", "--unit", "Torget",
        "--responsible", "Torgvärd <torg@storkoping.example>", "--deputy", ADMIN,
    )  # fmt: skip

    (channel,) = channels.channels(actor)
    assert code == 0
    assert (channel.name, channel.unit.name) == ("Anslagstavlan", "Torget")
    assert (channel.responsible.name, channel.deputy.email) == ("Torgvärd", ADMIN)
    assert told["connected"] is False
    again = said("channel", "add", "--platform", "manual", "--handle", "torget", "--responsible", ADMIN)
    assert again[0] == 2


@pytest.mark.django_db
def test_a_channel_that_is_refused_leaves_nobody_behind_and_everybody_new_gets_in(said, password_file):
    actor = set_up(said, password_file)
    add = ("channel", "add", "--platform", "manual", "--handle", "torget", "--unit", "Torget")
    people = ("--responsible", "a@storkoping.example", "--deputy")

    refused = said(*add, *people, "a@storkoping.example")
    left = {person.email for person in queries.people(actor)}, queries.units(actor)
    added = said(*add, *people, "b@storkoping.example")

    assert refused[0] == 2
    assert refused[1]["error"].startswith("--deputy: ")
    assert left == ({ADMIN}, [])
    assert set(added[1]["password_links"]) == {"a@storkoping.example", "b@storkoping.example"}


@pytest.mark.django_db
def test_a_misspelt_unit_is_told_and_not_made(said, password_file):
    actor = set_up(said, password_file)
    said("unit", "add", "--name", "Biblioteket")

    under = said("unit", "add", "--name", "Barn", "--under", "Bibloteket")
    held = said("people", "add", "--email", "c@storkoping.example", "--name", "C", "--unit", "Bibloteket")

    assert (under[0], held[0]) == (2, 2)
    assert "Biblioteket" in under[1]["error"]
    assert [unit.name for unit in queries.units(actor)] == ["Biblioteket"]


@pytest.mark.django_db
def test_who_was_here_already_is_told_so_and_gets_no_new_way_in(said, password_file):
    set_up(said, password_file)

    code, told = said("people", "add", "--email", ADMIN, "--name", "Samma", "--role", "registrar")

    assert (code, told["was_here"]) == (0, True)
    assert "password_link" not in told


@pytest.mark.django_db
def test_what_a_channel_lacks_is_named(said, password_file):
    set_up(said, password_file)

    code, told = said("channel", "add", "--platform", "mastodon")

    assert code == 2
    assert "--responsible" in told["error"]
    assert "--url" in told["error"]


@pytest.fixture(scope="module")
def mock() -> Any:
    with MastodonMock() as server:
        yield server


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_a_mastodon_channel_is_added_read_and_searched_from_a_script(said, password_file, mock, tmp_path):
    actor = set_up(said, password_file)
    ours, resident = mock.person("kommunen"), mock.person("invanare")
    post = ours.post("Vattnet stängs av på Ringvägen.")
    resident.post(f"@{ours.handle} Hur länge är vattnet borta?", answers=post)
    (tmp_path / "token").write_text(ours.token)

    code, told = said(
        "channel", "add", "--platform", "mastodon", "--url", mock.base_url, "--token-file", str(tmp_path / "token"),
        "--responsible", ADMIN, "--deputy", "deputy@storkoping.example",
    )  # fmt: skip
    first, second = said("capture")[1]["channels"][0], said("capture", "--channel", told["handle"])[1]["channels"][0]

    assert code == 0
    assert told["connected"] is True
    assert first["new"] == 2
    assert (second["new"], second["changed"], second["gone"]) == (0, 0, 0)
    assert second["complete_to"]
    assert channels.channels(actor)[0].remote_id == ours.remote_id
    hits = said("search", "vattnet", "--origin", "received")[1]["hits"]
    assert [hit["text"].endswith("Hur länge är vattnet borta?") for hit in hits] == [True]
    assert said("verify")[1]["authorities"][0]["versions"] == 2


@pytest.mark.server
@pytest.mark.django_db
@pytest.mark.parametrize(("what", "expected"), [("token", 3), ("server", 4)])
def test_a_platform_that_says_no_leaves_nothing_behind(said, password_file, mock, tmp_path, what, expected):
    actor = set_up(said, password_file)
    (tmp_path / "token").write_text("wrong")
    url = mock.base_url if what == "token" else "http://127.0.0.1:9"

    code, told = said(
        "channel", "add", "--platform", "mastodon", "--url", url, "--token-file", str(tmp_path / "token"),
        "--responsible", ADMIN,
    )  # fmt: skip

    assert code == expected
    assert told["error"]
    assert channels.channels(actor) == []


@pytest.mark.django_db
def test_capture_says_when_there_is_nothing_to_read(said, password_file):
    set_up(said, password_file)

    assert said("capture")[0] == 2


# --- Import ---------------------------------------------------------------------------------------------------------

ACCOUNT = "https://social.example/users/kommunen"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


def an_archive(at: Path, *texts: str, cut: int = 0, picture: bool = False) -> Path:
    notes = [
        {
            "type": "Create",
            "published": f"2024-03-0{number}T10:00:00Z",
            "object": {
                "id": f"{ACCOUNT}/statuses/{number}", "type": "Note", "content": f"<p>{text}</p>", "to": [PUBLIC],
                "published": f"2024-03-0{number}T10:00:00Z",
                "attachment": [{"type": "Document", "mediaType": "image/png", "url": "/media_attachments/1.png"}]
                if picture
                else [],
            },
        }
        for number, text in enumerate(texts, 1)
    ]  # fmt: skip
    outbox = json.dumps({"type": "OrderedCollection", "orderedItems": notes}).encode()
    with zipfile.ZipFile(at, "w") as file:
        file.writestr("actor.json", json.dumps({"id": ACCOUNT, "preferredUsername": "kommunen", "name": "Kommunen"}))
        file.writestr("outbox.json", outbox[: len(outbox) - cut])
        if picture:
            file.writestr("media_attachments/1.png", b"\x89PNG\r\n\x1a\n" + bytes(100))
    return at


def an_imported_to(handle: str = "kommunen@social.example") -> tuple[Actor, Any]:
    authority = an_authority()
    channel = a_channel(authority)
    type(channel).objects.everywhere("test").filter(pk=channel.pk).update(handle=handle, handle_key=handle)
    return Actor.system(authority, "test"), channels.channel_by_id(Actor.system(authority, "test"), channel.pk)


@pytest.mark.django_db
def test_p32_an_imported_archive_is_kept_once_and_raises_no_deadlines(said, tmp_path):
    actor, channel = an_imported_to()
    archive = an_archive(tmp_path / "a.zip", "Ett", "Två", "Tre")

    code, told = said("import", str(archive), "--channel", channel.handle)
    again = said("import", str(archive), "--channel", channel.handle)[1]

    assert code == 0
    assert (told["new"], again["new"], again["known"]) == (3, 0, 3)
    assert _deadlines() == 0
    gaps = _gaps(actor)
    assert any("Andras svar" in gap for gap in gaps)
    assert len(gaps) == len(set(gaps)) == len(told["gaps"])
    assert said("verify")[0] == 0


@pytest.mark.django_db
def test_pictures_in_an_archive_are_kept_with_what_they_belong_to(said, tmp_path):
    _actor, channel = an_imported_to()

    told = said("import", str(an_archive(tmp_path / "a.zip", "Se bilden", picture=True)), "--channel", channel.handle)[
        1
    ]

    assert told["files"] == 1
    assert said("verify")[1]["authorities"][0]["blobs"] == 1


@pytest.mark.django_db
def test_an_archive_that_breaks_off_keeps_what_came_before_and_says_so(said, tmp_path):
    actor, channel = an_imported_to()

    code, told = said("import", str(an_archive(tmp_path / "a.zip", "Ett", "Två", cut=60)), "--channel", channel.handle)

    assert code == 1
    assert (told["new"], told["is_truncated"]) == (1, True)
    assert any("avkortad" in gap for gap in _gaps(actor))


@pytest.mark.django_db
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04garbage", b"\x00" * 5000, "å".encode() * 100])
def test_what_is_no_archive_is_refused_with_a_sentence(said, tmp_path, content):
    actor, channel = an_imported_to()
    (tmp_path / "a.zip").write_bytes(content)

    code, told = said("import", str(tmp_path / "a.zip"), "--channel", channel.handle)

    assert code == 2
    assert told["error"]
    assert _gaps(actor) == []


@pytest.mark.django_db
def test_another_accounts_archive_is_not_taken_by_mistake(said, tmp_path):
    _actor, channel = an_imported_to("biblioteket@social.example")
    archive = str(an_archive(tmp_path / "a.zip", "Ett"))

    assert said("import", archive, "--channel", channel.handle)[0] == 2
    assert said("import", archive, "--channel", channel.handle, "--other-account")[1]["new"] == 1


def _deadlines() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM inbox_incoming WHERE due_at IS NOT NULL")
        return int(cursor.fetchone()[0])


def _gaps(actor: Actor) -> list[str]:
    return [gap.why for gap in records.gaps(actor)]


# --- Verify and doctor ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_verify_names_the_first_thing_that_is_wrong(said):
    authority = an_authority()
    item = a_kept(authority, "Det här skrev en medborgare.")
    version = records.kept(Actor.system(authority, "test"), item)
    assert said("verify")[0] == 0

    with connection.cursor() as cursor:
        for statement in guards.removal():
            cursor.execute(statement)
        cursor.execute("UPDATE records_version SET text = 'Något annat' WHERE item_id = %s", [item.pk])
    guards.install()
    code, told = said("verify")

    assert code == 1
    assert told["authorities"][0]["holds"] is False
    assert version.uid.hex in told["authorities"][0]["fault"]


def states(told: dict[str, Any]) -> dict[str, str]:
    return {finding["what"]: finding["state"] for finding in told["findings"]}


@pytest.mark.django_db(transaction=True)
def test_doctor_finds_nothing_wrong_with_what_is_right(said):
    a_kept(an_authority())
    _protect()

    code, told = said("doctor")

    careless = {"durability"} if connection.vendor == "postgresql" else set()  # the suite's server writes without fsync
    assert {what for what, state in states(told).items() if state == "fault"} == careless
    assert code == (1 if careless else 0)


@pytest.mark.django_db(transaction=True)
def test_doctor_puts_back_a_guard_that_is_missing(said):
    _protect()
    with connection.cursor() as cursor:
        for statement in guards.removal():
            cursor.execute(statement)

    before, after = said("doctor"), said("doctor", "--repair")

    assert (before[0], states(before[1])["guards"]) == (1, "fault")
    assert states(after[1])["guards"] == "ok"
    assert "guards" in after[1]["repaired"]
    assert guards.missing() == []


@pytest.mark.django_db(transaction=True)
def test_p05_doctor_tells_what_should_have_been_done(said):
    from datetime import timedelta

    from narvaro.core import jobs
    from narvaro.core.models import Heartbeat, Job

    _protect()
    late = jobs.real_now() - timedelta(minutes=6)
    Job.objects.create(name="narvaro.core.tasks.nothing", run_after=late, created_at=late)
    Heartbeat.objects.create(worker="w", at=late)

    code, told = said("doctor")

    assert code == 1
    assert (states(told)["due"], states(told)["worker"]) == ("fault", "fault")


def _protect() -> None:
    """Give the suite's own folder the rights that `narvaro` gives its."""
    from django.conf import settings

    for path in [settings.OPTIONS.data, *settings.OPTIONS.data.rglob("*")]:
        path.chmod(0o700 if path.is_dir() else 0o600)


# --- Keys -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_keys_are_changed_without_losing_any_secret(said):
    import os

    from allauth.mfa.models import Authenticator
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP
    from allauth.mfa.utils import decrypt
    from django.conf import settings

    from narvaro.core.testing import a_person

    authority = an_authority()
    channel = a_channel(authority)
    person = a_person(authority)
    actor = Actor.system(authority, "test")
    channel_actions.store_secrets(actor=actor, channel=channel, secrets={"access_token": "hemligt"})
    TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    codes = RecoveryCodes.activate(person).generate_codes()
    before = said("keys", "list")[1]

    code, rotated = said("keys", "rotate")
    too_early = said("keys", "drop")[0]
    path = settings.OPTIONS.keys / "sealing.keys"
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 3600))
    dropped = said("keys", "drop")

    assert code == 0
    assert rotated["sealed_again"] == 3
    assert rotated["sealing"] not in before["sealing"]
    assert too_early == 4
    assert dropped[0] == 0
    assert said("keys", "list")[1]["sealing"] == [rotated["sealing"]]
    logged = {entry.verb: entry.facts for entry in AuditEntry.objects.of(actor)}
    assert logged["core.change_keys"] == {"keys": [rotated["sealing"], rotated["signing"]]}
    assert logged["core.drop_keys"] == {"count": len(before["sealing"])}
    assert channels.account_of(channel).keeper.secrets() == {"access_token": "hemligt"}
    held = Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP)
    assert decrypt(held.data["secret"]) == "JBSWY3DPEHPK3PXP"
    assert RecoveryCodes.activate(person).generate_codes() == codes


@pytest.mark.django_db
def test_the_demo_is_whole_and_holds(said):
    code, told = said("demo")

    assert code == 0
    assert len(told["people"]) == 12
    assert said("verify")[0] == 0
    assert said("demo")[0] == 2
    assert sorted(Measure.objects.everywhere("test").values_list("kind", "state")) == [
        ("hide", "carried_out"), ("remove", "carried_out"),
    ]  # fmt: skip
    assert Report.objects.everywhere("test").exclude(item=None).count() == 1
    assert Complaint.objects.everywhere("test").count() == 1


@pytest.mark.django_db
def test_what_cannot_be_used_is_called_by_its_option(capsys):
    assert main(["setup", "--authority", "Nämnden", "--admin", "ingen adress", "--link"]) == 2
    assert capsys.readouterr().err.startswith("--admin: ")


@pytest.mark.django_db
def test_moments_are_iso_8601_to_machines(said):
    said("demo")

    hits = said("search", "barnvagnar")[1]["hits"]

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00", hits[0]["published_at"])


def test_a_bar_on_a_terminal_leaves_what_is_said_where_it_belongs():
    """Standard error is a terminal and standard output a file, as in `narvaro capture > file`."""
    program = (
        "from narvaro.web.commands.console import Console\n"
        "console = Console()\n"
        "with console.progress('Läser', 2) as done:\n"
        "    done(1)\n    console.say('En kanal är läst.')\n    done(2, 2)\n"
    )
    ours, theirs = os.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=theirs, text=True, timeout=60, check=True,
            env={**os.environ, "TERM": "xterm"},
        )  # fmt: skip
        os.close(theirs)
        shown = os.read(ours, 65536).decode()
    finally:
        os.close(ours)

    assert done.stdout == "En kanal är läst.\n"
    assert "Läser" in shown
    assert "En kanal" not in shown


def test_progress_is_silent_where_there_is_no_terminal(capsys):
    from narvaro.web.commands.console import Console

    with Console().progress("Läser") as done:
        done(1)

    assert capsys.readouterr() == ("", "")
    assert isinstance(sys.stdout, io.TextIOBase) or sys.stdout


@pytest.mark.parametrize(
    ("words", "code"), [(["verify"], 2), (["capture"], 2), (["channel", "list"], 2), (["doctor"], 1)]
)
def test_an_empty_folder_is_told_from_a_broken_one(tmp_path, words, code):
    with fresh_database() as url:
        done = Installation(tmp_path / "data", database_url=url).run(*words)

    assert done.returncode == code
    assert "Traceback" not in done.stdout + done.stderr
    assert "narvaro run" in done.stdout + done.stderr or "--repair" in done.stdout
    assert str(tmp_path / "data") in done.stdout + done.stderr
    assert "no such table" not in done.stdout + done.stderr
    assert "does not exist" not in done.stdout + done.stderr


@pytest.mark.parametrize("below", ["", "under"])
def test_a_data_folder_that_cannot_be_is_told_in_a_sentence(tmp_path, below):
    (tmp_path / "file").touch()

    done = Installation(tmp_path / "file" / below).run("web")

    assert done.returncode == 2
    assert "NARVARO_DATA" in done.stderr
    assert "är en fil" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.django_db
def test_a_backup_to_nowhere_is_wrong_use_and_not_bad_luck(said, tmp_path):
    assert said("backup", str(tmp_path / "nowhere" / "copy.tar"))[0] == 2
