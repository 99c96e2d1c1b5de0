from collections.abc import Iterable

import pytest

from tests.experiments.answers import Answer, Buffer, read_answer


def buffer(pieces: Iterable[bytes]) -> Buffer:
    """Bytes that come in these pieces, and then no more."""
    coming = iter(pieces)
    return Buffer(lambda: next(coming, b""))


def read(text: bytes, method: str = "GET") -> Answer | None:
    """The same answer, whether it comes at once or byte by byte."""
    at_once = read_answer(buffer([text]), method)
    assert at_once == read_answer(buffer(bytes([each]) for each in text), method)
    return at_once


def test_a_body_of_known_length_ends_there_and_the_next_answer_begins() -> None:
    two = buffer(
        [b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\noneHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"]
    )
    assert read_answer(two, "GET") == Answer("HTTP/1.1 200 OK", (("Content-Length", "3"),), "one", "length")
    assert read_answer(two, "GET") == Answer("HTTP/1.1 404 Not Found", (("Content-Length", "0"),), "", "length")
    assert read_answer(two, "GET") is None


@pytest.mark.parametrize("trailer", [b"", b"X: y\r\n"])
def test_a_chunked_body_is_read_to_its_last_chunk(trailer: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = read(head + b"3\r\none\r\na;x=y\r\n0123456789\r\n0\r\n" + trailer + b"\r\n")
    assert answer is not None
    assert (answer.body, answer.chunks, answer.framing, answer.whole) == (
        "one0123456789",
        ("one", "0123456789"),
        "chunked",
        True,
    )


@pytest.mark.parametrize("body", [b"", b"3\r\no", b"3\r\none\r\n", b"3\r\none\r\n0\r\n"])
def test_a_chunked_body_that_ends_sooner_is_not_whole(body: bytes) -> None:
    answer = read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
    assert answer is not None
    assert not answer.whole


def test_a_body_without_an_end_lasts_until_the_close() -> None:
    answer = read(b"HTTP/1.1 200 OK\r\n\r\none\r\n\r\ntwo")
    assert answer == Answer("HTTP/1.1 200 OK", (), "one\r\n\r\ntwo", "close")


def test_a_body_that_is_cut_off_is_told() -> None:
    answer = read(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\none")
    assert answer is not None
    assert answer.told() == ["HTTP/1.1 200 OK", "one", "(cut off)"]


@pytest.mark.parametrize(
    ("status", "method"),
    [("100 Continue", "POST"), ("204 No Content", "GET"), ("304 Not Modified", "GET"), ("200 OK", "HEAD")],
)
def test_some_answers_have_no_body_whatever_they_say(status: str, method: str) -> None:
    answer = read(f"HTTP/1.1 {status}\r\nContent-Length: 3\r\n\r\n".encode(), method)
    assert answer == Answer(f"HTTP/1.1 {status}", (("Content-Length", "3"),))


def test_what_is_no_answer_is_quoted() -> None:
    assert read(b"nonsense\r\nmore") == Answer("nonsense", whole=False)


def test_the_chosen_headers_are_told_in_the_order_of_the_server_and_without_the_date() -> None:
    answer = read(b"HTTP/1.1 200 OK\r\nB: 1\r\nDate: today\r\nA: 2\r\nb: 3\r\nContent-Length: 4\r\n\r\nx\r\ny")
    assert answer is not None
    assert answer.told("a", "Date", "B") == ["HTTP/1.1 200 OK", "B: 1", "Date: DATE", "A: 2", "b: 3", "x", "y"]
    assert (answer.header("B"), answer.header("c")) == ("1, 3", "absent")
