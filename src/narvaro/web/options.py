"""Every setting of Närvaro, typed; unknown or unsafe values are refused at start with a sentence that helps."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from narvaro.web.commands.language import _
from narvaro.web.commands.reasons import reason

PREFIX = "NARVARO_"
TEST_PREFIX = "NARVARO_TEST_"  # read by the test harness alone, never by the product


class Refused(SystemExit):
    """The settings cannot be used; the message says which one and what to do."""


def _scanner(value: str) -> str:
    parts = urlsplit(value)
    if not value or (parts.scheme == "unix" and parts.path) or (parts.scheme == "tcp" and parts.hostname):
        return value
    raise ValueError(_("skriv tcp://värd:port eller unix:/sökväg, eller lämna den tom"))


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(_("skriv en hel adress som börjar med http:// eller https://"))
    return value.rstrip("/")


class Options(BaseSettings):
    """
    Settings read from the environment (`NARVARO_<NAME>`), or from a file (`NARVARO_<NAME>_FILE`).

    Each has a safe default, so that an installation with no settings at all starts on this machine only.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, case_sensitive=False)

    data: Path = Field(Path("data"), description="Mapp för databas, filer och nycklar.")
    port: int = Field(8000, ge=1, le=65535, description="Port som webbservern lyssnar på.")
    listen: str = Field("127.0.0.1", description="Adress som webbservern lyssnar på.")
    base_url: Annotated[str, AfterValidator(_http_url)] = Field(
        "", validate_default=False, description="Adressen som människor använder; tom betyder http://localhost:PORT."
    )
    database_url: str = Field(
        "", description="postgresql://användare:lösenord@värd/databas; tom betyder SQLite i datamappen."
    )
    database_owner_url: str = Field(
        "", description="Samma databas som den roll som äger tabellerna; används bara när databasen uppdateras."
    )
    secret_key: str = Field("", description="Nyckel för sessioner; tom betyder att en skapas i datamappen.")
    trusted_proxies: int = Field(
        0, ge=0, le=5, description="Antal omvända proxyservrar framför Närvaro; 0 betyder att inga huvuden betros."
    )
    allow_private_hosts: bool = Field(
        False, description="Tillåt att kanaler ansluts till loopback och privata nät (bara för prov)."
    )
    smtp_host: str = Field("", description="E-postserver; tom betyder att brev läggs i datamappens utkorg.")
    smtp_port: int = Field(587, ge=1, le=65535, description="E-postserverns port.")
    smtp_user: str = Field("", description="Användare på e-postservern.")
    smtp_password: str = Field("", description="Lösenord på e-postservern.")
    smtp_tls: Literal["starttls", "tls", "none"] = Field("starttls", description="Kryptering mot e-postservern.")
    mail_from: str = Field("narvaro@localhost", description="Avsändare på brev från Närvaro.")
    clamd: Annotated[str, AfterValidator(_scanner)] = Field(
        "", description="clamd som söker skadlig kod i det som laddas upp: tcp://värd:port eller unix:/sökväg."
    )
    film_megabytes: int = Field(
        500,
        ge=1,
        le=4000,
        description="Största film som får laddas upp, i megabyte; proxyn framför måste tillåta lika mycket.",
    )
    language: Literal["sv", "en"] = Field("sv", description="Språk innan någon har valt.")
    worker_threads: int = Field(2, ge=1, le=32, description="Trådar som utför arbete i bakgrunden.")
    web_threads: int = Field(6, ge=2, le=64, description="Trådar som svarar på webbförfrågningar.")
    poll_seconds: int = Field(30, ge=5, le=3600, description="Hur ofta varje kanal läses.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Vad som skrivs i loggen.")
    testing: bool = Field(False, description="Slå på provlägen; vägras när adressen inte är på den egna maskinen.")
    test_clock_offset_seconds: int = Field(0, description="Flytta klockan; bara i provläge.")

    @model_validator(mode="after")
    def _fits_together(self) -> Options:
        if not self.base_url:
            self.base_url = f"http://localhost:{self.port}"
        if self.database_url and not self.database_url.startswith(("postgres://", "postgresql://")):
            raise ValueError(_("NARVARO_DATABASE_URL ska börja med postgresql://. Lämna den tom för SQLite."))
        if self.database_owner_url and not (
            self.database_url and self.database_owner_url.startswith(("postgres://", "postgresql://"))
        ):
            raise ValueError(_("NARVARO_DATABASE_OWNER_URL hör ihop med NARVARO_DATABASE_URL och börjar som den."))
        if self.secret_key and len(self.secret_key) < 40:
            raise ValueError(_("NARVARO_SECRET_KEY är för kort. Använd minst 40 tecken, eller lämna den tom."))
        if self.smtp_host and self.smtp_password and self.smtp_tls == "none" and not self.is_local:
            raise ValueError(_("NARVARO_SMTP_TLS=none skulle sända lösenordet öppet. Välj starttls eller tls."))
        if (self.testing or self.test_clock_offset_seconds) and not self.is_local:
            raise ValueError(_("NARVARO_TESTING får bara användas på den egna maskinen (localhost)."))
        if self.test_clock_offset_seconds and not self.testing:
            raise ValueError(_("NARVARO_TEST_CLOCK_OFFSET_SECONDS kräver NARVARO_TESTING=true."))
        if not self.is_local and self.base_url.startswith("http://"):
            raise ValueError(_("NARVARO_BASE_URL ska börja med https:// när den inte är localhost."))
        return self

    @property
    def is_local(self) -> bool:
        """Whether people reach this installation from its own machine only."""
        return (urlsplit(self.base_url).hostname or "") in ("localhost", "127.0.0.1", "::1")

    @property
    def uses_sqlite(self) -> bool:
        return not self.database_url

    @property
    def keys(self) -> Path:
        """Folder of all keys; included in `narvaro backup`."""
        return self.data / "keys"


def read(environ: Mapping[str, str] | None = None) -> Options:
    """
    Read and check all settings.

    Raises:
        Refused: A setting is unknown, unreadable or unsafe; says which and what to do.
    """
    environ = dict(os.environ if environ is None else environ)
    given = _with_files(environ)
    _refuse_unknown(given)
    is_plain_port = "PORT" in environ and "port" not in given
    if is_plain_port:
        given["port"] = environ["PORT"]
    try:
        options = Options(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        raise Refused(_sentences(error, port="PORT" if is_plain_port else f"{PREFIX}PORT")) from None
    options.data = options.data.expanduser().absolute()
    return options


def _with_files(environ: Mapping[str, str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in environ.items():
        upper = name.upper()
        if not upper.startswith(PREFIX):
            continue
        key = upper.removeprefix(PREFIX).lower()
        if key.endswith("_file"):
            if upper.removesuffix("_FILE") in {other.upper() for other in environ}:
                sentence = _("%(name)s och %(file)s anger samma sak. Behåll en av dem.")
                raise Refused(sentence % {"name": upper.removesuffix("_FILE"), "file": name})
            given[key.removesuffix("_file")] = _content(name, value)
        elif key in Options.model_fields or not upper.startswith(TEST_PREFIX):
            given[key] = value
    return given


def _content(name: str, path: str) -> str:
    """Return what the file that a setting points to holds; an empty one is a mistake, not a wish for the default."""
    try:
        content = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        sentence = _("%(name)s pekar på en fil som inte kan läsas (%(why)s). Rätta sökvägen.")
        raise Refused(sentence % {"name": name, "why": reason(error)}) from None
    except UnicodeDecodeError:
        raise Refused(_("%(name)s pekar på en fil som inte är text. Rätta sökvägen.") % {"name": name}) from None
    if not content:
        raise Refused(_("%(name)s pekar på en tom fil. Skriv värdet i den, eller ta bort inställningen.")
                      % {"name": name})  # fmt: skip
    return content


def _refuse_unknown(given: Mapping[str, str]) -> None:
    unknown = sorted(set(given) - set(Options.model_fields))
    if unknown:
        names = ", ".join(PREFIX + key.upper() for key in unknown)
        sentence = _("Okänd inställning: %(names)s. Alla inställningar står i docs/settings.md.")
        raise Refused(sentence % {"names": names})


def _sentences(error: ValidationError, *, port: str) -> str:
    """Return what to put right, a line each; `port` is the name under which the port was given."""
    lines = [_("Närvaro startar inte, för en inställning behöver rättas.")]
    for problem in error.errors():
        what = _plain(problem)
        key = str(problem["loc"][0]) if problem["loc"] else ""
        name = port if key == "port" else f"{PREFIX}{key.upper()}"
        lines.append(f"{name}: {what}" if key else what)
    return "\n".join(lines)


def _plain(problem: ErrorDetails) -> str:
    """Return what is wrong with one value in a sentence; pydantic's own are English, and terse."""
    limits = problem.get("ctx", {})
    match problem["type"]:
        case "value_error":
            return problem["msg"].removeprefix("Value error, ")
        case "literal_error":
            return _("välj något av %(what)s") % {"what": str(limits["expected"]).replace(" or ", ", ")}
        case "greater_than_equal":
            return _("ska vara minst %(least)s") % {"least": limits["ge"]}
        case "less_than_equal":
            return _("får vara högst %(most)s") % {"most": limits["le"]}
        case kind if kind.startswith("int_"):
            return _("ska vara ett heltal")
        case kind if kind.startswith("bool_"):
            return _("ska vara true eller false")
    return problem["msg"]


def make_folder(folder: Path) -> None:
    """
    Make the data folder where there is none, for its owner only.

    Raises:
        Refused: It cannot be made, or is no folder.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        sentence = _("NARVARO_DATA: mappen %(folder)s kan inte användas (%(why)s). Välj en annan.")
        raise Refused(sentence % {"folder": folder, "why": reason(error)}) from None


def secret_from(path: Path, *, size: int = 60) -> str:
    """
    Return the secret kept in `path`, made of `size` bytes the first time; the file is readable by its owner only.

    Several processes may start at once: the file comes into being whole, and the first one's is everybody's.

    Raises:
        Refused: The file is empty; nothing can be signed with it.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(size))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)  # unlike a rename, it never replaces the secret that another process has just made
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    secret = path.read_text(encoding="ascii").strip()
    if not secret:
        sentence = _("Filen %(file)s är tom. Ta bort den och starta igen; alla får då logga in på nytt.")
        raise Refused(sentence % {"file": path})
    return secret


def setup_code_file(options: Options) -> Path:
    """Return where the code that lets somebody set the installation up is kept until that is done."""
    return options.data / "setup_code"


def setup_code(options: Options) -> str:
    """Return the code that the set-up page asks for; "" where only the machine's own people reach it."""
    return "" if options.is_local else secret_from(setup_code_file(options), size=12)


def is_test_run() -> bool:
    """Whether pytest runs this process."""
    return "pytest" in sys.modules
