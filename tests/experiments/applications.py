"""Texts of small applications for experiments."""

APP = """\
def application(environ, start_response):
    start_response("200 OK", [("Content-Length", "0")])
    return []
"""

_ANSWER = """\
import os
import sys

def application(environ, start_response):
    answer = str({expression}).encode()
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]
"""

HOLDING = """\
import os
import time

def application(environ, start_response):
    gate = environ["PATH_INFO"].strip("/")
    print("holding", gate, flush=True)
    while gate and not os.path.exists(gate):
        time.sleep(0.01)
    answer = f"let go of {gate}".encode()
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]
"""
"""Answers a request for /NAME when there is a file NAME in its folder; prints "holding NAME" once it waits.

A request for / is answered at once.
"""


def answering(expression: str) -> str:
    """The text of an application that answers with the value of an expression (of `environ`, `os`, `sys`)."""
    return _ANSWER.format(expression=expression)
