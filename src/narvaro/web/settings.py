"""Django's settings, all derived from `options.Options`; nothing is configured here by hand."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF

from narvaro.base import clock
from narvaro.web import options as _options

OPTIONS = _options.read()
clock.shift(timedelta(seconds=OPTIONS.test_clock_offset_seconds))
_options.make_folder(OPTIONS.data)

SECRET_KEY = OPTIONS.secret_key or _options.secret_from(OPTIONS.keys / "secret_key")
DEBUG = False
_host = urlsplit(OPTIONS.base_url).hostname or "localhost"
ALLOWED_HOSTS = sorted({_host, "localhost", "127.0.0.1"}) if OPTIONS.is_local else [_host]
CSRF_TRUSTED_ORIGINS = [OPTIONS.base_url]

_capabilities = (
    "core", "media", "decisions", "links", "channels", "records", "policy", "plans", "training", "publishing",
    "outlets", "moderation", "inbox", "watch", "sources",
)  # fmt: skip
INSTALLED_APPS = [
    "narvaro.web",
    *(f"narvaro.{name}" for name in reversed(_capabilities)),
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_tasks",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "narvaro.core.middleware.ClientAddress",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "narvaro.core.middleware.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "narvaro.core.middleware.ActingPerson",
    "narvaro.core.middleware.Refusals",
]

ROOT_URLCONF = "narvaro.web.urls"
WSGI_APPLICATION = "narvaro.web.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_context: list[str] = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "narvaro.web.shell.shell",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": _context},
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"


# FULL: a commit is on the disk before anybody is told of it; records may not vanish with the power (ARK-3).
# secure_delete: what was expunged is overwritten with zeros, also where Debian's default is not built in.
# cache_size: 16 MiB for each thread's connection. With 64 the pages were no quicker, and a day's work held 536 MB.
SQLITE_INIT = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; "
    "PRAGMA cache_size=-16384; PRAGMA temp_store=MEMORY;"
)


def _database(address: str) -> dict[str, Any]:
    if not address:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": OPTIONS.data / "narvaro.sqlite3",
            # Writers queue at once (IMMEDIATE) instead of failing half-way; 20 s is far beyond any of our transactions.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": SQLITE_INIT,
            },
            "CONN_MAX_AGE": None,
            "TEST": {"NAME": OPTIONS.data / "test.sqlite3"},
        }
    url = urlsplit(address)
    return {
        "ENGINE": "narvaro.core.postgresql",
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": url.hostname or "",
        "PORT": str(url.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": _database(OPTIONS.database_url)}
if OPTIONS.database_owner_url and not _options.is_test_run():
    DATABASES["owner"] = _database(OPTIONS.database_owner_url)  # migrates; the product itself owns no table
TASKS = {"default": {"BACKEND": "narvaro.core.jobs.LeaseBackend", "QUEUES": []}}

# --- People ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "core.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "narvaro.core.accounts.AccountAdapter"
MFA_ADAPTER = "narvaro.core.accounts.MFAAdapter"
_forms = "narvaro.core.forms.accounts"
ACCOUNT_FORMS = {
    "login": f"{_forms}.LoginForm",
    "reset_password": f"{_forms}.ResetPasswordForm",
    "reset_password_from_key": f"{_forms}.ResetPasswordKeyForm",
    "change_password": f"{_forms}.ChangePasswordForm",
    "reauthenticate": f"{_forms}.ReauthenticateForm",
}
MFA_FORMS = {
    "authenticate": f"{_forms}.AuthenticateForm",
    "reauthenticate": f"{_forms}.ReauthenticateCodeForm",
    "activate_totp": f"{_forms}.ActivateTOTPForm",
    "generate_recovery_codes": f"{_forms}.GenerateRecoveryCodesForm",
    "add_webauthn": f"{_forms}.AddPasskeyForm",
    "edit_webauthn": f"{_forms}.EditPasskeyForm",
}
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105 - a class
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by an administrator, who knows the address
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
CACHES = {"default": {"BACKEND": "narvaro.core.remembered.TableCache"}}  # limits hold for all processes together
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = OPTIONS.trusted_proxies
MFA_ALLOW_UNVERIFIED_EMAIL = True  # the administrator's word, as above
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_TOTP_ISSUER = "Närvaro"
MFA_TOTP_TOLERANCE = 1

# --- Safety ---------------------------------------------------------------------------------------------------------
_https = OPTIONS.base_url.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_NAME = "narvaro_session"
CSRF_COOKIE_NAME = "narvaro_csrf"
CSRF_FAILURE_VIEW = "narvaro.web.views.form_expired"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _https else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if OPTIONS.trusted_proxies and _https else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        # FKUI's icons and the QR picture of two-step sign-in are data: images.
        "img-src": [SELF, "data:"],
        "media-src": [SELF],  # films of the library
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- Language, time, files ------------------------------------------------------------------------------------------
# The language of the source strings; what a page is shown in follows from the person, else OPTIONS.language.
LANGUAGE_CODE = "sv"
LANGUAGE_COOKIE_NAME = "narvaro_language"
LANGUAGES = [("sv", "Svenska"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).parent / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Stockholm"
STATIC_URL = "/static/"
STATIC_ROOT = OPTIONS.data / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"  # nothing is collected for unit tests
        if _options.is_test_run()
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
MEDIA_ROOT = OPTIONS.data / "uploads"

# --- Post and log ---------------------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = SERVER_EMAIL = OPTIONS.mail_from
if OPTIONS.smtp_host:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = OPTIONS.smtp_host, OPTIONS.smtp_port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = OPTIONS.smtp_user, OPTIONS.smtp_password
    EMAIL_USE_TLS, EMAIL_USE_SSL = OPTIONS.smtp_tls == "starttls", OPTIONS.smtp_tls == "tls"
    EMAIL_TIMEOUT = 20
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = OPTIONS.data / "outbox"

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": OPTIONS.log_level},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "waitress.queue": {"level": "ERROR"},
        "httpx2": {"level": "WARNING"},
    },
}
SILENCED_SYSTEM_CHECKS = ["security.W008"]  # the reverse proxy redirects to https; we answer behind it
