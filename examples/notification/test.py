# SPDX-License-Identifier: BSL-1.0
"""The notification example, run as a user does."""

import signal

from processes import Program, Server, check_client_basics, check_server_basics, main


def basics(programs, folder):
    check_server_basics(programs / "notification_server", folder)
    check_client_basics(programs / "notification_client")


def everybody_is_told(programs, folder):
    endpoint = f"unix:{folder}/numbers.sock"
    client = programs / "notification_client"
    with Server(programs / "notification_server", "--listen", endpoint, "--interval", "10") as server, \
            Program(client, endpoint, "--count", "5") as first, \
            Program(client, endpoint, "--count", "5") as second, \
            Program(client, endpoint) as third:
        for listening in (first, second, third):
            words = listening.line().split()
            last = int(words.pop())
            assert words == "connected; the last one was".split()
            listening.expect(*(str(last + n) for n in range(1, 6)))
        first.ended(0)
        second.ended(0)
        server.stop(signal.SIGTERM)
        third.ended(3)  # it is told that the connection has ended


main(basics, everybody_is_told)
