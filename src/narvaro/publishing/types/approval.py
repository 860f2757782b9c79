"""Words for who approves, and for what goes out at once."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

APPROVAL_VERBS = {
    "publishing.let_out_held": _("lät inlägget gå ut trots de nya reglerna, med skäl"),
    "publishing.expire_approval": _("gav tillbaka inlägget: ingen hann godkänna det i tid"),
    "publishing.add_delegation": _("gav någon rätt att godkänna inlägg"),
    "publishing.end_delegation": _("tog tillbaka rätten att godkänna inlägg"),
    "publishing.change_answers_read_first": _("ändrade var någon annan läser svar först"),
    "publishing.publish_at_once": _("lät det gå ut genast, utan att någon annan läste först"),
    "publishing.hold_by_rules": _("höll inne det planerade, för att reglerna har ändrats"),
    "publishing.review_at_once": _("såg efteråt igenom det som gick ut genast"),
}
"""What each of the verbs of approving means, after the actor's name."""
