"""Words for planning: usual times, texts that come again, and messages out of a spreadsheet."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PLANNING_VERBS = {
    "publishing.set_posting_times": _("sa när kanalen brukar publicera"),
    "publishing.set_repeat": _("sa när texten ska läggas fram igen"),
    "publishing.end_repeat": _("slutade upprepa texten"),
    "publishing.stop_repeat": _("slutade lägga fram texten, för något den vilar på finns inte längre"),
    "publishing.propose_again": _("lade fram texten igen som ett utkast"),
    "publishing.bring_in_plan": _("läste in inlägg ur ett kalkylblad"),
}
"""What each of the verbs about planning means, after the actor's name."""
