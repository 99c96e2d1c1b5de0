"""The access log's atoms, the files of both logs, levels, and what else ends up in them."""

import re

from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab

_REQUEST = (
    b"GET /caf%C3%A9%0Anext?q=1 HTTP/1.1\r\nHost: lab\r\nConnection: close\r\nAuthorization: Basic YWxpY2U6c2VjcmV0\r\n"
    b'Referer: http://elsewhere/\r\nUser-Agent: a "quoted" agent\r\nX-Id: 7\r\n\r\n'
)


@experiment(
    slug="atoms-of-the-access-log",
    title="%(U)s breaks the line of the access log, %(r)s does not",
    question="What does each atom of access_log_format stand for?",
    topic="logging",
    where=("gunicorn.glogging.Logger.atoms", "gunicorn.glogging.Logger.access", "gunicorn.glogging.SafeAtoms"),
)
def atoms_of_the_access_log(lab: Lab) -> Observations:
    lab.write(
        "app.py",
        """
        def application(environ, start_response):
            start_response("200 Very Well", [("Content-Length", "5"), ("X-Answer", "yes")])
            return [b"hello"]
        """,
    )
    names = [*"hlutrmUqHsBbfaTMDLp", "{x-id}i", "{X-ID}i", "{x-answer}o", "{raw_uri}e", "{x-missing}i", "z"]
    lab.write("gunicorn.conf.py", f"access_log_format = {'|'.join(f'%({name})s' for name in names)!r}")
    server = lab.start("--access-logfile", "-", "app").listening()
    server.ask(_REQUEST)
    server.wait_for_output("GET")
    server.wait_until_idle()
    values = "\\n".join(server.stdout).split("|")
    numbers = {"T", "M", "D", "L", "p"}
    return {
        f"%({name})s": re.sub(r"\d+", "N", value) if name in numbers else value
        for name, value in zip(names, values, strict=True)
    }
