"""Sdists of `lamp`, a small package that is not gunicorn, made in memory."""

import gzip
import io
import tarfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from render.sdist import Sdist

LAMP: Mapping[str, bytes] = {
    "LICENSE": b"Do as you like.\n",
    "NOTICE": b"Made for tests.\n",
    "PKG-INFO": b"Metadata-Version: 2.1\nName: lamp\nVersion: 1.0\n",
    "README": b"A lamp.\n",
    "setup.py": b"raise SystemExit('the sdist was run')\n",
    "lamp/__init__.py": b"",
    "lamp/bulb.py": b"watts = 60\r\n",
    "lamp/data/colours.bin": bytes(range(256)),
    "tests/lamp/test_bulb.py": b"assert True\n",
}
"""Names below the archive's folder, and contents."""

KEPT = {"LICENSE", "NOTICE", "lamp/__init__.py", "lamp/bulb.py", "lamp/data/colours.bin"}
"""Those of `LAMP` that are vendored."""


def make_sdist(release: str = "1.0", files: Mapping[str, bytes] = LAMP, odd: Iterable[tarfile.TarInfo] = ()) -> Sdist:
    """An sdist with all of `files`, built on 2 March 2021 (UTC), and `odd` members at its end."""
    name = f"lamp-{release}"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(f"{name}/{path}")
            member.size = len(content)
            member.mtime = int(datetime(2021, 3, 2, 23, 59, tzinfo=UTC).timestamp())
            archive.addfile(member, io.BytesIO(content))
        for member in odd:
            archive.addfile(member)
    return Sdist(f"{name}.tar.gz", gzip.compress(packed.getvalue(), mtime=0))
