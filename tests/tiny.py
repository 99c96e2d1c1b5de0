"""A small project about a package that is not gunicorn: all that a site can hold, once each."""

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from textwrap import dedent
from types import MappingProxyType

from render.authoring import stamp_files
from render.grounds import find_grounds, read_ground
from render.manifest import manifest_text
from render.project import Project
from render.releases import read_releases

RELEASE = "1.0"
OLDER = "0.9"

PACKAGE: Mapping[str, str] = MappingProxyType(
    {
        "LICENSE": "Do as you please.\n",
        "kettle/__init__.py": '"""Boils water."""\n',
        "kettle/boiler.py": '''\
            """Heats what it is given."""

            import functools

            from kettle.parts.coil import Coil

            BOILING = 100

            HELP = """
            fill it first
              then switch it on

            """


            @functools.total_ordering
            class Boiler:
                """Water and a coil."""

                limit = BOILING

                def __init__(self, degrees=20):
                    self.degrees = degrees
                    self.coil = Coil()

                def __lt__(self, other):
                    return self.degrees < other.degrees

                @property
                def boiling(self):
                    return self.degrees >= self.limit

                def boil(self):
                    while not self.boiling:
                        self.degrees += self.coil.heat(
                            self.degrees,
                            self.limit,
                        )
                    print("done")
                    print("done")
                    print("done")
            ''',
        "kettle/lid.py": '''\
            """Opens and shuts."""


            def toggle(lid):
                lid.open = not lid.open
                return lid


            def slam(lid):
                lid.open = not lid.open
                return lid
            ''',
        "kettle/parts/__init__.py": "",
        "kettle/parts/coil.py": '''\
            """What gets hot."""


            class Coil:
                def heat(self, degrees, limit):
                    return min(10, limit - degrees)
            ''',
    }
)
"""The vendored files by their names inside the release, to be freed of common indentation."""

WRITTEN: Mapping[str, str] = MappingProxyType(
    {
        "upstream/releases.yaml": f"""\
            package: kettle
            repository: https://example.org/kettle
            documented: "{RELEASE}"
            releases:
            - release: "{RELEASE}"
              date: 2020-02-29
              sdist: kettle-{RELEASE}.tar.gz
              sha256: {"0" * 64}
            """,
        f"annotations/{RELEASE}/kettle/boiler.yaml": """\
            file: kettle/boiler.py
            summary: |
              A loop around [[Coil.heat]].
            notes:
            - id: whole-boiler
              lines: 16-41
              title: Ordered by heat
              body: |
                A `Boiler` is *less* than another that is hotter.
              tags: [order]
            - id: never-above
              lines: 33-38
              title: The limit is **never** passed
              body: |
                The coil is told the limit, so the last step is shorter: see [[note:coil-steps|its steps]].
              more: |
                Ten degrees at a time:

                ```python
                20, 30, 40
                ```
              observed: [boiling-takes-eight-steps]
            """,
        f"annotations/{RELEASE}/kettle/parts/coil.yaml": """\
            file: kettle/parts/coil.py
            notes:
            - id: coil-steps
              lines: 5-6
              title: Steps of ten
              body: |
                [[Boiler.boil]] adds them up; more on steam in [[rfc:2324]].
            """,
        f"annotations/{RELEASE}/chapters/index.yaml": """\
            title: The kettle, annotated
            intro: |
              Start with [[chapter:boil]].
            picture:
              title: The parts
              description: The boiler heats through its coil.
              boxes:
              - {id: boiler, label: Boiler, at: "1,1", link: Boiler}
              - {id: coil, label: Coil, at: "2,1", kind: kernel, link: Coil}
              arrows:
              - {from: boiler, to: coil, label: heat}
            chapters: [boil]
            """,
        f"annotations/{RELEASE}/chapters/boil.yaml": """\
            title: From cold to boiling
            question: What happens between the switch and the steam?
            intro: |
              Water is cold at first.
            steps:
            - file: kettle/boiler.py
              lines: 22-24
              title: It starts at twenty degrees
              process: the kitchen
              text: |
                [[Boiler]] keeps its degrees.
            - note: never-above
              title: It heats until it boils
              text: |
                Eight times round.
              observed: [boiling-takes-eight-steps]
            outro: |
              Now pour.
            picture:
              title: Who heats
              description: A cook switches the boiler on, and it boils.
              lifelines:
              - {id: cook, label: Cook, kind: outside, link: Boiler}
              - {id: boiler, label: The boiler, note: full, link: Boiler.boil}
              messages:
              - {from: cook, to: boiler, label: switch, begins: boiler, step: 1}
              - {from: boiler, to: boiler, label: boils, ends: boiler, step: 2}
            """,
        "annotations/observations/boiling-takes-eight-steps.json": json.dumps(
            {
                "slug": "boiling-takes-eight-steps",
                "title": "Boiling takes eight steps",
                "question": "How often is the coil asked?",
                "topic": "heat",
                "source": "tests/experiments/heat.py",
                "function": "boiling",
                "releases": {RELEASE: {"python": "3.11", "platform": "linux", "observed": {"steps": "8"}}},
            }
        ),
        "tests/experiments/heat.py": """\
            def boiling(lab):
                return {"steps": "8"}
            """,
    }
)
"""What people wrote, by its place in the project and not yet stamped; to be freed of common indentation too."""


def write_tiny_project(root: Path) -> Project:
    """The project in the folder `root`, which is made; stamped, with its manifest, and without a problem."""
    project = Project(root)
    vendored = {PurePosixPath(name): dedent(text).encode() for name, text in PACKAGE.items()}
    for name, content in vendored.items():
        _write(project.tree(RELEASE) / name, content)
    for place, text in WRITTEN.items():
        _write(root / place, dedent(text).encode())
    _write(project.manifest(RELEASE), manifest_text(project, RELEASE, vendored).encode())
    releases = read_releases(project.releases, project.name(project.releases))
    ground = read_ground(project, releases)
    stamp_files(project, releases, lambda _: ground, ())
    return project


def add_release(project: Project, release: str, changed: Mapping[str, str | None]) -> None:
    """Vendor one more release of the package, as `PACKAGE` but for what changed; None for a file that it has not."""
    row = f'- release: "{release}"\n  date: 2019-01-01\n  sdist: kettle-{release}.tar.gz\n  sha256: {"1" * 64}\n'
    _write(project.releases, (project.releases.read_text(encoding="utf-8") + row).encode())
    texts = {**PACKAGE, **changed}.items()
    vendored = {PurePosixPath(name): dedent(text).encode() for name, text in texts if text is not None}
    for name, content in vendored.items():
        _write(project.tree(release) / name, content)
    _write(project.manifest(release), manifest_text(project, release, vendored).encode())


def write_tiny_pair(root: Path) -> Project:
    """The project with an older release, in which notes stand in every way, and with what is written on the step."""
    project = write_tiny_project(root)
    add_release(
        project,
        OLDER,
        {
            "kettle/boiler.py": PACKAGE["kettle/boiler.py"]
            .replace("            BOILING = 100\n", "")
            .replace("limit = BOILING", "limit = 100")
            .replace("self.limit,\n", "100,\n"),
            "kettle/lid.py": None,
            "kettle/parts/coil.py": '"""Was empty."""\n',
            "kettle/whistle.py": "def whistle():\n    return 'wheee'\n",
        },
    )
    changes = f"""\
        old: "{OLDER}"
        new: "{RELEASE}"
        summary: |
          It learnt when water boils.
        notes:
        - id: boiling-has-a-name
          file: kettle/boiler.py
          lines: 7
          title: A hundred has a name
          body: |
            See [[note:never-above]] and [[Boiler.boil]].
        - id: no-whistle
          release: "{OLDER}"
          file: kettle/whistle.py
          lines: 1-2
          title: It is silent now
          body: |
            [[kettle.whistle.whistle]] is gone; [[change:boiling-has-a-name]] stayed.
          observed: [boiling-takes-eight-steps]
        """
    _write(project.changes / f"{OLDER}...{RELEASE}.yaml", dedent(changes).encode())
    releases = read_releases(project.releases, project.name(project.releases))
    stamp_files(project, releases, find_grounds(project, releases).__getitem__, ())
    return project


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
