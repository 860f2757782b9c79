"""What is done inside an installation with what is out: decided, and looked at. See `inside`."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_CONNECTOR = "narvaro.connectors.{platform}:{connector}"
_DEEDS = "narvaro.publishing.actions.deeds"

# As `inside.STEPS`: what the sweep does about one decided deed, on either side of each thing that is committed.
DOING = {
    "doing.after_claim": (_DEEDS, "claim_deed", "after", ""),
    "doing.after_before_is_kept": (_DEEDS, "keep_before", "done", ""),
    "doing.before_store": (_DEEDS, "store_deed", "before", ""),
    "doing.before_commit": ("narvaro.core.audit", "note", "done", "publishing.deed_done"),
    "doing.before_done": (_DEEDS, "_done", "before", ""),
    "doing.after_done": (_DEEDS, "_done", "done", ""),
    "doing.after_store": (_DEEDS, "store_deed", "done", ""),
    "doing.after_settling_claim": (_DEEDS, "claim_settling_deed", "after", ""),
    "doing.before_settled": (_DEEDS, "store_settled_deed", "before", ""),
    **{f"doing.during_{what}": (_CONNECTOR, what, "during", "") for what in ("act", "edit", "remove")},
    **{f"doing.after_{what}": (_CONNECTOR, what, "done", "") for what in ("act", "edit", "remove")},
}
RIGHT = "Svar {token} till er som frågar. Det gäller klockan 18."
WHY = "Det som stod var fel, och det rätta står nu."


def deed(*, kind: str, token: str = "", words: str = "", target: Json | None = None) -> Json:
    """
    Let the responsible decide about what was sent with a token, or act in the authority's name about a target.

    Args:
        kind: remove, edit, answer (a visible correction), mend (a correction by changing it), anew, like or repost.
        words: The token of what a correction says.
    """
    from django.db.models import F

    from narvaro.connectors.afterwards import Target
    from narvaro.publishing import actions, neutrality
    from narvaro.publishing.actions import acting, correcting, deeds
    from narvaro.publishing.models import Deed, Publication
    from tests.crash import inside

    actor = inside._responsible()
    said, right = f"Svar {words} till er som frågar.", RIGHT.format(token=token)
    if target is not None:
        agreed = [each.key for each in neutrality.QUESTIONS]
        acting.act_in_name(
            actor=actor, channel=inside._channel(), kind=kind, target=Target(**target), agreed=agreed, why=WHY
        )
    else:
        found = Publication.objects.of(actor).select_related("channel", "kept_item", "answers")
        about = found.get(text__contains=f"Svar {token} ")
        if kind == "remove":
            deeds.remove_own(actor=actor, publication=about, ground="double")
        elif kind == "edit":
            actions.deeds.change_own(actor=actor, publication=about, text=right)
        elif kind == "answer":
            correcting.correct(actor=actor, publication=about, means="answer", text=said)
        elif kind == "mend":
            correcting.correct(actor=actor, publication=about, means="edit", text=WHY, new_text=right)
        else:
            correcting.correct(actor=actor, publication=about, means="anew", text=WHY, new_text=said)
    Deed.objects.of(actor).filter(state="queued", attempted_at=None).update(not_before=F("at"))
    Publication.objects.of(actor).filter(state="queued", attempted_at=None).update(not_before=F("written_at"))
    return {}


def deeds() -> Json:
    """Return every deed, every correction, and what is kept of each item, as plain values."""
    from narvaro.core.models import AuditEntry, Waiting
    from narvaro.core.types import Actor
    from narvaro.publishing.models import Correction, Deed
    from narvaro.records.models import Item, Version
    from tests.crash import inside

    actor = Actor.system(inside._authority(), "look")
    notes = AuditEntry.objects.of(actor).filter(subject_kind="publishing.deed", verb="publishing.deed_done")
    done = list(notes.values_list("subject_id", flat=True))
    waiting = Waiting.objects.of(actor).filter(subject_kind="publishing.deed").values_list("subject_id", flat=True)
    texts: dict[str, list[str]] = {}
    for remote_id, text in Version.objects.of(actor).order_by("number").values_list("item__remote_id", "text"):
        texts.setdefault(remote_id, []).append(text)
    return {
        "deeds": [
            {
                "id": row.pk, "kind": row.kind, "state": row.state, "reason": row.reason, "before": row.before_version,
                "looked": row.settle_attempts, "noted": done.count(row.pk), "shown": row.pk in waiting,
                "remote_id": row.publication.remote_id if row.publication else row.target["remote_id"],
                "token": row.publication.text.split()[1] if row.publication else "",
            }
            for row in Deed.objects.of(actor).select_related("publication").order_by("pk")
        ],
        "corrections": list(
            Correction.objects.of(actor).order_by("pk").values("publication__text", "deed_id", "answer_id")
        ),
        "gone": list(Item.objects.of(actor).exclude(gone_at=None).values_list("remote_id", flat=True)),
        "texts": texts,
    }  # fmt: skip


ERRANDS = {"deed": deed, "deeds": deeds}
