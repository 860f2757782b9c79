"""What the law asks to be removed at once goes although it could not be kept: with a note, a picture and an alarm."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from narvaro.channels.tests.pages import signed_in
from narvaro.channels.types import Platform
from narvaro.connectors.port import MediaKind, Medium
from narvaro.core import audit, waiting
from narvaro.core.models import Letter
from narvaro.core.testing import an_actor
from narvaro.core.types import Invalid, Role, Stale
from narvaro.moderation import actions, package, queries, rules
from narvaro.moderation.tests.test_packages import a_picture, checked, laid_out, unpacked, zipped
from narvaro.moderation.types import How, MeasureState
from narvaro.policy.testing import a_rule
from narvaro.policy.types import Measure as Kind
from narvaro.records import actions as records
from narvaro.records import queries as kept
from narvaro.records.models import RegistryEntry
from narvaro.records.tasks import fetch_due_files
from narvaro.records.testing import a_kept
from narvaro.records.types import FileState

pytestmark = pytest.mark.django_db
LINK = "https://social.example/@nagon/110000000000000042"
NOTE = "Texten löd: jag kommer till skolan. Sedd av två av oss klockan 21."


def hurried(actor: Any, channel: Any, **values: Any) -> Any:
    values = {"remote_id": LINK, "ground": "BBS-5a", "reasons": "Hot mot en elev.", "note": NOTE, **values}
    return actions.decide_emergency(actor=actor, channel=channel, **values).measure


def screenshot(actor: Any) -> Any:
    return records.store_screenshot(actor=actor, content=a_picture(), name="skarmbild.png")


def test_p13_what_could_not_be_kept_leaves_a_note_and_a_screenshot_that_are_kept(authority, lead, channel):
    measure = hurried(lead, channel, picture=screenshot(lead))

    noted = measure.evidence_item
    (file,) = kept.files_of(lead, kept.kept(lead, noted))
    assert (measure.how, measure.item, measure.kind) == (How.EMERGENCY, None, Kind.REMOVE)
    assert measure.remote_id == "110000000000000042"
    assert NOTE in kept.shown(lead, [noted])[0].text
    assert noted.origin == "file_note"
    assert file.state == "kept"
    assert RegistryEntry.objects.of(lead).filter(item=noted).count() == 1


def test_a_screenshot_is_enough_and_neither_is_not(lead, channel):
    measure = hurried(lead, channel, note="", picture=screenshot(lead))
    with pytest.raises(Invalid) as refused:
        hurried(lead, channel, note=" ", remote_id="110000000000000043")

    assert len(kept.files_of(lead, kept.kept(lead, measure.evidence_item))) == 1
    assert refused.value.field == "note"


def test_sm_18_what_was_removed_in_the_app_and_never_kept_is_noted_and_read_on_the_platform(lead, channel):
    measure = hurried(lead, channel, is_made=True)

    carrying = actions.claim_carrying()

    assert (measure.how, measure.state, measure.item) == (How.IN_APP, MeasureState.CARRIED_OUT, None)
    assert NOTE in kept.shown(lead, [measure.evidence_item])[0].text
    assert "moderation.record_measure" in [entry.verb for entry in audit.history(lead, measure)]
    assert carrying is not None
    assert (carrying.measure, carrying.state) == (measure, MeasureState.CARRIED_OUT)


def test_p13_what_is_kept_after_it_was_removed_belongs_to_the_measure(lead, channel):
    measure = hurried(lead, channel)
    nothing = actions.follow_captures()
    item = a_kept(channel.authority, channel=channel, remote_id=measure.remote_id)

    found, again = actions.follow_captures(), actions.follow_captures()

    assert (nothing, found, again) == (0, 1, 0)
    assert queries.measure_for(lead, measure.uid).item == item
    assert kept.item_by_id(lead, item.pk).sealed_at is None


def test_bbs_10_what_is_kept_after_it_was_removed_is_sealed_and_its_media_are_never_fetched(lead, channel):
    measure = hurried(lead, channel, ground="BBS-5e")
    picture = Medium(url="http://127.0.0.1:9/bild.png", kind=MediaKind.IMAGE)
    item = a_kept(channel.authority, "Se här", channel=channel, remote_id=measure.remote_id, media=(picture,))

    fetch_due_files.call()  # before anybody has found the record
    states = {file.state for file in kept.files_of(lead, kept.kept(lead, item))}
    actions.follow_captures()

    assert states == {FileState.WITHHELD}
    assert kept.item_by_id(lead, item.pk).sealed_at is not None


def test_killed_between_finding_the_record_and_sealing_it_nothing_is_half_done(lead, channel, monkeypatch):
    measure = hurried(lead, channel, ground="BBS-5e")
    item = a_kept(channel.authority, channel=channel, remote_id=measure.remote_id)

    class Killed(BaseException):
        pass

    def dies(**_values: Any) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr("narvaro.records.actions.seal_item", dies)
        with pytest.raises(Killed):
            actions.follow_captures()
    after_the_kill = queries.measure_for(lead, measure.uid).item
    actions.follow_captures()

    assert after_the_kill is None
    assert queries.measure_for(lead, measure.uid).item == item
    assert kept.item_by_id(lead, item.pk).sealed_at is not None


def test_a_measure_that_was_taken_back_seals_nothing(lead, channel):
    measure = hurried(lead, channel, ground="BBS-5e")
    actions.undo_measure(actor=lead, uid=measure.uid, why="Det var en teckning av ett hus.")
    item = a_kept(channel.authority, channel=channel, remote_id=measure.remote_id)

    assert actions.follow_captures() == 0
    assert not queries.is_never_fetched(item)


def test_bbs_5_whoever_leads_is_told_at_once_and_by_letter(authority, lead, channel):
    moderator = an_actor(authority, role=Role.REPRESENTATIVE)

    hurried(moderator, channel)

    (letter,) = Letter.objects.of(lead).filter(kind="moderation.emergency")
    assert waiting.counts(lead)[queries.PLACE] == 1
    assert letter.to_person_id == lead.person_id
    assert "Olaga hot" in letter.body
    assert "skolan" not in letter.body


def test_bbs_5_only_what_the_law_asks_for_may_be_hurried(authority, lead, channel):
    for ground in (a_rule(authority, remove_first=True).code, "GDPR-7"):
        with pytest.raises(Invalid) as refused:
            hurried(lead, channel, ground=ground)
        assert refused.value.field == "ground"


def test_bbs_10_a_screenshot_of_child_abuse_material_is_refused_and_the_note_tells_only_that_it_was(lead, channel):
    with pytest.raises(Invalid) as refused:
        hurried(lead, channel, ground="BBS-5e", picture=screenshot(lead))
    measure = hurried(lead, channel, ground="BBS-5e")

    assert refused.value.field == "picture"
    assert NOTE not in kept.shown(lead, [measure.evidence_item])[0].text


def test_bbs_10_what_turns_out_to_be_kept_is_sealed(authority, lead):
    item = a_kept(authority, remote_id="110000000000000042")

    measure = hurried(lead, item.channel, ground="BBS-5e")

    assert measure.item == item
    assert kept.item_by_id(lead, item.pk).sealed_at is not None


def test_the_same_thing_is_not_removed_twice(lead, channel):
    hurried(lead, channel)

    with pytest.raises(Stale):
        hurried(lead, channel)


@pytest.mark.parametrize(
    ("platform", "link", "known_as"),
    [
        (Platform.MASTODON, LINK, "110000000000000042"),
        (Platform.MASTODON, "110000000000000042", "110000000000000042"),
        (Platform.MASTODON, "https://annan.example/notes/9abc", "https://annan.example/notes/9abc"),
        (
            Platform.BLUESKY, "https://bsky.app/profile/did:plc:abc/post/3k2a",
            "at://did:plc:abc/app.bsky.feed.post/3k2a",
        ),
        (Platform.MANUAL, "https://facebook.example/p/1", "https://facebook.example/p/1"),
    ],
)  # fmt: skip
def test_a_link_is_read_as_its_platform_writes_it_else_kept_as_it_is(platform, link, known_as):
    assert rules.remote_id_of(platform, f" {link} ") == known_as


def test_a_package_of_what_could_not_be_kept_holds_the_note_and_the_screenshot_and_proves_them(lead, channel, tmp_path):
    measure = hurried(lead, channel, picture=screenshot(lead))

    made = unpacked(zipped(lead, actions.make_package(actor=lead, measure=measure)))

    assert NOTE in made["ord/version-1.txt"].decode()
    assert [name for name in made if name.startswith("media/")]
    assert checked(laid_out(tmp_path, made))[0] == 0


def test_bbs_10_a_package_of_such_material_that_was_never_kept_tells_where_it_was(lead, channel, tmp_path):
    measure = hurried(lead, channel, ground="BBS-5e")

    made_from = actions.make_package(actor=lead, measure=measure)
    made = unpacked(zipped(lead, made_from))

    assert made_from.hold is None
    assert NOTE.encode() not in b"".join(made.values())
    assert json.loads(made["beslut.json"])[0]["remote_id"] == "110000000000000042"
    assert checked(laid_out(tmp_path, made))[0] == 0
    assert package.SUMS in made


# --- The page ---------------------------------------------------------------------------------------------------------


def filled(page: Any, **values: Any) -> dict[str, Any]:
    form = page.context["form"]
    return {
        "intent": form["intent"].value(), "seen_version": "", "remote_id": LINK, "ground": "BBS-5a", "note": NOTE,
        "reasons": "Hot mot en elev.", **values,
    }  # fmt: skip


def test_the_page_takes_a_link_a_ground_a_note_and_a_screenshot_and_leads_to_the_measure(lead, channel):
    client = signed_in(lead)
    page = client.get("/moderering/nodatgard/")
    picture = SimpleUploadedFile("bild.png", a_picture(), "image/png")

    answer = client.post("/moderering/nodatgard/", filled(page, channel=str(channel.uid), picture=picture))

    (measure,) = queries.measures(lead)
    assert answer.url == f"/moderering/{measure.uid}/"
    assert len(kept.files_of(lead, kept.kept(lead, measure.evidence_item))) == 1
    assert "Visa anteckningen" in client.get(answer.url).content.decode()


def test_bbs_10_the_page_leads_straight_to_the_package_for_the_police(lead, channel):
    client = signed_in(lead)
    page = client.get("/moderering/nodatgard/")

    answer = client.post("/moderering/nodatgard/", filled(page, channel=str(channel.uid), ground="BBS-5e"))
    there = client.get(answer.url)

    (measure,) = queries.measures(lead)
    assert answer.url == f"/moderering/{measure.uid}/polispaket/"
    assert there.context["is_bare"]
    assert NOTE not in there.content.decode()


def test_the_page_notes_what_is_made_already(lead, channel):
    client = signed_in(lead)
    page = client.get("/moderering/nodatgard/")

    client.post("/moderering/nodatgard/", filled(page, channel=str(channel.uid), is_made="on"))

    assert [one.how for one in queries.measures(lead)] == [How.IN_APP]


def test_bbs_10_the_page_refuses_a_picture_before_it_is_stored(lead, channel, monkeypatch):
    client = signed_in(lead)
    page = client.get("/moderering/nodatgard/")
    stored = []
    monkeypatch.setattr("narvaro.media.store.keep", lambda *given: stored.append(given))
    picture = SimpleUploadedFile("bild.png", a_picture(), "image/png")

    answer = client.post(
        "/moderering/nodatgard/", filled(page, channel=str(channel.uid), picture=picture, ground="BBS-5e")
    )

    assert answer.status_code == 422
    assert "Spara ingen bild" in answer.content.decode()
    assert stored == []
    assert queries.measures(lead) == []


def test_the_page_offers_only_the_grounds_of_the_law_and_names_what_is_missing(authority, lead, channel):
    rule = a_rule(authority, remove_first=True)
    client = signed_in(lead)
    page = client.get("/moderering/nodatgard/")

    answer = client.post("/moderering/nodatgard/", filled(page, channel=str(channel.uid), note="", ground=""))

    codes = [code for code, _label in page.context["form"].fields["ground"].choices]
    assert codes == ["BBS-5a", "BBS-5b", "BBS-5c", "BBS-5d", "BBS-5e", "BBS-5f", "BBS-5g", "BBS-5-2"]
    assert rule.code not in codes
    assert set(answer.context["form"].errors) == {"note", "ground"}


def test_a_file_that_is_no_picture_is_refused_at_its_field(lead, channel):
    client = signed_in(lead)
    page = client.get("/moderering/nodatgard/")
    text = SimpleUploadedFile("bild.png", io.BytesIO(b"ingen bild").read(), "image/png")

    answer = client.post("/moderering/nodatgard/", filled(page, channel=str(channel.uid), picture=text))

    assert "picture" in answer.context["form"].errors
    assert queries.measures(lead) == []


def test_what_is_kept_already_is_decided_in_its_thread(authority, lead):
    item = a_kept(authority, remote_id="110000000000000042")
    client = signed_in(lead)

    page = client.get("/moderering/nodatgard/", {"lank": LINK})

    assert page.context["kept"] == item
    assert f"/handlingar/{item.uid}/" in page.content.decode()
