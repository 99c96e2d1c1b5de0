"""The lines of a header: names, colons, folds, and characters that have no place in a value."""

from tests.experiments.applications import answering
from tests.experiments.experiment import Observations, experiment
from tests.experiments.http_verdicts import request, spell, verdict
from tests.experiments.lab import Lab

_PARSE_HEADERS = "gunicorn.http.message.Message.parse_headers"
_TOLD = answering(
    "ascii({name: value for name, value in environ.items() if name.startswith('HTTP_') and value != 'lab'})"
)


@experiment(
    slug="header-names",
    title="A header name is a token, and no blank stands before its colon",
    question="What may stand before the colon?",
    topic="http",
    where=(_PARSE_HEADERS, "gunicorn.config.StripHeaderSpaces"),
)
def header_names(lab: Lab) -> Observations:
    lab.write("app.py", _TOLD)
    server = lab.start("app").listening()
    stripping = lab.start("--strip-header-spaces", "app").listening()
    lines = (
        "X-A: a",
        "x-a: a",
        "X-A:a",
        "X~A|B: a",
        "X-A : a",
        "X-A\t: a",
        "X A: a",
        "X/A: a",
        "X-\xdf: a",
        ": a",
        "no colon",
    )
    observations = {spell(line): verdict(server, request("GET / HTTP/1.1", line)) for line in lines}
    for line in ("X-A : a", "X-A\t: a"):
        observations[f"--strip-header-spaces {spell(line)}"] = verdict(stripping, request("GET / HTTP/1.1", line))
    return observations


@experiment(
    slug="folded-headers",
    title="Since 23.0.0 a header on two lines is refused",
    question="What becomes of a header whose value goes on in the next line?",
    topic="http",
    where=(_PARSE_HEADERS, "gunicorn.config.PermitObsoleteFolding"),
)
def folded_headers(lab: Lab) -> Observations:
    lab.write("app.py", _TOLD)
    switches: list[list[str]] = [[]]
    if lab.is_since("23.0.0"):
        switches += [["--permit-obsolete-folding"]]
    observations = {}
    for switch in switches:
        server = lab.start(*switch, "app").listening()
        for folded in ("X-A: one\r\n two", "X-A: one \r\n\t two ", "X-A:\r\n one"):
            label = " ".join([*switch, spell(folded)])
            observations[label] = verdict(server, request("GET / HTTP/1.1", folded))
        observations[" ".join([*switch, "a fold before the first header"])] = verdict(
            server, "GET / HTTP/1.1\r\n X-A: one\r\nHost: lab\r\n\r\n"
        )
    return observations


@experiment(
    slug="control-characters-in-values",
    title="CR, LF and NUL are refused in a value, other control characters are not",
    question="Which characters may stand in a header's value, and which are cut from its ends?",
    topic="http",
    where=(_PARSE_HEADERS,),
)
def control_characters_in_values(lab: Lab) -> Observations:
    lab.write("app.py", _TOLD)
    server = lab.start("app").listening()
    values = ("a\nb", "a\rb", "a\0b", "a\x07b", "a\x7fb", "a\tb", "\xe9", " \ta \t", "\x0ba\x0b", "\xa0a\x85")
    observations = {
        spell(f"X-A: {value}"): verdict(server, request("GET / HTTP/1.1", f"X-A: {value}")) for value in values
    }
    bare = "GET / HTTP/1.1\r\nHost: lab\nX-A: a\n\n"
    return {**observations, spell(bare): verdict(server, bare)}
