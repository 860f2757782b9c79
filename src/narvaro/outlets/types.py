"""Words for our own outlets."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DeliveryState(models.TextChoices):
    """
    WAITING → SENDING → SENT | REFUSED | UNKNOWN;  SENDING → WAITING where surely nothing was handed over.

    UNKNOWN is never sent again: nobody is to get the same letter twice.
    """

    WAITING = "waiting", _("Väntar")
    SENDING = "sending", _("Skickas")
    SENT = "sent", _("Lämnat till e-postservern")
    REFUSED = "refused", _("E-postservern sa nej")
    UNKNOWN = "unknown", _("Oklart om det kom fram till e-postservern")
    DROPPED = "dropped", _("Skickades inte: avslutat eller borttaget innan dess")


VERBS = {
    "outlets.ask_for_letter": _("bad om ett nyhetsbrev, och har fått en länk att bekräfta med"),
    "outlets.confirm_reader": _("bekräftade att få ett nyhetsbrev"),
    "outlets.leave_letter": _("slutade få ett nyhetsbrev"),
    "outlets.forget_unconfirmed": _("glömde adresser som aldrig bekräftades"),
    "outlets.make_issue": _("började skicka ett nyhetsbrev"),
    "outlets.withdraw_post": _("tog bort ett inlägg från egna sidor och flöden"),
}
"""What each of outlets' audit verbs means, after the actor's name."""
