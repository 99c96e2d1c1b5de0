"""A build backend (PEP 517) that builds nothing: it gives pip the metadata that the sdist carries.

Imports nothing of `render`: pip runs a copy of this file in the place of the backend that the sdist asks for.
"""

import shutil
import sys
from email import message_from_bytes
from pathlib import Path


def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings: object = None) -> str:
    """Called in the unpacked sdist, whose PKG-INFO its own author's tools wrote."""
    carried = Path("PKG-INFO")
    headers = message_from_bytes(carried.read_bytes())
    folder = Path(metadata_directory, f"{headers['Name']}-{headers['Version']}.dist-info")
    folder.mkdir()
    shutil.copyfile(carried, folder / "METADATA")
    return folder.name


__legacy__ = sys.modules[__name__]  # what pip asks setuptools for when an sdist has no pyproject.toml
