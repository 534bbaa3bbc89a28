# SPDX-License-Identifier: BSL-1.0
"""oizys serve: what a command is given, what becomes of what it does, and what bounds it."""

import json
import os
import signal

from cli import Listening, connect, receive, send
from processes import Program, main, run, until

# Each line: a command, the arguments of the call, and the answer; behind `!` an error's code and message.
CALLS = r"""
printf '%s|' "$0" "$@"    | a $(id) {"a":[1]} null 3 `id` -n    | "m|a|$(id)|{\"a\":[1]}|null|3|`id`|-n|"
cat                       | 1 two {"a":null}                    | [1,"two",{"a":null}]
cat                       |                                     | []
echo "[1, 2]"             |                                     | [1,2]
echo two words            |                                     | "two words"
true                      |                                     | null
printf '\377'             |                                     | "/w=="
echo $#                   | 1 2 3                               | 3
exec head -c 3            | 123456                              | "[12"
read -r x; exit 3         | 1                                   | ! 3 m: exit status 3
kill -9 $$                |                                     | ! 137 m: killed by signal 9
/no/such/program          |                                     | ! 127 m: exit status 127
exec yes                  |                                     | ! -32001 m: printed too much
sleep 100 & sleep 200     |                                     | ! 124 m: took too long
trap '' TERM; sleep 100   |                                     | ! 124 m: took too long
""".strip().splitlines()


def commands_are_methods(programs, folder):
    for line in CALLS:
        command, arguments, wanted = (part.strip() for part in line.split(" | "))
        options = ("--max-output", "100000", "--timeout", "0.3" if "sleep" in command else "30")
        with Listening(programs / "oizys", "serve", *options, f"unix:{folder}/s", f"m={command}") as server:
            for protocol in ((), ("--msgpack",)):
                call = (programs / "oizys", "call", *protocol, server.endpoint, "m", "--", *arguments.split())
                if not wanted.startswith("!"):
                    assert run(*call) == (wanted + "\n", ""), (line, run(*call))
                    continue
                _, code, message = wanted.split(" ", 2)
                output, errors = run(*call, code=1)
                assert output == "" and errors.startswith(f"error {code}: {message}\n"), (line, errors)
            server.stop(signal.SIGTERM)


def named_parameters_come_on_standard_input(programs, folder):
    with Listening(programs / "oizys", "serve", f"unix:{folder}/s", "m=cat", 'n=echo $#') as server:
        named = ("--named", "a=1", "--named", "b=x")
        assert run(programs / "oizys", "call", server.endpoint, "m", *named) == ('{"a":1,"b":"x"}\n', "")
        assert run(programs / "oizys", "call", server.endpoint, "n", *named) == ("0\n", "")


def standard_error_is_in_the_data(programs, folder):
    with Listening(programs / "oizys", "serve", f"unix:{folder}/s", "m=echo oh >&2; exit 7") as server:
        errors = run(programs / "oizys", "call", "--json", server.endpoint, "m", code=1)[1]
        assert json.loads(errors) == {"code": 7, "message": "m: exit status 7", "data": {"stderr": "oh\n"}}


def nothing_in_an_argument_is_run(programs, folder):
    victim = folder / "victim"
    with Listening(programs / "oizys", "serve", f"unix:{folder}/s", 'plain=echo "$1"', "m=cat") as server:
        for evil in (f"$(touch {victim})", f"`touch {victim}`", f"; touch {victim}", f"\"; touch {victim}; \"",
                     f"'; touch {victim}; '", f"\n touch {victim}", f"|touch {victim}"):
            for method in ("plain", "m"):
                run(programs / "oizys", "call", server.endpoint, method, json.dumps(evil))
        assert not victim.exists()
        errors = run(programs / "oizys", "call", server.endpoint, "m", '"a\\u0000b"', code=1)[1]
        assert errors.startswith("error -32602: parameter 1 has a zero byte")


def so_many_run_and_wait(programs, folder):
    """Commands that wait for a file: one runs, one waits, one is refused."""
    wait = f'echo >> "{folder}/started"; while ! [ -e "{folder}/go" ]; do sleep 0.01; done; echo "$1"'
    with Listening(programs / "oizys", "serve", "--max-running", "1", "--max-waiting", "1", f"unix:{folder}/s",
                   f"m={wait}") as server, connect(server.endpoint) as connection:
        for number in (1, 2, 3):
            send(connection, json.dumps({"jsonrpc": "2.0", "method": "m", "params": [number], "id": number}).encode())
        refused = json.loads(receive(connection))
        assert refused["id"] == 3 and refused["error"]["code"] == -32003
        until(lambda: (folder / "started").exists(), "the first command")
        assert (folder / "started").read_text() == "\n"
        (folder / "go").touch()
        assert [json.loads(receive(connection))["result"] for _ in range(2)] == [1, 2]


def the_end_of_the_server_ends_the_commands(programs, folder):
    with Listening(programs / "oizys", "serve", f"unix:{folder}/s", f'm=echo $$ > "{folder}/pid"; sleep 1000') as server:
        with Program(programs / "oizys", "call", server.endpoint, "m") as caller:
            until(lambda: (folder / "pid").exists() and (folder / "pid").read_text(), "the command")
            pid = int((folder / "pid").read_text())
            server.stop(signal.SIGTERM)
            caller.ended(1)
        assert not os.path.exists(f"/proc/{pid}")


def a_caller_that_has_gone_harms_nobody(programs, folder):
    with Listening(programs / "oizys", "serve", f"unix:{folder}/s", f'm=cat; touch "{folder}/done"') as server:
        with connect(server.endpoint) as connection:
            send(connection, b'{"jsonrpc":"2.0","method":"m","id":1}')
        until(lambda: (folder / "done").exists(), "the end of the command")
        assert run(programs / "oizys", "call", server.endpoint, "m") == ("[]\n", "")


main(commands_are_methods, named_parameters_come_on_standard_input, standard_error_is_in_the_data, nothing_in_an_argument_is_run, so_many_run_and_wait,
     the_end_of_the_server_ends_the_commands, a_caller_that_has_gone_harms_nobody)
