"""What a digest covered, kept inside the digest, so that a later one can tell what is new since then.

The manifest is JSON: in Markdown and HTML inside a comment, in JSON under the key ``manifest``, in DOCX a
custom XML part, which word processors keep when the document is edited and saved.
"""

from __future__ import annotations

import errno
import hashlib
import html
import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from policykb.domain.policy import FIELDS, OF_THE_FILE
from policykb.errors import SourceError
from policykb.files.reading import read_regular, reason
from policykb.i18n import _

if TYPE_CHECKING:
    from policykb.domain.policy import Policy

PART = "customXml/policykb.xml"
NAMESPACE = "urn:policykb:digest"
_MARK = "policykb-digest"
# What the hash is made of, in the order of the first digests; a field that has come since counts where it is stated.
_FIRST_FIELDS = (
    "title", "date", "issuers", "issuer_count", "tags", "kind", "status", "documents", "number", "effective",
    "date_end", "source",
)  # fmt: skip
_LARGEST = 200_000_000  # bytes of an earlier digest, or of its manifest


@dataclass(frozen=True, slots=True)
class Manifest:
    """The entries that a digest was about (id -> hash of the content), and what it was asked for."""

    query: str
    period: str
    state: str
    entries: Mapping[str, str]


def content_hash(policy: Policy) -> str:
    """Sixteen hexadecimal digits that change when anything a digest shows of the entry changes."""
    plain = policy.as_data()
    told = [one for one in FIELDS if one.name not in OF_THE_FILE]
    values = {one.name: plain[one.name] or ("" if one.type == "day" else plain[one.name]) for one in told}
    shown = [values.pop(name) for name in _FIRST_FIELDS] + [policy.body]
    shown += [[name, value] for name, value in values.items() if value]
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def dump(manifest: Manifest) -> str:
    """The manifest as JSON, one entry a line, safe inside an HTML comment and in XML."""
    head = {"format": 1, "query": manifest.query, "period": manifest.period, "state": manifest.state}
    lines = [f"{_json(key)}: {_json(value)}," for key, value in head.items()]
    entries = ",\n".join(f"{_json(id)}: {_json(hash)}" for id, hash in manifest.entries.items())
    return "\n".join(["{", *lines, '"entries": {', entries, "}}"])


def comment(manifest: Manifest) -> str:
    """The manifest as a comment for Markdown and HTML."""
    return f"<!-- {_MARK}\n{dump(manifest)}\n-->"


def load(path: Path) -> Manifest:
    """The manifest of a digest written as json, md, html or docx; a SourceError when there is none."""
    try:
        data = read_regular(path, at_most=_LARGEST)
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise SourceError(_("{path}: too large for a digest").format(path=path)) from None
        raise SourceError(_("{path}: cannot be read: {reason}").format(path=path, reason=reason(error))) from None
    try:
        return _parse(_text(data))
    except (ValueError, KeyError, TypeError, zipfile.BadZipFile, RecursionError):
        problem = _("{path}: not a digest that policykb wrote as json, md, html or docx")
        raise SourceError(problem.format(path=path)) from None


def _text(data: bytes) -> str:
    if data.startswith(b"PK"):
        return _from_docx(data)
    text = data.decode("utf-8-sig")
    if text.lstrip().startswith("{"):
        return json.dumps(json.loads(text)["manifest"])
    # The documents' own text cannot hold a comment, and the manifest comes last.
    return text.rpartition(f"<!-- {_MARK}\n")[2].partition("\n-->")[0]


def _from_docx(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for part in archive.infolist():
            # Word gives custom parts new names when it saves.
            if re.fullmatch(r"customXml/[^/]*\.xml", part.filename) and part.file_size <= _LARGEST:
                xml = archive.read(part).decode("utf-8-sig")
                if match := re.search(rf"<([\w:]*manifest) xmlns(?::\w+)?=\"{NAMESPACE}\">(.*)</\1>", xml, re.S):
                    return html.unescape(match[2])
    raise ValueError("no manifest")


def _parse(text: str) -> Manifest:
    data = json.loads(text)
    if data["format"] != 1:
        raise ValueError(data["format"])
    texts = [data["query"], data["period"], data["state"], *data["entries"], *data["entries"].values()]
    if not all(isinstance(item, str) for item in texts):
        raise TypeError
    return Manifest(data["query"], data["period"], data["state"], data["entries"])


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text
