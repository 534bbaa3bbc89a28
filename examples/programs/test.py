# SPDX-License-Identifier: BSL-1.0
"""The programs that README shows, run as a user does: they use a socket in the current folder."""

import socket
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


main(clients_are_answered, sessions_exchange_messages)
