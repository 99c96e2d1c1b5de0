"""The commands `annotated build` and `annotated serve`: the site on disk, and the site while one writes."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from render.build import build, draft
from render.cache import Cache, program_digest
from render.output import write_folder
from render.project import Project, find_project
from render.serve import serve

_RENDERER = Path(__file__).parent


def build_site() -> None:
    """Build the site into site/, in one move."""
    project = find_project(Path.cwd())
    columns = (TextColumn("building"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", style="dim"))
    cache = open_cache(project)
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=None)
        site = build(
            project, cache, lambda done, of, path: bar.update(task, completed=done, total=of, description=path)
        )
    write_folder(site, project.site)
    cache.sweep()
    size = sum(map(len, site.values())) / 1e6
    sys.stdout.write(f"{len(site)} files, {size:.1f} MB, in {project.name(project.site)}/\n")


def serve_site(
    bind: Annotated[str, typer.Option(help="HOST:PORT to listen at.")] = "127.0.0.1:8000",
    exposed: Annotated[bool, typer.Option("--exposed", help="Allow an address that other machines reach.")] = False,
) -> None:
    """Show the site while you write: made in memory, served by gunicorn, reloaded on every change."""
    project = find_project(Path.cwd())
    cache = open_cache(project)
    watched = (project.annotations, project.upstream, _RENDERER / "theme")
    serve(lambda: draft(project, cache), watched, bind, exposed)


def open_cache(project: Project) -> Cache:
    """What earlier builds of this program have kept."""
    return Cache(project.cache, program_digest(_RENDERER))
