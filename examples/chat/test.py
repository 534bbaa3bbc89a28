# SPDX-License-Identifier: BSL-1.0
"""The chat example, run as a user does."""

import signal
import subprocess

from processes import Program, Server, check_client_basics, check_server_basics, main, run


def basics(programs, folder):
    check_server_basics(programs / "chat_server", folder)
    check_client_basics(programs / "chat_client", "ada")


def names_join_talk_and_leave(programs, folder):
    endpoint = f"unix:{folder}/chat.sock"
    client = programs / "chat_client"

    def enter(name):
        return Program(client, endpoint, name, stdin=subprocess.PIPE)

    with Server(programs / "chat_server", "--listen", endpoint) as server, enter("ada") as ada:
        ada.say("nobody hears this but me")
        ada.expect("ada: nobody hears this but me")
        with enter("bob") as bob:
            ada.expect("bob joined")
            bob.say("hello")
            ada.expect("bob: hello")
            bob.expect("bob: hello")
            ada.say("hello bob")
            ada.expect("ada: hello bob")
            bob.expect("ada: hello bob")
            assert run(client, endpoint, "bob", code=1)[1] == "this name is taken\n"
            bob.process.stdin.close()
            bob.ended(0)
        ada.expect("bob left")
        with enter("bob"):
            ada.expect("bob joined")
        ada.expect("bob left")  # killed
        server.stop(signal.SIGINT)
        ada.say("is anybody there?")
        ada.ended(3)


main(basics, names_join_talk_and_leave)
