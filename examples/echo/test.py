# SPDX-License-Identifier: BSL-1.0
"""The echo example, run as a user does."""

import os
import signal
import socket

from processes import Server, check_client_basics, check_server_basics, main, run, until


def basics(programs, folder):
    check_server_basics(programs / "echo_server", folder)
    check_client_basics(programs / "echo_client", "text")


def messages_come_back(programs, folder):
    for endpoint in (f"unix:{folder}/echo.sock", f"unix:@oizys-echo-{os.getpid()}", "tcp:127.0.0.1:0"):
        with Server(programs / "echo_server", "--listen", endpoint) as server:
            for text in ("hello", "ünïcödé", "x" * 100_000):
                assert run(programs / "echo_client", server.endpoints[0], text) == (text + "\n", "")
            server.stop(signal.SIGTERM)


def the_bytes_are_those_of_header24(programs, folder):
    with Server(programs / "echo_server", "--listen", f"unix:{folder}/echo.sock"):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(30)
            connection.connect(f"{folder}/echo.sock")
            frames = bytes.fromhex("00000002 4869 00000003 666f6f")
            connection.sendall(frames)
            answer = b""
            while len(answer) < len(frames):
                answer += connection.recv(1024)
            assert answer == frames
            connection.sendall(bytes.fromhex("01000002 4869"))
            assert connection.recv(1024) == b"", "a frame of another type closes the connection"


def a_server_ends_while_clients_are_connected(programs, folder):
    with Server(programs / "echo_server", "--listen", f"unix:{folder}/echo.sock") as server:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(30)
            connection.connect(f"{folder}/echo.sock")
            connection.sendall(bytes.fromhex("00000002 4869"))
            assert len(connection.recv(1024)) == 6
            server.stop(signal.SIGINT)
            assert connection.recv(1024) == b""
        until(lambda: not (folder / "echo.sock").exists(), "the socket file is gone")


main(basics, messages_come_back, the_bytes_are_those_of_header24, a_server_ends_while_clients_are_connected)
