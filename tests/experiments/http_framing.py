"""Where a body ends: Content-Length, Transfer-Encoding, and both."""

from tests.experiments.experiment import Observations, experiment
from tests.experiments.http_verdicts import CHUNKS, READING, request, spell, verdict
from tests.experiments.lab import Lab

_BODY_READER = "gunicorn.http.message.Message.set_body_reader"
_ERROR_PAGE = "gunicorn.workers.base.Worker.handle_error"


@experiment(
    slug="length-beside-chunks",
    title="Since 22.0.0 Content-Length beside chunks is refused, and so are chunks in HTTP/1.0",
    question="What becomes of a request that tells its length twice, or in a way that its version does not know?",
    topic="http",
    where=(_BODY_READER,),
)
def length_beside_chunks(lab: Lab) -> Observations:
    lab.write("app.py", READING)
    server = lab.start("app").listening()
    heads = (
        ("POST / HTTP/1.1", "Transfer-Encoding: chunked"),
        ("POST / HTTP/1.1", "Content-Length: 5", "Transfer-Encoding: chunked"),
        ("POST / HTTP/1.1", "Transfer-Encoding: chunked", "Content-Length: 5"),
        ("POST / HTTP/1.1", "Transfer-Encoding: identity", "Content-Length: 5"),
        ("POST / HTTP/1.1", "Transfer-Encoding: gzip", "Content-Length: 5"),
        ("POST / HTTP/1.1", "Transfer-Encoding: xchunked", "Content-Length: 5"),
        ("POST / HTTP/1.0", "Transfer-Encoding: chunked"),
        ("POST / HTTP/1.1",),
    )
    return {" + ".join(head): verdict(server, request(*head, body=CHUNKS)) for head in heads}


@experiment(
    slug="order-of-transfer-codings",
    title="Behind chunked no coding is accepted; gzip before it is, and nothing unpacks it",
    question="In which orders may transfer codings come, and what does the application read then?",
    topic="http",
    where=(_BODY_READER, _ERROR_PAGE),
)
def order_of_transfer_codings(lab: Lab) -> Observations:
    lab.write("app.py", READING)
    server = lab.start("app").listening()
    observations = {}
    for codings in (
        ["chunked"],
        ["CHUNKED"],
        ["gzip, chunked"],
        ["gzip", "chunked"],
        ["identity, chunked"],
        ["chunked, gzip"],
        ["chunked, identity"],
        ["chunked", "identity"],
        ["chunked, chunked"],
        ["chunked", "chunked"],
    ):
        fields = [f"Transfer-Encoding: {coding}" for coding in codings]
        observations[" + ".join(fields)] = verdict(server, request("POST / HTTP/1.1", *fields, body=CHUNKS))
    return observations


@experiment(
    slug="unknown-transfer-codings",
    title="An unknown or empty coding is a 501, a known one without chunks is an empty body",
    question="What is the body of a request whose transfer coding is not chunked, or not quite?",
    topic="http",
    where=(_BODY_READER, _ERROR_PAGE, "gunicorn.http.message.Message.parse_headers"),
)
def unknown_transfer_codings(lab: Lab) -> Observations:
    lab.write("app.py", READING)
    server = lab.start("app").listening()
    codings = (
        " gzip",
        " identity",
        " br, chunked",
        " xchunked",
        " chunked;q=1",
        " ,chunked",
        " chunked,",
        "",
        " chunked \t",
        " \x0bchunked",
        " chunked\xa0",
    )
    return {
        spell(f"Transfer-Encoding:{coding}"): verdict(
            server, request("POST / HTTP/1.1", f"Transfer-Encoding:{coding}", body=CHUNKS)
        )
        for coding in codings
    }


@experiment(
    slug="content-length-values",
    title="A Content-Length is digits only, and twice the same is refused",
    question="Which values of Content-Length are lengths?",
    topic="http",
    where=(_BODY_READER,),
)
def content_length_values(lab: Lab) -> Observations:
    lab.write("app.py", READING)
    server = lab.start("app").listening()
    heads = [
        [f"Content-Length:{value}"]
        for value in (" 5", " 005", " 5 ", " +5", " -5", " 5_0", " 0x5", " 5.0", " 5, 5", "", " \xb2")
    ]
    heads += [["Content-Length: 5", "Content-Length: 5"], ["Content-Length: 5", "Content-Length: 6"]]
    return {spell(" + ".join(head)): verdict(server, request("POST / HTTP/1.1", *head, body="hello")) for head in heads}
