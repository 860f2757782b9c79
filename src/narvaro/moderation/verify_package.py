#!/usr/bin/env python3
"""
Kontrollera ett bevispaket från Närvaro / Verify an evidence package from Närvaro.

    python3 verify.py                      the folder that this script stands in
    python3 verify.py <folder or zip>      another folder, or the zip as it was received
    python3 verify.py --key <fingerprint>  and that it was signed with exactly this key

It needs Python 3.8 or newer and nothing besides: no network, no installation. It writes nothing.

What is shown to hold, in this order:
  1. SHA256SUMS was signed with the key of the authority (Ed25519, RFC 8032);
  2. every file has the SHA-256 that it says, none is missing and none is added;
  3. each version of each record: its leaf computed anew from its salted content, and its text and original bytes;
  4. the leaf's way to the root of the ledger (RFC 6962), and the signature over the root.

Exit code: 0 when everything holds, 1 when something is wrong (the first thing is named), 2 when it is no package.
"""

from __future__ import annotations

import base64
import json
import os
import re
import sys
import zipfile
from hashlib import sha256, sha512

FORM = "narvaro-evidence-1"
SUMS, SIGNATURE, RECORDS = "SHA256SUMS", "signatur.json", "paket.json"
LEFT_BY_SYSTEMS = (".DS_Store", "Thumbs.db", "desktop.ini")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")


class Wrong(Exception):
    """Something does not hold: said in Swedish and in English."""

    def __init__(self, swedish: str, english: str) -> None:
        super().__init__(swedish)
        self.swedish, self.english = swedish, english


class NoPackage(Wrong):
    """What was given is no package at all."""


# --- Ed25519 (RFC 8032), verification only ---------------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def _x_of(y: int, sign: int) -> int | None:
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P:
        return None
    return P - x if x & 1 != sign else x


def _point(written: bytes) -> tuple[int, int, int, int] | None:
    y = int.from_bytes(written, "little")
    x = _x_of(y & ((1 << 255) - 1), y >> 255)
    y &= (1 << 255) - 1
    return None if x is None else (x, y, 1, x * y % P)


def _add(p: tuple[int, int, int, int], q: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(number: int, p: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    found = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = _add(found, p)
        p, number = _add(p, p), number >> 1
    return found


def _is_same(p: tuple[int, int, int, int], q: tuple[int, int, int, int]) -> bool:
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


_Y = 4 * pow(5, P - 2, P) % P
BASE = (_x_of(_Y, 0) or 0, _Y, 1, (_x_of(_Y, 0) or 0) * _Y % P)


def is_signed(message: bytes, signature: bytes, public: bytes) -> bool:
    """Whether a 64-byte signature over a message was made with the private half of a 32-byte public key."""
    if len(signature) != 64 or len(public) != 32:
        return False
    key, first = _point(public), _point(signature[:32])
    number = int.from_bytes(signature[32:], "little")
    if key is None or first is None or number >= L:
        return False
    challenge = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % L
    return _is_same(_times(number, BASE), _add(first, _times(challenge, key)))


# --- The tree (RFC 6962) ---------------------------------------------------------------------------------------------


def leaf_hash(content: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(b"\x00" + content).digest()


def leads_to(root: bytes, leaf: bytes, index: int, size: int, path: list[bytes]) -> bool:
    """Whether `path` leads from the leaf at `index` to the root of a tree of `size` leaves."""
    if not 0 <= index < size or len(leaf) != 32 or any(len(one) != 32 for one in path):
        return False
    node, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = sha256(b"\x01" + sibling + found).digest()
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = sha256(b"\x01" + found + sibling).digest()
        node, last = node >> 1, last >> 1
    return last == 0 and found == root


def head_bytes(head: dict) -> bytes:  # type: ignore[type-arg]
    """Return exactly what was signed of a tree head: four lines, each ended by a line feed."""
    root = base64.b64encode(bytes.fromhex(head["root"])).decode()
    return "{}\n{}\n{}\nat {}\n".format(head["origin"], head["size"], root, head["at"]).encode()


# --- The package -----------------------------------------------------------------------------------------------------


class Package:
    """The files of a package, in a folder or in a zip."""

    def __init__(self, place: str) -> None:
        self.files = {}  # type: ignore[var-annotated]
        if os.path.isdir(place):
            self._take_folder(place)
        elif zipfile.is_zipfile(place):
            self._take_zip(zipfile.ZipFile(place))
        else:
            raise NoPackage(f"{place} är varken en mapp eller en zip-fil.", f"{place} is neither a folder nor a zip.")
        for needed in (SUMS, SIGNATURE, RECORDS):
            if needed not in self.files:
                raise NoPackage(f"{needed} saknas: det här är inget helt bevispaket.", f"{needed} is missing.")

    def _take_folder(self, place: str) -> None:
        for folder, _folders, names in os.walk(place):
            for name in names:
                path = os.path.join(folder, name)
                if name not in LEFT_BY_SYSTEMS:
                    self.files[os.path.relpath(path, place).replace(os.sep, "/")] = lambda path=path: _read(path)

    def _take_zip(self, archive: zipfile.ZipFile) -> None:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        if len(set(names)) != len(names):
            raise Wrong("Zip-filen har två filer med samma namn.", "The zip has two files with the same name.")
        tops = {name.split("/")[0] for name in names if name.endswith("/" + SUMS)}
        top = tops.pop() + "/" if len(tops) == 1 and SUMS not in names else ""
        for name in names:
            short = name[len(top) :] if name.startswith(top) else "../" + name
            self.files[short] = lambda name=name: archive.read(name)

    def read(self, name: str) -> bytes:
        """Return a file's bytes."""
        if name not in self.files:
            raise Wrong(f"{name} saknas.", f"{name} is missing.")
        try:
            return bytes(self.files[name]())
        except (OSError, zipfile.BadZipFile) as error:
            raise Wrong(f"{name} går inte att läsa: {error}", f"{name} cannot be read: {error}") from None


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def check_files(package: Package) -> dict[str, str]:
    """Return the checksum of each file, when each is right, none is missing and none is added."""
    sums = {}
    for line in package.read(SUMS).decode("utf-8", "replace").splitlines():
        digest, _space, name = line.partition("  ")
        if not re.fullmatch(r"[0-9a-f]{64}", digest) or not NAME.fullmatch(name) or name in sums:
            raise Wrong(f"{SUMS} har en rad som inte går att läsa: {line[:80]}", f"{SUMS} has an unreadable line.")
        sums[name] = digest
    for name in sorted(sums):
        if sha256(package.read(name)).hexdigest() != sums[name]:
            raise Wrong(f"{name} är ändrad: kontrollsumman är en annan.", f"{name} is changed: its checksum differs.")
    for name in sorted(package.files):
        if name not in sums and name not in (SUMS, SIGNATURE):
            raise Wrong(f"{name} hör inte till paketet.", f"{name} is no part of the package.")
    return sums


def check_signature(package: Package) -> str:
    """Return the fingerprint of the key that signed the list of checksums, when it did."""
    signed = json.loads(package.read(SIGNATURE))
    public = bytes.fromhex(signed["public_key"])
    message = f"{FORM}\n{sha256(package.read(SUMS)).hexdigest()}\n".encode()
    if not is_signed(message, bytes.fromhex(signed["signature"]), public):
        raise Wrong(
            f"{SIGNATURE}: underskriften stämmer inte med {SUMS}. Listan är inte den som myndigheten skrev under.",
            f"{SIGNATURE}: the signature does not fit {SUMS}. It is not the list that the authority signed.",
        )
    return sha256(public).hexdigest()


def check_head(ledger: dict) -> None:  # type: ignore[type-arg]
    """Hold only when the signature over the tree head fits."""
    if not is_signed(head_bytes(ledger), bytes.fromhex(ledger["signature"]), bytes.fromhex(ledger["public_key"])):
        raise Wrong(
            f"{RECORDS}: underskriften under liggarens trädhuvud stämmer inte.",
            f"{RECORDS}: the signature of the ledger's tree head does not fit.",
        )


def check_version(package: Package, sums: dict[str, str], item: dict, version: dict, ledger: dict) -> bool:  # type: ignore[type-arg]
    """Return whether the content of a version is here and holds; False when it is withheld and only the leaf holds."""
    what = "handling {}, version {}".format(item["uid"], version["number"])
    in_english = "record {}, version {}".format(item["uid"], version["number"])
    leaf = bytes.fromhex(version["leaf"])
    content = version.get("content")
    if content is not None:
        written = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        if leaf_hash(bytes.fromhex(version["salt"]) + written) != leaf:
            raise Wrong(
                f"{what}: innehållet är inte det som bevarades. Lövet blir ett annat.",
                f"{in_english}: the content is not what was kept. Its leaf differs.",
            )
        if content[2] != item["uid"].replace("-", "") or content[9] != version["number"]:
            raise Wrong(f"{what}: innehållet är en annan handlings.", f"{in_english}: the content is another record's.")
        _check_words(package, version, content, what, in_english)
    path = [bytes.fromhex(one) for one in version["path"]]
    if not leads_to(bytes.fromhex(ledger["root"]), leaf, version["position"], ledger["size"], path):
        raise Wrong(
            f"{what}: vägen från lövet till liggarens rot stämmer inte.",
            f"{in_english}: the way from the leaf to the ledger's root does not hold.",
        )
    for medium in version.get("media", []):
        if sums.get(medium["name"]) != medium["sha256"]:
            raise Wrong(
                "{}: {} är inte den bilaga som hämtades.".format(what, medium["name"]),
                "{}: {} is not the medium that was fetched.".format(in_english, medium["name"]),
            )
    return content is not None


def _check_words(package: Package, version: dict, content: list, what: str, in_english: str) -> None:  # type: ignore[type-arg]
    if version.get("text") and package.read(version["text"]) != content[15].encode("utf-8", "surrogatepass"):
        raise Wrong(
            "{}: {} är inte texten som bevarades.".format(what, version["text"]),
            "{}: {} is not the text that was kept.".format(in_english, version["text"]),
        )
    if version.get("payload") and sha256(package.read(version["payload"])).hexdigest() != content[22]:
        raise Wrong(
            "{}: {} är inte det plattformen lämnade.".format(what, version["payload"]),
            "{}: {} is not what the platform gave.".format(in_english, version["payload"]),
        )


def check(place: str, key: str = "") -> list[tuple[str, str]]:
    """
    Return sentences, in Swedish and English, about what holds.

    Raises:
        Wrong: The first thing that does not hold.
    """
    package = Package(place)
    fingerprint = check_signature(package)
    if key and key.lower().replace(" ", "").replace(":", "") != fingerprint:
        raise Wrong(
            f"Paketet är undertecknat med en annan nyckel: {fingerprint}",
            f"The package was signed with another key: {fingerprint}",
        )
    said = [("Listan över filerna är undertecknad.", "The list of the files is signed.")]
    sums = check_files(package)
    said.append((f"{len(sums)} filer är oförändrade.", f"{len(sums)} files are unchanged."))
    records = json.loads(package.read(RECORDS))
    if records["form"] != FORM:
        raise NoPackage(f"Okänd form: {records['form']}", f"Unknown form: {records['form']}")
    whole, bare = 0, 0
    if records["ledger"]:
        check_head(records["ledger"])
        for item in records["items"]:
            for version in item["versions"]:
                if check_version(package, sums, item, version, records["ledger"]):
                    whole += 1
                else:
                    bare += 1
    if whole:
        said.append((
            f"{whole} versioner är ordagrant de som bevarades, och står i den undertecknade liggaren.",
            f"{whole} versions are word for word what was kept, and stand in the signed ledger.",
        ))  # fmt: skip
    if bare:
        said.append((
            f"{bare} versioner står i liggaren, och deras innehåll lämnas inte ut.",
            f"{bare} versions stand in the ledger; their content is withheld.",
        ))  # fmt: skip
    if not whole and not bare:
        said.append(("Ingen bevarad handling ingår.", "No kept record is part of it."))
    return [*said, _about_key(fingerprint, key)]


def _about_key(fingerprint: str, key: str) -> tuple[str, str]:
    parts = " ".join(fingerprint[at : at + 8] for at in range(0, 64, 8))
    if key:
        return f"Nyckeln är den du angav: {parts}", f"The key is the one you gave: {parts}"
    return (
        f"Nyckelns fingeravtryck: {parts}\n  Fråga myndigheten om det är deras, på ett nummer du själv har slagit upp.",
        f"Fingerprint of the key: {parts}\n  Ask the authority whether it is theirs.",
    )


def main(arguments: list[str]) -> int:
    """Check what is asked for and say it; return the exit code."""
    say = _say
    key = ""
    if "--key" in arguments:
        at = arguments.index("--key")
        key, arguments = " ".join(arguments[at + 1 : at + 2]), arguments[:at] + arguments[at + 2 :]
        if not key:
            say("--key behöver ett fingeravtryck.", "--key needs a fingerprint.")
            return 2
    if any(one.startswith("-") for one in arguments) or len(arguments) > 1:
        sys.stdout.write(__doc__ or "")
        return 2
    place = arguments[0] if arguments else os.path.dirname(os.path.abspath(__file__))
    try:
        said = check(place, key)
    except Wrong as wrong:
        say(f"FEL: {wrong.swedish}", f"WRONG: {wrong.english}")
        return 2 if isinstance(wrong, NoPackage) else 1
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        say(f"FEL: paketet går inte att tolka: {error!r}", f"WRONG: the package cannot be understood: {error!r}")
        return 1
    for swedish, english in said:
        say(f"Håller: {swedish}", f"Holds: {english}")
    say("ALLT HÅLLER.", "EVERYTHING HOLDS.")
    return 0


def _say(swedish: str, english: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    words = f"{swedish}\n  ({english})\n"
    sys.stdout.write(words.encode(encoding, "replace").decode(encoding))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
