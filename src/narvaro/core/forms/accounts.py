"""allauth's forms with our words: labels that say what is asked, no placeholders that stand in for them."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.recovery_codes import forms as recovery_codes
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.utils.translation import gettext_lazy as _

_CODE = _("Kod")
_CODE_HELP = _("Sex siffror från din app, eller en av dina reservkoder.")
_PASSWORD = _("Lösenord")
_PASSWORD_HELP = _("Minst 12 tecken. En mening som du minns är bäst.")


class Worded(forms.Form):
    """Gives the fields our labels and hints (`words`: field name to label and hint)."""

    words: ClassVar[dict[str, tuple[Any, Any]]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in self.words:
                field.label, field.help_text = self.words[name]


class LoginForm(Worded, account.LoginForm):  # type: ignore[misc]
    words = {"login": (_("E-postadress"), ""), "password": (_PASSWORD, "")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # So that browsers offer the saved account, passkeys among them.
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"


class ResetPasswordForm(Worded, account.ResetPasswordForm):  # type: ignore[misc]
    words = {"email": (_("E-postadress"), _("Den adress som administratören har lagt in."))}


class ResetPasswordKeyForm(Worded, account.ResetPasswordKeyForm):  # type: ignore[misc]
    words = {"password1": (_("Nytt lösenord"), _PASSWORD_HELP), "password2": (_("Nytt lösenord en gång till"), "")}


class ChangePasswordForm(Worded, account.ChangePasswordForm):  # type: ignore[misc]
    words = {
        "oldpassword": (_("Nuvarande lösenord"), ""),
        "password1": (_("Nytt lösenord"), _PASSWORD_HELP),
        "password2": (_("Nytt lösenord en gång till"), ""),
    }


class ReauthenticateForm(Worded, account.ReauthenticateForm):  # type: ignore[misc]
    words = {"password": (_PASSWORD, "")}


class AuthenticateForm(Worded, mfa.AuthenticateForm):  # type: ignore[misc]
    words = {"code": (_CODE, _CODE_HELP)}


class ReauthenticateCodeForm(Worded, mfa.ReauthenticateForm):  # type: ignore[misc]
    words = {"code": (_CODE, _CODE_HELP)}


class ActivateTOTPForm(Worded, totp.ActivateTOTPForm):  # type: ignore[misc]
    words = {"code": (_("Kod från appen"), _("De sex siffror som appen visar just nu."))}


class GenerateRecoveryCodesForm(Worded, recovery_codes.GenerateRecoveryCodesForm):  # type: ignore[misc]
    pass


class AddPasskeyForm(Worded, webauthn.AddWebAuthnForm):  # type: ignore[misc]
    words = {
        "name": (_("Namn på nyckeln"), _("Så att du känner igen den, till exempel Arbetsdatorn.")),
        "passwordless": (
            _("Använd nyckeln i stället för lösenord"),
            _("Nyckeln frågar då efter pinkod, fingeravtryck eller ansikte."),
        ),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"name": "", "passwordless": True, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["maxlength"] = "100"


class EditPasskeyForm(Worded, webauthn.EditWebAuthnForm):  # type: ignore[misc]
    words = {"name": (_("Namn på nyckeln"), "")}
