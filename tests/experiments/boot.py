"""From the command line to a listening server and its first worker."""

import os

from tests.experiments.applications import APP
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import CONSOLE_SCRIPT, MODULE, Lab


@experiment(
    slug="program-name",
    title="The usage line takes the name of the script",
    question="What does the usage line call the program, however it was started?",
    topic="boot",
)
def program_name(lab: Lab) -> Observations:
    lab.write("renamed", "from gunicorn.app.wsgiapp import run; run()")
    programs = {
        "gunicorn": CONSOLE_SCRIPT,
        "python -m gunicorn": MODULE,
        "python -m gunicorn.app.wsgiapp": ("-m", "gunicorn.app.wsgiapp"),
        "a script of another name": ("renamed",),
    }
    helped = {name: lab.start("-h", program=program).ended() for name, program in programs.items()}
    return {name: [*server.stdout, *server.stderr][0] for name, server in helped.items()}


@experiment(
    slug="no-application-named",
    title="An application named in GUNICORN_CMD_ARGS is not heard",
    question="Which of the places for the application's name count, and what if there is none?",
    topic="boot",
)
def no_application_named(lab: Lab) -> Observations:
    lab.write("line.py", "application = print('imported line.py') or print")
    lab.write("file.py", "application = print('imported file.py') or print")
    variable = {"GUNICORN_CMD_ARGS": "line"}
    nowhere = lab.start("--check-config").ended()
    in_variable = lab.start("--check-config", env=variable).ended()
    lab.write("gunicorn.conf.py", "wsgi_app = 'file'")
    in_file = lab.start("--check-config").ended()
    in_both = lab.start("--check-config", "line").ended()
    return {
        "nowhere": nowhere.outcome,
        "in GUNICORN_CMD_ARGS only": in_variable.outcome,
        "wsgi_app in the config file": in_file.stdout,
        "wsgi_app in the config file, another on the command line": in_both.stdout,
    }


@experiment(
    slug="check-config",
    title="--check-config imports the application and binds nothing",
    question="What do --check-config and --print-config try, and what do they pass over?",
    topic="boot",
)
def check_config(lab: Lab) -> Observations:
    lab.write("good.py", "application = print('imported good.py') or print")
    lab.write("broken.py", "raise ValueError('no database')")
    lab.write("taken", "a file where the socket should be")
    observations = {}
    for option in ("--check-config", "--print-config"):
        for app in ("good", "broken"):
            server = lab.start(option, app).ended()
            printed = [line for line in server.stdout if " =" not in line]  # all but the settings themselves
            observations[f"gunicorn {option} {app}"] = [*printed, *server.outcome]
    for arguments in (("--check-config", "good"), ("good",)):
        server = lab.start(*arguments, bind="unix:taken").ended()
        observations[" ".join(("gunicorn --bind unix:taken", *arguments))] = server.outcome
    return observations


@experiment(
    slug="boot-order",
    title="It listens before there is a worker",
    question="In which order do config file, application, socket and fork come?",
    topic="boot",
)
def boot_order(lab: Lab) -> Observations:
    lab.write("gunicorn.conf.py", "")
    lab.write("app.py", APP)
    lab.write(
        "spy/sitecustomize.py",
        """
        import os, sys

        def listen(event, details):
            if event == "exec":
                file = details[0].co_filename
                event = f"runs {file}" if file.endswith(("/gunicorn.conf.py", "/app.py")) else ""
            if event == "socket.bind" and isinstance(details[1], str):
                event = ""  # the control socket of later releases, bound by a thread at any time
            if event.startswith(("runs", "os.chdir", "socket.bind", "os.fork")):
                os.write(2, f"[{os.getpid()}] [AUDIT] {event}\\n".encode())

        sys.addaudithook(listen)
        """,
    )
    spied = {"PYTHONPATH": f"{lab.folder}/spy:{lab.upstream}"}
    observations = {}
    for arguments in (("app",), ("--preload", "app")):
        server = lab.start(*arguments, env=spied).listening()
        server.ask()
        observations[" ".join(("gunicorn", *arguments))] = server.stderr
    return observations


@experiment(
    slug="broken-application",
    title="An application that cannot be imported ends the server",
    question="Who says what when the application is broken, and what is the exit code?",
    topic="boot",
)
def broken_application(lab: Lab) -> Observations:
    lab.write("app.py", "application = print")
    lab.write("raises.py", "raise ValueError('no database')")
    return {
        " ".join(("gunicorn", *arguments)): lab.start(*arguments).ended().outcome
        for app in ("missing", "app:missing", "raises")
        for arguments in ((app,), ("--preload", app))
    }


@experiment(
    slug="runtime-error-in-app-with-preload",
    title="Under --preload a RuntimeError loses its traceback",
    question="Is a RuntimeError of the application told from gunicorn's own?",
    topic="boot",
)
def runtime_error_in_app_with_preload(lab: Lab) -> Observations:
    lab.write("runtime.py", "raise RuntimeError('no database')")
    lab.write("value.py", "raise ValueError('no database')")
    return {
        "RuntimeError, --preload": lab.start("--preload", "runtime").ended().outcome,
        "ValueError, --preload": lab.start("--preload", "value").ended().outcome,
        "RuntimeError": lab.start("runtime").ended().outcome,
    }


@experiment(
    slug="pidfile-in-use",
    title="Any living process keeps a pidfile taken",
    question="What if the pidfile names a process already?",
    topic="boot",
)
def pidfile_in_use(lab: Lab) -> Observations:
    lab.write("app.py", "application = print")
    lab.write("living.pid", f"{os.getpid()}")  # no gunicorn, just the process of this experiment
    lab.write("dead.pid", f"{2**22 + 1}")  # more than any pid on Linux
    refused = lab.start("--pid", "living.pid", "app").ended()
    started = lab.start("--pid", "dead.pid", "app").listening()
    return {"a living process": refused.outcome, "a dead process": started.stderr[:2]}
