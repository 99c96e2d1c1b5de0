"""In which folder the server boots, and where it looks for modules."""

from tests.experiments.applications import APP
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import CONSOLE_SCRIPT, MODULE, Lab


@experiment(
    slug="module-named-gunicorn-in-the-cwd",
    title="Under -m a gunicorn.py hides the server",
    question="Which gunicorn runs when the current directory has a gunicorn.py?",
    topic="boot",
)
def module_named_gunicorn_in_the_cwd(lab: Lab) -> Observations:
    lab.write("gunicorn.py", "print('gunicorn.py of the current directory')")
    return {
        "gunicorn --version": lab.start("--version", program=CONSOLE_SCRIPT).ended().stdout,
        "python -m gunicorn --version": lab.start("--version", program=MODULE).ended().stdout,
    }


@experiment(
    slug="chdir-already-on-the-path",
    title="--chdir may enter one folder and import from another",
    question="The start folder and that of --chdir both have an app.py: which one is imported?",
    topic="boot",
)
def chdir_already_on_the_path(lab: Lab) -> Observations:
    for app in ("app.py", "there/app.py"):
        lab.write(app, f"import os\nprint('imported {app} in', os.getcwd())\napplication = print")
    command = ("--check-config", "--chdir", "there", "app")
    on_path = {"PYTHONPATH": f"{lab.folder}/there:{lab.upstream}"}
    return {
        "--chdir there": lab.start(*command).ended().stdout,
        "--chdir there, and PYTHONPATH names it": lab.start(*command, env=on_path).ended().stdout,
    }


@experiment(
    slug="chdir-in-the-config-file",
    title="A relative chdir counts from the start folder",
    question="A config file in another folder sets a relative chdir: relative to which folder?",
    topic="boot",
)
def chdir_in_the_config_file(lab: Lab) -> Observations:
    for app in ("other/app.py", "sub/other/app.py"):
        lab.write(app, f"import os\nprint('imported {app} in', os.getcwd())\napplication = print")
    lab.write("sub/conf.py", "chdir = 'other'")
    return {"-c sub/conf.py": lab.start("-c", "sub/conf.py", "--check-config", "app").ended().stdout}


@experiment(
    slug="pythonpath-order",
    title="The last of --pythonpath is searched first",
    question="Where in sys.path do the folders of --pythonpath stand, and are they looked up again on SIGHUP?",
    topic="boot",
)
def pythonpath_order(lab: Lab) -> Observations:
    for app in ("app.py", "other/app.py"):
        lab.write(app, f"import sys\nprint('sys.path begins with', sys.path[:2])\n{APP}")
    two = lab.start("--pythonpath", "lib1,lib2", "app").listening()
    two.ask()
    relative = lab.start("--pythonpath", "lib", "--chdir", "other", "app").listening()
    relative.ask()
    lab.write("gunicorn.conf.py", "pythonpath = 'before'\nprint(f'{pythonpath = }')")
    reloaded = lab.start("app").listening()
    reloaded.ask()
    lab.write("gunicorn.conf.py", "pythonpath = 'after'\nprint(f'{pythonpath = }')")
    reloaded.reload()
    reloaded.ask()
    return {
        "--pythonpath lib1,lib2": two.stdout,
        "--pythonpath lib --chdir other": relative.stdout,
        "in the config file, changed there before SIGHUP": reloaded.stdout,
    }
