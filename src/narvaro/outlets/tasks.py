"""Our own outlets' work in the background: letters to readers, and addresses that nobody confirmed."""

from __future__ import annotations

import logging
import smtplib

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from narvaro.core.jobs import Lane, schedule, task
from narvaro.outlets import actions, queries
from narvaro.outlets.letters import letter_of
from narvaro.outlets.types import DeliveryState

MOST_A_ROUND = 200  # so that other letters are not held up; the next round comes soon
GIVES_UP_AFTER = 3  # faults of the mail server in a row: it is left alone until the next round
log = logging.getLogger("narvaro.outlets")


@schedule(10, Lane.LETTERS)
@task
def send_newsletters() -> None:
    """Make letters of newsletters that are out, and hand the ones that are due to the mail server, each once."""
    actions.sweep_expired()
    actions.make_issues()
    server: BaseEmailBackend = get_connection()
    faults = 0
    try:
        for _turn in range(MOST_A_ROUND):
            letter = actions.claim_letter() if faults < GIVES_UP_AFTER else None
            if letter is None:
                return
            faults = 0 if send(letter, server) else faults + 1
    finally:
        server.close()


@schedule(3600, Lane.HOUSE)
@task
def forget_unconfirmed() -> None:
    """Forget addresses that nobody confirmed."""
    while actions.forget_unconfirmed():
        pass


def send(letter: actions.Letter, server: BaseEmailBackend) -> bool:
    """
    Hand one letter to the mail server, once; returns False when the server could not be talked to.

    What surely was not taken is tried again. Where the line broke after it was begun, nobody knows, and it is not.
    """
    delivery = queries.delivery_for_sending(letter.delivery_id)
    if delivery is None:
        actions.store_letter(letter, DeliveryState.DROPPED)
        return True
    try:
        message = letter_of(delivery)
        server.open()
    except (OSError, smtplib.SMTPException) as error:  # nothing has been handed over
        actions.put_back(letter, f"E-postservern svarade inte: {type(error).__name__}")
        return False
    try:
        server.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _words in error.recipients.values()]
        _refused(letter, max(codes, default=550))
    except smtplib.SMTPResponseException as error:  # sender or data refused
        _refused(letter, error.smtp_code)
    except (OSError, smtplib.SMTPException) as error:
        log.warning("Ett nyhetsbrev kan ha kommit fram eller inte: %s", type(error).__name__)
        actions.store_letter(letter, DeliveryState.UNKNOWN)
        return False
    else:
        actions.store_letter(letter, DeliveryState.SENT)
    return True


def _refused(letter: actions.Letter, code: int) -> None:
    if 400 <= code < 500:
        actions.put_back(letter, f"E-postservern bad oss vänta (kod {code}).")
    else:
        actions.store_letter(letter, DeliveryState.REFUSED, f"E-postservern tog inte emot brevet (kod {code}).")
