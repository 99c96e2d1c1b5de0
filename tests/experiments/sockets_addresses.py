"""What is made of the text of an address."""

from signal import SIGHUP

from tests.experiments.applications import APP
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab

_LAUNCH = """
    import sys

    from gunicorn.config import Config

    for text in sys.argv[1:]:
        config = Config()
        config.set("bind", [text])
        try:
            print(config.address[0])
        except RuntimeError as error:
            print(error)
    """

_TEXTS = (
    "unix:/run/x.sock",
    "unix:///run/x.sock",
    "unix://x.sock",
    "unix:/run/unix:x.sock",
    "UNIX:/run/x.sock",
    "/run/X.sock",
    "fd://3",
    "fd://-1",
    "fd://x",
    "tcp://lab:80",
    "http://lab:80",
    "LAB",
    "",
    "8000",
    ":80",
    "lab:",
    "lab:80:90",
    "lab:8_0",
    "lab:-1",
    "lab:99999",
    "[lab]",
    "[::1]:80",
    "[lab]80",
    "[fe80::1%lo]:80",
    "::1",
    "2001:db8::1",
    "1:2:3:4:5:6:7:8",
)


@experiment(
    slug="addresses-to-bind",
    title="A path without unix: is a host, and a number alone is one too",
    question="Which address does --bind make of a text?",
    topic="sockets",
    where=("gunicorn.util.parse_address", "gunicorn.config.Config.address"),
)
def addresses_to_bind(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    lab.write("launch.py", _LAUNCH)
    told = lab.start(*_TEXTS, program=("launch.py",), bind=None, log=None).ended().stdout
    observations: dict[str, str | list[str]] = {repr(text): line for text, line in zip(_TEXTS, told, strict=True)}

    lab.write("conf.py", "bind = 'unix:here.sock'\n")
    server = lab.start("-c", "conf.py", "app", bind=None).listening()
    server.ask()
    lab.write("conf.py", "bind = 'lab:x'\n")
    server.send(SIGHUP)
    server.ended()
    errors = [line for line in server.log if "ERROR" in line or line.startswith("RuntimeError")]
    observations["SIGHUP with bind = 'lab:x'"] = [*errors, server.ending]
    return observations
