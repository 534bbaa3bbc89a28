# SPDX-License-Identifier: BSL-1.0
"""The calculator, run as a user does."""

import json
import os
import re
import signal
import socket
import time

from processes import Program, Server, check_client_basics, check_server_basics, main, run

# Each line: arguments of the client, what it prints, its exit code. An error's object is compared without its data.
CALLS = """
add 2 3                       | 5
add -2 -3                     | -5
subtract 42 23                | 19
sum                           | 0
sum 1 2 4                     | 7
divide 7 2                    | 3.5
power 3                       | 9.0
power 2 10                    | 1024.0
count_primes 100              | 25
echo null                     | null
echo [1,2.5,"x",{"a":[]}]     | [1,2.5,"x",{"a":[]}]
echo {}                       | {}
echo []                       | []
echo ""                       | ""
echo 18446744073709551615     | 18446744073709551615
echo "ünï"                    | "ünï"
get_data                      | ["hello",5]
sleep 1                       | null
update 1 2 3 4 5              | null
notify_hello 7                | null
notify_sum 1 2 4              | null
divide 1 0                    | 1 division by zero
add 9223372036854775807 1     | 2 the sum does not fit into 64 bits
fail "oh"                     | -32603 Internal error
add 1 "x"                     | -32602 Invalid params: parameter 2 (b): expected an integer, got a string
sleep -1                      | -32602 Invalid params: parameter 1 (ms): expected an integer from 0 to 4294967295, got -1
sleep 9223372036854775807     | -32602 Invalid params: parameter 1 (ms): expected an integer from 0 to 4294967295, got 9223372036854775807
sleep 1.5                     | -32602 Invalid params: parameter 1 (ms): expected an integer, got a floating-point number
add 1                         | -32602 Invalid params: parameter 2 (b) is missing
count_primes 4294967295       | 2 so many numbers take too long
nothing                       | -32601 Method not found
""".strip().splitlines()


def basics(programs, folder):
    check_server_basics(programs / "calculator_server", folder)
    check_client_basics(programs / "calculator_client", "add", "2", "3")
    run(programs / "calculator_client", f"unix:{folder}/x", "add", "[2", code=2)
    run(programs / "calculator_client", f"unix:{folder}/x", "add", "--msgpak", code=2)


def every_method_in_both_protocols(programs, folder):
    with Server(programs / "calculator_server", "--listen", f"unix:{folder}/c.sock") as server:
        for protocol in ((), ("--msgpack",)):
            for line in CALLS:
                call, wanted = (side.strip() for side in line.split("|"))
                command = [programs / "calculator_client", server.endpoints[0], *call.split(), *protocol]
                code, _, message = wanted.partition(" ")
                if not message:
                    assert run(*command) == (wanted + "\n", ""), call
                    continue
                output, errors = run(*command, code=1)
                answer = json.loads(errors)
                assert output == "" and errors.count("\n") == 1
                assert list(answer) == ["code", "message", "data"]
                assert (answer["code"], answer["message"]) == (int(code), message), errors
        server.stop(signal.SIGTERM)


def an_application_error_has_data(programs, folder):
    with Server(programs / "calculator_server", "--listen", f"unix:{folder}/c.sock") as server:
        for protocol in ((), ("--msgpack",)):
            errors = run(programs / "calculator_client", server.endpoints[0], "divide", "1", "0", *protocol, code=1)[1]
            assert errors == '{"code":1,"message":"division by zero","data":{"dividend":1.0}}\n', errors


def what_a_method_throws_is_told_on_request(programs, folder):
    with Server(programs / "calculator_server", "--listen", f"unix:{folder}/c.sock", "--expose-exceptions") as server:
        errors = run(programs / "calculator_client", server.endpoints[0], "fail", '"oh"', code=1)[1]
        assert json.loads(errors)["message"] == "oh"


def each_call_is_told_of_on_request(programs, folder):
    with Server(programs / "calculator_server", "--listen", f"unix:{folder}/c.sock", "--verbose") as server:
        run(programs / "calculator_client", server.endpoints[0], "add", "2", "3")
        assert re.fullmatch(r"add \d+ us", line := server.line()), line
        run(programs / "calculator_client", server.endpoints[0], "divide", "1", "0", code=1)
        assert re.fullmatch(r"divide failed: 1 \d+ us", line := server.line()), line


def several_endpoints_are_served(programs, folder):
    where = [f"unix:{folder}/a.sock", f"unix:@oizys-calculator-{os.getpid()}", "tcp:127.0.0.1:0"]
    command = [word for endpoint in where for word in ("--listen", endpoint)]
    with Server(programs / "calculator_server", *command) as server:
        assert server.endpoints[:2] == where[:2] and not server.endpoints[2].endswith(":0")
        for endpoint in server.endpoints:
            assert run(programs / "calculator_client", endpoint, "add", "2", "3") == ("5\n", "")
        server.stop(signal.SIGINT)
        assert not (folder / "a.sock").exists()


def text_and_msgpack_need_no_frames(programs, folder):
    with Server(programs / "calculator_server", "--listen", f"unix:{folder}/c.sock"):
        for request, wanted in (
                (b'{"jsonrpc":"2.0","method":"subtract","params":{"subtrahend":23,"minuend":42},"id":"x"}',
                 b'{"jsonrpc":"2.0","result":19,"id":"x"}\n'),
                (bytes.fromhex("94 00 07 a3616464 920203"), bytes.fromhex("94 01 07 c0 05"))):
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(30)
                connection.connect(f"{folder}/c.sock")
                connection.sendall(request)
                answer = b""
                while len(answer) < len(wanted):
                    more = connection.recv(1024)
                    assert more, answer
                    answer += more
                assert answer == wanted, answer


def sleeping_blocks_nobody(programs, folder):
    with Server(programs / "calculator_server", "--listen", f"unix:{folder}/c.sock") as server:
        client, endpoint = programs / "calculator_client", server.endpoints[0]
        begin = time.monotonic()
        with Program(client, endpoint, "sleep", "200") as short, Program(client, endpoint, "sleep", "20000") as long:
            assert run(client, endpoint, "add", "2", "3") == ("5\n", "")
            short.expect("null")
            short.ended(0)
            assert time.monotonic() - begin >= 0.2
            assert long.process.poll() is None
            server.stop(signal.SIGTERM)  # at once, although somebody still sleeps
            assert time.monotonic() - begin < 20
            long.process.wait(30)
            assert long.process.returncode in (1, 3)  # it is answered with an error, or with nothing


main(basics, every_method_in_both_protocols, an_application_error_has_data, what_a_method_throws_is_told_on_request,
     each_call_is_told_of_on_request, several_endpoints_are_served, text_and_msgpack_need_no_frames, sleeping_blocks_nobody)
