"""This checkout's whole site, every release and every pair: too much to parse, so it is searched."""

import posixpath
from collections.abc import Iterator
from functools import cache
from pathlib import PurePosixPath
from urllib.parse import unquote

from render.output import Site
from tests.addresses import find_hrefs, find_ids


@cache
def resolve(folder: str, address: str) -> PurePosixPath:
    return PurePosixPath(posixpath.normpath(posixpath.join(folder, unquote(address))))


def links(here: PurePosixPath, content: bytes) -> Iterator[tuple[PurePosixPath, str]]:
    for address in find_hrefs(content.decode()):
        name, _, fragment = address.partition("#")
        if ":" not in name:
            yield resolve(str(here.parent), name) if name else here, unquote(fragment)


def test_every_address_leads_somewhere(own_site: Site) -> None:
    pages = {path: content for path, content in own_site.items() if path.suffix == ".html"}
    ids = {path: {*find_ids(content.decode())} for path, content in pages.items()}
    lost = [
        f"{here}: {path}#{fragment}"
        for here, content in pages.items()
        for path, fragment in links(here, content)
        if path not in own_site or (fragment and fragment not in ids[path])
    ]
    assert lost == []
    assert len(pages) > 1500


def test_an_id_stands_once_on_its_page(own_site: Site) -> None:
    for path, content in own_site.items():
        if path.suffix == ".html":
            ids = find_ids(content.decode())
            assert len(ids) == len(set(ids)), path
