"""A small project about a package that is not gunicorn: all that a site can hold, once each."""

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from textwrap import dedent
from types import MappingProxyType

from render.authoring import stamp_files
from render.edition import read_ground
from render.manifest import manifest_text
from render.project import Project
from render.releases import read_releases

RELEASE = "1.0"

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
    stamp_files(project, read_ground(project, read_releases(project.releases, project.name(project.releases))), ())
    return project


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
