"""Workers that stop of themselves: max_requests and its jitter."""

from tests.experiments.applications import answering
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
