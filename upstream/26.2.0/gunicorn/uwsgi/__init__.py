#
# This file is part of gunicorn released under the MIT license.
# See the NOTICE for more information.

from gunicorn.uwsgi.message import UWSGIRequest
from gunicorn.uwsgi.parser import UWSGIParser
from gunicorn.uwsgi.errors import (
    UWSGIParseException,
    InvalidUWSGIHeader,
    UnsupportedModifier,
    ForbiddenUWSGIRequest,
)

__all__ = [
    'UWSGIRequest',
    'UWSGIParser',
    'UWSGIParseException',
    'InvalidUWSGIHeader',
    'UnsupportedModifier',
    'ForbiddenUWSGIRequest',
]
