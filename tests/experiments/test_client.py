import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.experiments.answers import Answer
from tests.experiments.client import GET, Connection, Silence

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SAID_OK = Answer("HTTP/1.1 200 OK", (("Content-Length", "2"),), "ok", "length")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def meet(listener: socket.socket, patience: float = 30) -> tuple[Connection, socket.socket]:
    """A connection and the server's side of it."""
    connection = Connection(listener.getsockname(), patience)
    return connection, listener.accept()[0]


def test_bytes_go_out_as_they_are_and_several_answers_come_on_one_connection(listener: socket.socket) -> None:
    connection, server = meet(listener)
    with connection, server:
        connection.send(GET[:9])
        assert server.recv(100) == GET[:9]
        connection.send(GET[9:])
        assert server.recv(100) == GET[9:]
        server.sendall(OK + OK)
        assert connection.answer() == connection.answer() == SAID_OK
        assert connection.ending == "open"
        connection.finish()
        assert server.recv(100) == b""
        server.sendall(b"late")
        server.close()
        assert connection.rest() == "late"
        assert connection.ending == "closed"


def test_a_close_without_an_answer_is_told(listener: socket.socket) -> None:
    connection, server = meet(listener)
    with connection:
        server.close()
        assert connection.ask().status == "closed without a word"


def test_a_reset_is_told_after_what_came_before_it(listener: socket.socket) -> None:
    connection, server = meet(listener)
    with connection:
        connection.send(GET)
        server.sendall(OK)
        server.close()  # what it has not read makes this a reset
        assert connection.is_closed(within=30)
        assert [connection.answer(), connection.answer()] == [SAID_OK, Answer("reset")]


def test_sending_to_a_server_that_has_gone_does_not_hide_what_it_said(listener: socket.socket) -> None:
    connection, server = meet(listener)
    with connection:
        connection.send(GET)
        server.sendall(OK)
        server.close()
        for _ in range(3):
            connection.send(GET)
        assert [connection.answer(), connection.answer()] == [SAID_OK, Answer("reset")]


def test_a_refused_connection_and_a_missing_socket_are_told(listener: socket.socket, tmp_path: Path) -> None:
    address = listener.getsockname()
    listener.close()
    for where, told in ((address, "connection refused"), (tmp_path / "none", "no such socket")):
        with Connection(where, 30) as connection:
            assert connection.ask() == Answer(told)
            assert connection.rest() == ""
            assert connection.is_heard(within=0)
            assert connection.is_closed(within=0)


def test_a_unix_socket_serves_as_well(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "here"))
        listener.listen()
        with Connection(tmp_path / "here", 30) as connection, listener.accept()[0] as server:
            server.sendall(OK)
            assert connection.answer() == SAID_OK


def test_whether_anything_came_can_be_asked_without_reading_it(listener: socket.socket) -> None:
    connection, server = meet(listener)
    with connection, server:
        assert not connection.is_heard(within=0.01)
        assert not connection.is_closed(within=0.01)
        server.sendall(OK)
        assert connection.is_heard(within=30)
        assert not connection.is_closed(within=0.01)
        assert connection.is_heard(within=0)
        assert connection.answer() == SAID_OK


def test_silence_is_not_waited_for_for_ever(listener: socket.socket) -> None:
    connection, server = meet(listener, patience=0.01)
    with connection, server, pytest.raises(Silence, match=r"neither sent anything more nor closed within 0\.01 s"):
        connection.answer()


def test_a_reset_by_the_client_reaches_the_server(listener: socket.socket) -> None:
    connection, server = meet(listener)
    with server:
        connection.reset()
        with pytest.raises(ConnectionResetError):
            server.recv(100)
