# SPDX-License-Identifier: BSL-1.0
"""oizys call, list, describe and ping: what is printed where, and the exit codes."""

import json
import os
import pty
import subprocess

from cli import RawServer, calculator
from processes import DEADLINE, main, run

# Each line: arguments of `oizys call ENDPOINT`, and what it prints.
ANSWERS = """
add 2 3                                             | 5
add -2 -3                                           | -5
echo hello                                          | "hello"
echo "3"                                            | "3"
echo [1,2.5,{"a":null}]                             | [1,2.5,{"a":null}]
echo ünï                                            | "ünï"
echo -- -x                                          | "-x"
echo -- --json                                      | "--json"
echo list                                           | "list"
get_data                                            | ["hello",5]
""".strip().splitlines()

# Each line: arguments of `oizys`, its exit code, and what standard error has.
MISTAKES = """
                                                    | 2 | required
nonsense                                            | 2 |
call                                                | 2 | ENDPOINT is required
call unix:x                                         | 2 | METHOD is required
call nonsense add                                   | 2 | not an endpoint
call unix:x add [1                                  | 2 | not JSON: [1
call unix:x add --msgpak                            | 2 | unknown option --msgpak
call unix:x add --timeout -1                        | 2 | not between
call unix:x add --timeout soon                      | 2 | not between
call unix:x add --named a                           | 2 | not NAME=VALUE
call unix:x add 1 --named a=1                       | 2 | not both
list unix:x extra                                   | 2 |
list unix:x -- extra                                | 2 | takes no words behind --
bench unix:x add --connections 0                    | 2 | not between
listen unix:x --filter kind=nothing                 | 2 | not a filter
serve unix:x add                                    | 2 | not NAME=COMMAND
serve unix:x rpc.x=true                             | 2 | reserved
serve unix:x a=true a=true                          | 2 | a
completion fish                                     | 2 | bash and zsh
generate /nonexistent                               | 2 | No such file
generate unix:x --language c                        | 2 | neither cpp nor python
replay /nonexistent unix:x                          | 2 | No such file
call unix:nobody add                                | 3 | No such file
list unix:nobody                                    | 3 | cannot connect
describe unix:nobody                                | 3 | cannot connect
ping unix:nobody                                    | 3 | cannot connect
bench unix:nobody add                               | 3 | cannot connect
listen unix:/no/folder/s                            | 3 | No such file
serve unix:/no/folder/s a=true                      | 3 | No such file
monitor unix:/no/folder/s --through unix:x          | 3 | No such file
""".strip("\n").splitlines()


def answers_in_both_protocols(programs, folder):
    with calculator(programs, folder) as server:
        for protocol in ((), ("--msgpack",)):
            for line in ANSWERS:
                call, wanted = (side.strip() for side in line.split("|"))
                output = run(programs / "oizys", "call", *protocol, server.endpoints[0], *call.split())
                assert output == (wanted + "\n", ""), (call, output)
        output = run(programs / "oizys", "call", server.endpoints[0], "subtract", "--named", "subtrahend=23",
                     "--named", "minuend=42")
        assert output == ("19\n", "")


def an_error_goes_to_standard_error(programs, folder):
    with calculator(programs, folder) as server:
        call = (programs / "oizys", "call", server.endpoints[0], "divide", "1", "0")
        assert run(*call, code=1) == ("", 'error 1: division by zero\n{"dividend":1.0}\n')
        output, errors = run(*call, "--json", code=1)
        assert output == ""
        assert json.loads(errors) == {"code": 1, "message": "division by zero", "data": {"dividend": 1.0}}
        errors = run(programs / "oizys", "call", server.endpoints[0], "nothing", code=1)[1]
        assert errors == "error -32601: Method not found\n"


def an_answer_that_does_not_come(programs, folder):
    with calculator(programs, folder) as server:
        output, errors = run(programs / "oizys", "call", server.endpoints[0], "sleep", "60000", "--timeout", "0.05",
                             code=4)
        assert output == "" and "sleep: no answer came" in errors, errors
    with RawServer(folder / "silent", lambda _: None) as server:
        run(programs / "oizys", "ping", server.endpoint, "--timeout", "0.05", code=4)


def a_connection_that_is_lost(programs, folder):
    with calculator(programs, folder) as server:
        command = [str(programs / "oizys"), "call", server.endpoints[0], "sleep", "60000"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as caller:
            while run(programs / "oizys", "call", server.endpoints[0], "add", "1", "1")[0] != "2\n":
                pass
            server.process.kill()
            output, errors = caller.communicate(timeout=DEADLINE)
            assert caller.returncode == 3 and output == "", (caller.returncode, output, errors)


def a_notification_is_not_answered(programs, folder):
    with calculator(programs, folder) as server:
        for method in ("update", "nothing"):
            assert run(programs / "oizys", "call", "--notify", server.endpoints[0], method, "1") == ("", "")


def named_parameters_need_json_rpc(programs, folder):
    with calculator(programs, folder) as server:
        errors = run(programs / "oizys", "call", "--msgpack", server.endpoints[0], "subtract", "--named", "minuend=1",
                     code=2)[1]
        assert "no named parameters" in errors


def mistakes_are_told_from_failures(programs, folder):
    for line in MISTAKES:
        command, code, wanted = (part.strip() for part in line.split("|"))
        output, errors = run(programs / "oizys", *command.split(), code=int(code))
        assert output == "" and wanted in errors and errors, (command, output, errors)


def a_child_process_is_called_as_well(programs, folder):
    server = folder / "server"
    server.write_text(f"#!/bin/sh\nexec {programs}/oizys serve stdio: 'double=echo $(($1 * 2))'\n")
    server.chmod(0o700)
    assert run(programs / "oizys", "call", f"exec:{server}", "double", "21")[0] == "42\n"


def on_a_terminal_it_is_pretty(programs, folder):
    def printed(*options, **environment):
        master, slave = pty.openpty()
        with calculator(programs, folder) as server:
            command = [str(programs / "oizys"), "call", server.endpoints[0], "echo", '{"a":[1,true]}', *options]
            env = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
            done = subprocess.run(command, stdout=slave, stdin=subprocess.DEVNULL, timeout=DEADLINE, check=True,
                                  env=env | {"TERM": "xterm"} | environment)
            assert done.returncode == 0
        os.close(slave)
        text = os.read(master, 4096).decode()
        os.close(master)
        return text.replace("\r\n", "\n")

    assert printed() == '{\x1b[36m"a"\x1b[0m: [\x1b[33m1\x1b[0m, \x1b[35mtrue\x1b[0m]}\n'
    assert printed(NO_COLOR="1") == '{"a": [1, true]}\n'
    assert printed(TERM="dumb") == '{"a": [1, true]}\n'
    assert printed("--json") == '{"a":[1,true]}\n'


DOCUMENT = {"openrpc": "1.3.2", "info": {"title": "t", "version": "1"}, "methods": [
    {"name": "sub", "summary": "Subtracts", "params": [{"name": "a", "required": True, "schema": {"type": "integer"}}],
     "result": {"name": "r", "schema": {"type": "integer"}}},
    {"name": "add", "params": []}]}
NOT_FOUND = {"error": {"code": -32601, "message": "Method not found"}}


def methods_are_listed(programs, folder):
    def by_list(request):
        return {"result": ["b", "a"]} if request["method"] == "system.listMethods" else NOT_FOUND

    def by_document(request):
        return {"result": DOCUMENT} if request["method"] == "rpc.discover" else NOT_FOUND

    with RawServer(folder / "list", by_list) as server:
        assert run(programs / "oizys", "list", server.endpoint) == ("a\nb\n", "")
        assert run(programs / "oizys", "list", "--json", server.endpoint) == ('["a","b"]\n', "")
    with RawServer(folder / "document", by_document) as server:
        assert run(programs / "oizys", "list", server.endpoint) == ("add\nsub\n", "")
    with RawServer(folder / "neither", lambda _: NOT_FOUND) as server:
        errors = run(programs / "oizys", "list", server.endpoint, code=1)[1]
        assert "neither system.listMethods nor rpc.discover" in errors
        errors = run(programs / "oizys", "describe", server.endpoint, code=1)[1]
        assert "does not describe itself" in errors
    with RawServer(folder / "odd", lambda _: {"result": 3}) as server:
        assert "something else" in run(programs / "oizys", "list", server.endpoint, code=1)[1]
        assert "something else" in run(programs / "oizys", "describe", server.endpoint, code=1)[1]
    with RawServer(folder / "denied", lambda _: {"error": {"code": 7, "message": "denied"}}) as server:
        assert "denied" in run(programs / "oizys", "list", server.endpoint, code=1)[1]
        assert run(programs / "oizys", "describe", server.endpoint, code=1)[1] == "error 7: denied\n"


def a_server_is_described(programs, folder):
    with RawServer(folder / "s", lambda _: {"result": DOCUMENT}) as server:
        assert run(programs / "oizys", "describe", server.endpoint) == (
            "sub(a: integer) -> integer\n    Subtracts\nadd()\n", "")
        assert run(programs / "oizys", "describe", server.endpoint, "add") == ("add()\n", "")
        assert "no method x" in run(programs / "oizys", "describe", server.endpoint, "x", code=1)[1]
        assert json.loads(run(programs / "oizys", "describe", "--json", server.endpoint)[0]) == DOCUMENT


def a_client_is_generated(programs, folder):
    with RawServer(folder / "s", lambda _: {"result": DOCUMENT}) as server:
        header, errors = run(programs / "oizys", "generate", server.endpoint, "--namespace", "calc")
        assert "namespace calc" in header and "#pragma once" in header and errors == ""
        python = run(programs / "oizys", "generate", "--language", "python", server.endpoint)[0]
        compile(python, "client.py", "exec")
        file = folder / "document.json"
        file.write_text(json.dumps(DOCUMENT))
        assert run(programs / "oizys", "generate", file, "--namespace", "calc")[0] == header
        file.write_text("[1")
        assert "not JSON" in run(programs / "oizys", "generate", file, code=2)[1]
        file.write_text("3")
        assert "OpenRPC" in run(programs / "oizys", "generate", file, code=1)[1]
    with RawServer(folder / "none", lambda _: NOT_FOUND) as server:
        assert "does not describe itself" in run(programs / "oizys", "generate", server.endpoint, code=1)[1]


def a_ping_is_any_answer(programs, folder):
    with calculator(programs, folder) as server:
        for protocol in ((), ("--msgpack",)):
            output, errors = run(programs / "oizys", "ping", *protocol, server.endpoints[0])
            assert output.startswith("answered in ") and output.endswith(" ms\n") and errors == "", output
        output = run(programs / "oizys", "ping", "--json", "--count", "3", "--interval", "0", server.endpoints[0])[0]
        assert [list(json.loads(line)) for line in output.splitlines()] == [["milliseconds"]] * 3


def bench_counts_calls(programs, folder):
    with calculator(programs, folder) as server:
        bench = (programs / "oizys", "bench", server.endpoints[0])
        output, errors = run(*bench, "add", "2", "3", "--duration", "0.05")
        assert " calls/s\nmean " in output and "|#" in output and errors == "", (output, errors)
        for options in ((), ("--msgpack",), ("--connections", "3", "--outstanding", "5")):
            output, errors = run(*bench, "add", "2", "3", "--duration", "0.05", "--json", *options)
            found = json.loads(output)
            assert found["calls"] > 0 and found["errors"] == 0 and found["timeouts"] == 0 and errors == ""
            times = found["microseconds"]
            assert 0 < times["min"] <= times["p50"] <= times["p90"] <= times["p99"] <= times["p99.9"] <= times["max"]
        output, errors = run(*bench, "nothing", "--duration", "0", "--json", "--outstanding", "4", code=1)
        assert json.loads(output)["errors"] == 4 and json.loads(errors)["code"] == -32601
        output = run(*bench, "sleep", "60000", "--duration", "0", "--json", "--timeout", "0.05", code=4)[0]
        assert json.loads(output)["timeouts"] == 1


main(answers_in_both_protocols, an_error_goes_to_standard_error, an_answer_that_does_not_come,
     a_connection_that_is_lost, a_notification_is_not_answered, named_parameters_need_json_rpc,
     mistakes_are_told_from_failures, a_child_process_is_called_as_well, on_a_terminal_it_is_pretty, methods_are_listed,
     a_server_is_described, a_client_is_generated, a_ping_is_any_answer, bench_counts_calls)
