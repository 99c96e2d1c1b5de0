"""Settings whose defaults come from the environment, and what Python keeps of config files."""

import os

from tests.experiments.applications import APP
from tests.experiments.experiment import Observations, experiment
from tests.experiments.lab import Lab


@experiment(
    slug="defaults-from-the-environment",
    title="sendfile = True in a config file means off; three variables of the environment are only defaults",
    question="What do WEB_CONCURRENCY, PORT, FORWARDED_ALLOW_IPS and SENDFILE set, and what overrules them?",
    topic="settings",
    where=(
        "gunicorn.config.Workers",
        "gunicorn.config.Bind",
        "gunicorn.config.ForwardedAllowIPS",
        "gunicorn.config.Config.sendfile",
    ),
)
def defaults_from_the_environment(lab: Lab) -> Observations:
    lab.write("app.py", APP)
    tell = """
        def on_starting(server):
            cfg = server.cfg
            print("workers", cfg.workers)
            print("bind", cfg.address)
            print("forwarded_allow_ips", sorted(cfg.forwarded_allow_ips))
            print("sendfile", cfg.sendfile)
            raise SystemExit
        """
    lab.write("tell.py", tell)
    overrule = "workers, bind, forwarded_allow_ips, sendfile = 2, '127.0.0.1:8000', '10.0.0.1', True\n"
    lab.write("overrule.py", overrule + "from tell import on_starting")
    path = {"PYTHONPATH": f"{lab.folder}:{lab.upstream}"}
    variables = {"WEB_CONCURRENCY": "3", "PORT": "9090", "FORWARDED_ALLOW_IPS": "*", "SENDFILE": "no"}
    servers = {
        "no variables": lab.start("-c", "tell.py", "app", bind=None),
        "variables": lab.start("-c", "tell.py", "app", bind=None, env=variables),
        "a config file that sets all four": lab.start("-c", "overrule.py", "app", bind=None, env=path),
        "variables, and that config file": lab.start("-c", "overrule.py", "app", bind=None, env={**variables, **path}),
        "--no-sendfile, SENDFILE=yes": lab.start("-c", "tell.py", "--no-sendfile", "app", env={"SENDFILE": "yes"}),
    }
    observations = {circumstances: server.ended().stdout for circumstances, server in servers.items()}
    no_number = lab.start("app", env={"WEB_CONCURRENCY": "two"}).ended()
    return {
        **observations,
        "--no-sendfile, SENDFILE=yes": observations["--no-sendfile, SENDFILE=yes"][-1],
        "WEB_CONCURRENCY=two": no_number.outcome,
    }


@experiment(
    slug="config-files-share-a-cache",
    title="Config files without .py can be taken for one another",
    question="conf.one is read, then conf.two, of the same size and the same second: which settings count?",
    topic="settings",
    where=("gunicorn.app.base.Application.get_config_from_filename",),
)
def config_files_share_a_cache(lab: Lab) -> Observations:
    lab.write(
        "launch.py",
        """
        import sys
        from gunicorn.app.wsgiapp import run

        sys.dont_write_bytecode = False  # the default outside experiments
        run()
        """,
    )

    def read(name: str, written: int = 1_700_000_000) -> str:
        lab.write(name, f"print('settings of {name}')\nraise SystemExit")
        os.utime(lab.folder / name, (written, written))
        return lab.start("-c", name, "app", program=("launch.py",)).ended().stdout[-1]

    observations = {
        "-c conf.one": read("conf.one"),
        "then -c conf.two": read("conf.two"),
        "then -c conf.two, a second younger": read("conf.two", written=1_700_000_001),
        "-c one.py": read("one.py"),
        "then -c two.py": read("two.py"),
    }
    return {**observations, "cached": sorted(file.name.partition(".cpython")[0] for file in lab.folder.rglob("*.pyc"))}
