"""Workers that stop of themselves: max_requests and its jitter."""

from tests.experiments.applications import HOLDING, answering
from tests.experiments.client import GET
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab


@experiment(
    slug="max-requests",
    title="The request that reaches max_requests is still answered",
    question="Which worker answers which request with --max-requests 2, and what does the log say?",
    topic="stop",
    where=(
        "gunicorn.workers.sync.SyncWorker.handle_request",
        "gunicorn.workers.base.Worker.__init__",
    ),
)
def max_requests(lab: Lab) -> Observations:
    lab.write("app.py", answering("os.getpid()"))
    server = lab.start("--max-requests", "2", "app").listening()
    server.wait_for("Booting worker")
    said = len(server.log)
    pids = [server.ask()[-1] for _ in range(5)]
    order = list(dict.fromkeys(pids))
    return {
        "five requests": f"answered by worker {', '.join(str(order.index(pid) + 1) for pid in pids)}",
        "the log from the first on": server.log[said : said + 3],
    }


@experiment(
    slug="max-requests-jitter",
    title="Jitter is added to max_requests, never taken from it",
    question="After how many requests do workers go with --max-requests 2 --max-requests-jitter 2?",
    topic="stop",
    where=("gunicorn.workers.base.Worker.__init__",),
)
def max_requests_jitter(lab: Lab) -> Observations:
    lab.write("app.py", answering("os.getpid()"))
    server = lab.start("--max-requests", "2", "--max-requests-jitter", "2", "app").listening()
    pids = [server.ask()[-1] for _ in range(30)]
    counts = [pids.count(pid) for pid in dict.fromkeys(pids)][:-1]  # the last may not have reached its number yet
    inside = [count for count in counts if 2 <= count <= 4]
    jitter = "None" if len(set(counts)) == 1 else "yes"
    return {
        "30 requests": [
            f"requests of a worker: {'2 to 4' if inside == counts else 'other numbers'}",
            f"do workers differ: {jitter}",
        ]
    }


@experiment(
    slug="max-requests-beside-a-request",
    title="Until 26.2.0 a thread at max_requests exposes the others to the timeout",
    question="One thread's request reaches max_requests, another takes longer than --timeout: what becomes of it?",
    topic="stop",
    where=("gunicorn.workers.gthread.ThreadWorker.handle_request", "gunicorn.workers.gthread.ThreadWorker.run"),
    since="20.1.0",
)
def max_requests_beside_a_request(lab: Lab) -> Observations:
    lab.write("app.py", HOLDING)
    server = lab.start("-k", "gthread", "--threads", "2", "--max-requests", "2", "--timeout", "3", "app").listening()
    with server.connect() as client:
        client.send(GET.replace(b"/", b"/gate", 1))
        server.wait_for_output("holding gate")
        second = server.ask()[0]
        waits = not client.is_heard(within=7)
        lab.write("gate")
        return {
            "the second request": second,
            "the first, after --timeout 3": "still waits" if waits else "has ended",
            "what it gets": client.answer().status,
            "log": [line for line in server.log if "TIMEOUT" in line] or "no WORKER TIMEOUT",
        }
