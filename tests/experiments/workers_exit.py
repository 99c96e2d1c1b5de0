"""An application that wants to leave: whether its worker goes with it, and who hears of it."""

from concurrent.futures import ThreadPoolExecutor

from tests.experiments.client import GET
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab
from tests.experiments.server import Server


def ask_twice(server: Server) -> list[str]:
    """How a request that ends in sys.exit is answered, and the one after it."""
    server.listening().ask()
    before = server.worker
    with server.connect() as client:
        client.send(b"GET /exit HTTP/1.1\r\nHost: lab\r\n\r\n")
        first = client.answer().status if client.is_closed(within=4) else "no answer, no end within 4 s"
    with server.connect() as client:
        client.send(GET)
        second = client.answer().status if client.is_heard(within=3) else "no answer within 3 s"
    return [
        first,
        f"the next client: {second}",
        "the worker goes on" if server.worker == before else "another worker",
        *(str(event) for event in server.events if event.level != "INFO"),
    ]


@experiment(
    slug="sys-exit-in-a-request",
    title="sys.exit in a request costs gthread a thread, and its only one makes it deaf",
    question="An application calls sys.exit(7): what do its client and the next one get, and does the worker end?",
    topic="workers",
    where=(
        "gunicorn.workers.sync.SyncWorker.handle",
        "gunicorn.workers.gthread.ThreadWorker.finish_request",
        "gunicorn.workers.ggevent.GeventWorker.handle_request",
    ),
    since="20.1.0",
)
def sys_exit_in_a_request(lab: Lab) -> Observations:
    lab.write(
        "app.py",
        """
        import sys

        def application(environ, start_response):
            if environ["PATH_INFO"] == "/exit":
                sys.exit(7)
            start_response("200 OK", [("Content-Length", "0")])
            return []
        """,
    )
    workers = ("sync", "gthread", "gevent")
    servers = [lab.start("--worker-class", worker, "--keep-alive", "1", "app") for worker in workers]
    with ThreadPoolExecutor() as pool:  # side by side, since most of it is waiting
        return dict(zip(workers, pool.map(ask_twice, servers), strict=True))
