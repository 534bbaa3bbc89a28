# SPDX-License-Identifier: BSL-1.0
"""The programs that README shows, run as a user does: they use a socket in the current folder."""

import socket
import subprocess
from pathlib import Path

from processes import Program, main, run, until


def connects():
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect("calculator.sock")
            return True
        except (FileNotFoundError, ConnectionRefusedError):
            return False


def clients_are_answered(programs, folder):
    for _ in range(2):  # the second server replaces the file that the first one left behind
        with Program(programs / "readme_server"):
            until(connects, "the server listens")
            assert run(programs / "readme_script_client") == ("5\n", "")
            assert run(programs / "readme_async_client") == ("5\n", "")
        assert Path("calculator.sock").is_socket()


def sessions_exchange_messages(programs, folder):
    assert run(programs / "readme_sessions") == ("hello\nended: End of file\n", "")


def messages_bring_descriptors(programs, folder):
    Path("greeting.txt").write_text("good morning\n")
    assert run(programs / "readme_descriptors") == ("good morning\n", "")


def calls_are_encrypted(programs, folder):
    subprocess.run(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost"
        " -addext subjectAltName=DNS:localhost -keyout server.key -out server.pem".split(),
        check=True,
        capture_output=True,
    )
    assert run(programs / "readme_encrypted") == ("5\n", "")


def a_child_answers(programs, folder):
    assert run(programs / "readme_child") == ("hello\nit ended with 0\n", "")


main(
    clients_are_answered,
    sessions_exchange_messages,
    messages_bring_descriptors,
    calls_are_encrypted,
    a_child_answers,
)
