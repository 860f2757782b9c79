"""The mail server of the tests keeps what it is given."""

import smtplib
from email.message import EmailMessage

import pytest

from narvaro.testing.servers.processes import ServerFailed
from narvaro.testing.servers.smtp import MailServer


def a_letter() -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "narvaro@localhost", "chef@storkoping.example", "Åtta väntar"
    letter.set_content("Åtta ärenden väntar på svar.\n")
    letter.add_alternative("<p>Åtta ärenden väntar på svar.</p>", subtype="html")
    return letter


def test_a_letter_is_kept_with_its_envelope_and_its_swedish():
    with MailServer() as mail, smtplib.SMTP(mail.host, mail.port, timeout=10) as client:
        client.send_message(a_letter(), to_addrs=["chef@storkoping.example", "dold@storkoping.example"])

        (letter,) = mail.wait_for(1)

    assert letter.to == ("chef@storkoping.example", "dold@storkoping.example")
    assert letter.subject == "Åtta väntar"
    assert letter.text == "Åtta ärenden väntar på svar.\n"
    assert "<p>" in letter.html


def test_a_refused_letter_is_not_kept():
    with MailServer() as mail, smtplib.SMTP(mail.host, mail.port, timeout=10) as client:
        mail.refusal = "451 4.3.0 Try later"

        with pytest.raises(smtplib.SMTPDataError):
            client.send_message(a_letter())

        assert mail.letters == ()


def test_waiting_in_vain_says_what_came():
    with MailServer() as mail, pytest.raises(ServerFailed, match="1 letters were awaited"):
        mail.wait_for(1, seconds=0.05)
