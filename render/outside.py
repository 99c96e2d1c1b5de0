"""What a reference leads to that is not of this site: issues, standards, manuals."""

import re
from collections.abc import Mapping

OUTSIDE: Mapping[str, tuple[str, str, str]] = {
    # kind: (what the name must look like, the URL, the text)
    "issue": (r"([1-9]\d*)", "{repository}/issues/{0}", "#{0}"),
    "pr": (r"([1-9]\d*)", "{repository}/pull/{0}", "#{0}"),
    "commit": (r"([0-9a-f]{7,40})", "{repository}/commit/{0}", "{0:.8}"),
    "CVE": (r"(CVE-\d{4}-\d{4,})", "https://www.cve.org/CVERecord?id={0}", "{0}"),
    "pep": (r"(\d{1,4})", "https://peps.python.org/pep-{0:0>4}/", "PEP {0}"),
    "rfc": (r"([1-9]\d*)(?:#([1-9][0-9]*(?:\.[0-9]+)*))?", "https://www.rfc-editor.org/rfc/rfc{0}", "RFC {0}"),
    "man": (r"([\w.+-]+)\(([1-8])\)", "https://man7.org/linux/man-pages/man{1}/{0}.{1}.html", "{0}({1})"),
}


def find_outside(kind: str, name: str, repository: str) -> tuple[str, str, bool] | str:
    """The URL and the text of what `name` names, and whether that is code; or what is wrong with the name."""
    pattern, url, text = OUTSIDE[kind]
    found = re.fullmatch(pattern, name, re.ASCII)
    if not found:
        return f"`{name}` names no {kind}; it must match {pattern}"
    section = found[2] if kind == "rfc" else None
    address = url.format(*found.groups(), repository=repository) + (f"#section-{section}" if section else "")
    words = text.format(*found.groups()) + (f" §{section}" if section else "")
    return address, words, kind in ("commit", "man")
