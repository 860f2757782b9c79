"""A thread goes out part by part, each once and on the one before; what goes with a text is approved with it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from narvaro.base import clock
from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.channels.types import Platform
from narvaro.connectors.port import NotThere, Published, Refused, Unknown
from narvaro.core import waiting
from narvaro.core.testing import a_unit, an_actor, person_of
from narvaro.core.types import Invalid, NotPermitted, Role
from narvaro.decisions.rules import content_hash
from narvaro.publishing import actions, cards, previews, queries
from narvaro.publishing.models import Message, MessageVersion, Publication, SavedText
from narvaro.publishing.tasks import outgoing
from narvaro.publishing.types import Extras, LabelKind, MessageState, State
from narvaro.records.testing import an_item

pytestmark = pytest.mark.django_db
PARTS = ["Först.", "Sedan.", "Sist."]
POLL = {"options": ["Ja", "Nej"], "hours": 24, "is_multiple": False}


@pytest.fixture
def writer(authority):
    return an_actor(authority, role=Role.REPRESENTATIVE, unit=a_unit(authority))


@pytest.fixture
def channel(authority, writer):
    return a_channel(authority, responsible=person_of(writer))


def a_thread(actor, channel):
    message = actions.save_message(actor=actor, text="\n---\n".join(PARTS), channels={channel: ""})
    return actions.send_message(actor=actor, uid=message.uid)


def attempted():
    with clock.frozen(now() + timedelta(minutes=1)):
        return actions.claim_attempt()


def rows(actor):
    return list(Publication.objects.of(actor).select_related("channel", "follows", "answers").order_by("id"))


def states(actor):
    return [row.state for row in rows(actor)]


def test_each_part_waits_for_the_one_before_and_hangs_on_it(writer, channel):
    a_thread(writer, channel)
    assert states(writer) == [State.QUEUED, State.TURN, State.TURN]

    for number, said in enumerate(PARTS):
        attempt = attempted()
        assert attempted() is None
        actions.store_outcome(attempt, Published(item=an_item(said, remote_id=f"ute-{number}", is_own=True)))

    assert states(writer) == [State.DELIVERED] * 3
    assert [(row.part, row.parts, row.text) for row in rows(writer)] == [(n, 3, PARTS[n - 1]) for n in (1, 2, 3)]
    hung = [(out.parent_remote_id, out.root_remote_id) for out in map(outgoing, rows(writer))]
    assert hung == [("", ""), ("ute-0", "ute-0"), ("ute-1", "ute-0")]


def test_p01_when_one_part_is_unclear_the_rest_wait_and_a_persons_new_try_leads_on(writer, channel):
    a_thread(writer, channel)
    actions.store_outcome(attempted(), Published(item=an_item("Först.", remote_id="ute-0", is_own=True)))
    actions.store_outcome(attempted(), Unknown("Inget svar"))
    unclear = rows(writer)[1]

    assert attempted() is None
    assert waiting.counts(writer) == {"publications": 1}
    actions.store_settling(unclear, NotThere(certain=True))
    page = signed_in(writer).get(f"/publicerat/{unclear.uid}/").content.decode()
    again = actions.try_again(actor=writer, publication=queries.publication_for(writer, unclear.uid))
    actions.store_outcome(attempted(), Published(item=an_item("Sedan.", remote_id="ute-1", is_own=True)))
    last = attempted()

    assert "Delarna efter den här väntar" in page
    assert (again.part, again.follows_id, states(writer)[2]) == (2, rows(writer)[0].pk, State.ATTEMPTING)
    assert outgoing(last.publication).parent_remote_id == "ute-1"


def test_a_part_that_is_left_as_it_is_or_taken_back_ends_the_rest(writer, channel):
    a_thread(writer, channel)
    actions.store_outcome(attempted(), Refused("Nej."))
    actions.let_be(actor=writer, publication=rows(writer)[0])
    message = a_thread(writer, channel)
    changed = actions.save_message(actor=writer, uid=message.uid, text="Bara en.", channels={channel: ""})

    assert states(writer) == [State.REFUSED, *[State.CANCELLED] * 5]
    assert (attempted(), changed.state) == (None, MessageState.DRAFT)


def test_p18_what_goes_with_a_text_is_part_of_what_is_approved(writer, channel, lead):
    actions.change_four_eyes(actor=lead, everywhere=True)
    usual = {"actor": writer, "text": "Ska badet ha öppet?", "channels": {channel: ""}}
    message = actions.save_message(**usual)
    seen = set()
    for extras in (
        Extras(), Extras(warning="Djur"), Extras(language="fi"), Extras(visibility="unlisted"), Extras(poll=POLL),
        Extras(may_split=True), Extras(card={"url": "https://a.example", "title": "A"}),
    ):  # fmt: skip
        actions.save_message(uid=message.uid, extras=extras, **usual)
        seen.add(content_hash(queries.content_of(lead, queries.message_for(lead, message.uid))))
    assert len(seen) == 7

    actions.save_message(uid=message.uid, extras=Extras(warning="Djur", language="fi", poll=POLL), **usual)
    sent = actions.send_message(actor=writer, uid=message.uid)
    read = content_hash(queries.content_of(lead, sent))
    actions.approve_message(actor=lead, uid=sent.uid, seen_hash=read)

    out = outgoing(rows(lead)[0])
    assert (out.warning, out.language, out.poll.options, out.visibility) == ("Djur", "fi", ("Ja", "Nej"), "public")
    assert MessageVersion.objects.of(lead).order_by("-number").first().content["warning"] == "Djur"


@pytest.mark.parametrize("extras", [Extras(poll=POLL), Extras(visibility="followers")])
def test_what_a_platform_has_not_is_refused_and_a_warning_it_cannot_fold_stands_first(authority, writer, extras):
    sky = a_channel(authority, platform=Platform.BLUESKY, responsible=person_of(writer))
    usual = {"actor": writer, "text": "Ska badet ha öppet?", "channels": {sky: ""}}
    message = actions.save_message(extras=extras, **usual)
    with pytest.raises(Invalid):
        actions.send_message(actor=writer, uid=message.uid)

    actions.save_message(uid=message.uid, extras=Extras(warning="Djur"), **usual)
    actions.send_message(actor=writer, uid=message.uid)

    assert [(row.text, row.warning) for row in rows(writer)] == [("Varning: Djur\n\nSka badet ha öppet?", "")]


def test_a_draft_is_saved_as_one_types_once_and_whoever_is_late_is_told(writer, lead, channel):
    desk, new = signed_in(writer), "/publicerat/nytt/"
    form = filled(desk.get(new), text="Nya tid", channels=[str(channel.uid)])
    for text in ("Nya tid", "Nya tider"):
        saved = desk.post(f"{new}spara/", form | {"text": text})
    draft = Message.objects.of(writer).get()
    assert ("Utkastet sparades" in saved.content.decode(), draft.text, draft.version) == (True, "Nya tider", 2)
    assert MessageVersion.objects.of(writer).count() == 0

    sent = desk.post(new, form | {"text": "Nya tider på badet", "do": "save"})
    change = sent["Location"] + "andra/"
    open_form = filled(desk.get(change), channels=[str(channel.uid)])
    actions.save_message(actor=lead, uid=draft.uid, text="Chefens ord", channels={channel: ""})
    late = desk.post(sent["Location"] + "spara/", open_form | {"text": "Mina ord"})

    draft = Message.objects.of(writer).get()
    assert (late.status_code, draft.text) == (422, "Chefens ord")
    assert "Någon har ändrat inlägget" in late.content.decode()
    actions.send_message(actor=writer, uid=draft.uid)
    assert actions.autosave_message(actor=writer, key=uuid7(), uid=draft.uid, text="!", channels={channel: ""}) is None


def test_kl_4_a_label_may_ask_for_four_eyes_and_the_lists_show_one_at_a_time(writer, lead, channel):
    with pytest.raises(NotPermitted):
        actions.save_label(actor=writer, name="Känsligt")
    sensitive = actions.save_label(actor=lead, name="Känsligt", is_read_first=True)
    summer = actions.save_label(actor=lead, name="Sommar", kind=LabelKind.CAMPAIGN)
    with pytest.raises(Invalid):
        actions.save_label(actor=lead, name="Känsligt")
    usual = {"actor": writer, "channels": {channel: ""}}
    marked = actions.save_message(text="Om skyddade boenden", marks=[sensitive], **usual)
    actions.save_message(text="Badet öppnar", marks=[summer], **usual)

    assert actions.send_message(actor=writer, uid=marked.uid).state == MessageState.AWAITING
    found = signed_in(writer).get(f"/publicerat/utkast/?lista=alla&etikett={summer.uid}").content.decode()
    assert ("Badet öppnar" in found, "skyddade boenden" in found) == (True, False)
    actions.put_away_label(actor=lead, uid=sensitive.uid)
    again = actions.duplicate_message(actor=writer, uid=marked.uid)
    assert actions.send_message(actor=writer, uid=again.uid).state == MessageState.PLANNED


def test_a_text_to_begin_from_is_counted_when_something_is_begun_from_it(writer, channel):
    text = actions.save_text(actor=writer, name="Sandning", text="I natt sandar vi [gata].")
    desk = signed_in(writer)
    form = filled(desk.get(f"/publicerat/nytt/?text={text.uid}"), do="save", channels=[str(channel.uid)])

    desk.post("/publicerat/nytt/", form)

    used = SavedText.objects.of(writer).get()
    assert (Message.objects.of(writer).get().text, used.uses) == ("I natt sandar vi [gata].", 1)
    assert "Använd 1 gång" in desk.get("/publicerat/texter/").content.decode()
    actions.put_away_text(actor=writer, uid=text.uid)
    assert queries.saved_texts(writer) == []


def test_the_preview_shows_each_part_with_what_becomes_links_and_is_renewed_while_one_writes(writer, channel):
    desk, new = signed_in(writer), "/publicerat/nytt/"
    form = filled(
        desk.get(new), channels=[str(channel.uid)], warning="Djur", poll_options="Ja\nNej",
        text="Läs https://stad.example. @bad@social.example #sommar\n---\nSlut.",
    )  # fmt: skip

    (seen,) = desk.post(f"{new}granska/", form).context["previews"]

    marked = [(bit.text, bit.becomes) for bit in seen.posts[0].bits if bit.becomes]
    assert marked == [("https://stad.example", "link"), ("@bad@social.example", "mention"), ("#sommar", "tag")]
    assert (seen.warning, len(seen.posts), seen.posts[0].poll["options"]) == ("Djur", 2, ["Ja", "Nej"])
    assert [b.becomes for b in previews.bits("bluesky", "Åäö 🌊 https://a.example/ö #bad.")] == [
        "",
        "link",
        "",
        "tag",
        "",
    ]
    assert [b.becomes for b in previews.bits("instagram", "https://a.example @bad")] == ["", "mention"]


def test_a_card_is_of_our_own_website_only_and_off_where_the_page_cannot_be_fetched(writer, monkeypatch, authority):
    authority.website = "https://www.stad.example"
    authority.save(update_fields=["website"])
    pages = {"https://stad.example/bad": b"<title>Badet &amp; vi</title><meta name=description content='Tider.'>"}
    asked = []

    def fetch(address, **_how):
        asked.append(address)
        if address not in pages:
            raise cards.PlatformError("Borta")
        return cards.web.Fetched("text/html", pages[address])

    monkeypatch.setattr(cards.web, "fetch", fetch)

    card = cards.card_for(writer, "Se https://annan.example/x och https://stad.example/bad.")
    none = cards.card_for(writer, "Se https://stad.example/borta")

    assert (card["url"], card["title"], card["description"]) == ("https://stad.example/bad", "Badet & vi", "Tider.")
    assert (none, cards.card_for(writer, "https://elakstad.example/bad")) == (None, None)
    assert cards.card_for(writer, "https://stad.example/bad", known=card) is card
    assert asked == ["https://stad.example/bad", "https://stad.example/borta"]
