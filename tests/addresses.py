"""What a page's elements are named and where they lead, found by search: to parse a whole site would take too long."""

import re

_ID = re.compile(r'<[a-z][^<>]*? id="?([^" >]+)')
_HREF = re.compile(r'<[a-z][^<>]*? href="?([^" >]+)')


def find_ids(html: str) -> list[str]:
    """Every id of a page, in the order of its elements."""
    return _ID.findall(html)


def find_hrefs(html: str) -> list[str]:
    """Every address on a page, in the order of its elements."""
    return _HREF.findall(html)
