# SPDX-License-Identifier: BSL-1.0
"""oizys listen, monitor and replay: each message that passes, as a line."""

import json
import re
import signal

from cli import Listening, RawServer, calculator, connect, receive, send
from processes import main, run, until

TIME = re.compile(r"^\d\d:\d\d:\d\d\.\d\d\d ")
TOOK = re.compile(r", [\d.]+ ms\)$")


def plain(line):
    """A line without what differs from run to run."""
    assert TIME.match(line), line
    return TOOK.sub(", …)", TIME.sub("", line))


def listen_prints_what_arrives(programs, folder):
    with Listening(programs / "oizys", "listen", f"unix:{folder}/s") as listening:
        for message, line in (
                (b'\0\0\0\x02Hi', 'text "Hi"'),
                (b'{"method":"tick","params":[1]}\n', "notification tick [1]"),
                (bytes.fromhex("93 02 a4 7469636b 91 01"), "notification tick [1]"),
                (b'\0\0\0\x03\xff\0\x1b', "bytes ff 00 1b"),
                (b'{"a":"\x7f\xc2\x9b\\u001b"}', 'message {"a":"\\u007f\\u009b\\u001b"}')):
            with connect(listening.endpoint) as connection:
                connection.sendall(message)
                found = plain(listening.line())
                assert re.fullmatch(r"#\d -> " + re.escape(line), found), found
        listening.stop(signal.SIGTERM)
        assert "#1 connected\n" in listening.said() and "#1 ended: " in listening.said()
        assert not (folder / "s").exists()


def listen_ends_after_a_count(programs, folder):
    with Listening(programs / "oizys", "listen", "--count", "2", "--json", f"unix:{folder}/s") as listening:
        with connect(listening.endpoint) as connection:
            connection.sendall(b"\0\0\0\x01a\0\0\0\x01b\0\0\0\x01c")
            assert [json.loads(listening.line())["text"] for _ in range(2)] == ["a", "b"]
            listening.ended(0)


def listen_prints_what_passes_the_filters(programs, folder):
    with Listening(programs / "oizys", "listen", "--filter", "method=t?ck", "--filter", "kind=notification",
                   f"unix:{folder}/s") as listening:
        with connect(listening.endpoint) as connection:
            for text in ('"x"', '{"method":"tack","id":1}', '{"method":"other"}', '{"method":"tock"}'):
                send(connection, text.encode())
            assert plain(listening.line()) == "#1 -> notification tock"


def monitor_shows_both_directions(programs, folder):
    with calculator(programs, folder) as server, \
            Listening(programs / "oizys", "monitor", f"unix:{folder}/m", "--through", server.endpoints[0]) as monitor:
        assert run(programs / "oizys", "call", monitor.endpoint, "add", "2", "3") == ("5\n", "")
        assert plain(monitor.line()) == "#1 -> request add [2,3] id 0"
        assert plain(monitor.line()) == "#1 <- result 5 id 0 (add, …)"
        run(programs / "oizys", "call", "--msgpack", monitor.endpoint, "divide", "1", "0", code=1)
        assert plain(monitor.line()) == "#2 -> request divide [1,0] id 0"
        assert plain(monitor.line()).startswith('#2 <- error {"code":1,"message":"division by zero"')
        with connect(monitor.endpoint) as connection:  # another framing than towards the server
            connection.sendall(b'[{"jsonrpc":"2.0","method":"add","params":[1,2],"id":"a"},'
                               b'{"jsonrpc":"2.0","method":"sum","params":[1],"id":"b"}]')
            answer = connection.makefile().readline()
            assert [one["result"] for one in json.loads(answer)] == [3, 1]
        assert [plain(monitor.line()) for _ in range(4)] == [
            '#3 -> request add [1,2] id "a"', '#3 -> request sum [1] id "b"',
            '#3 <- result 3 id "a" (add, …)', '#3 <- result 1 id "b" (sum, …)']
        until(lambda: monitor.said().count(" ended: ") == 3, "the end of three connections")
        monitor.stop(signal.SIGINT)


def monitor_passes_everything_on(programs, folder):
    """Megabytes both ways while nobody reads, and the end from either side."""
    with Listening(programs / "oizys", "listen", "--json", "--full", f"unix:{folder}/s") as server, \
            Listening(programs / "oizys", "monitor", f"unix:{folder}/m", "--through", server.endpoint,
                      "--filter", "kind=request") as monitor:
        sent = [bytes([65 + number]) * 1_000_000 for number in range(20)]
        with connect(monitor.endpoint) as connection:
            for message in sent:
                send(connection, message)
            for message in sent:
                assert json.loads(server.line())["text"].encode() == message
        until(lambda: "#1 ended: End of file" in server.said(), "the end at the server")
        with connect(monitor.endpoint) as connection:
            send(connection, b"x")
            server.line()
            server.stop(signal.SIGTERM)
            assert receive(connection) is None
        with connect(monitor.endpoint) as connection:
            assert receive(connection) is None  # there is no server any more
        until(lambda: "cannot connect to the server" in monitor.said(), "what is wrong")
        monitor.stop(signal.SIGTERM)


def a_recording_is_replayed(programs, folder):
    file = folder / "r.zst"
    with calculator(programs, folder) as server:
        with Listening(programs / "oizys", "monitor", f"unix:{folder}/m", "--through", server.endpoints[0],
                       "--record", file) as monitor:
            run(programs / "oizys", "call", monitor.endpoint, "add", "2", "3")
            run(programs / "oizys", "call", "--msgpack", monitor.endpoint, "get_data")
            run(programs / "oizys", "call", monitor.endpoint, "update", "1", "--notify")
            monitor.stop(signal.SIGTERM)
        assert file.stat().st_mode & 0o777 == 0o600
        output, errors = run(programs / "oizys", "replay", file, server.endpoints[0])
        assert [plain(line) for line in output.splitlines()] == [
            "#1 -> request add [2,3] id 0", "#1 <- result 5 id 0 (add, …)",
            "#2 -> request get_data [] id 0", '#2 <- result ["hello",5] id 0 (get_data, …)',
            "#3 -> notification update [1]"]
        assert errors == "3 messages sent, 2 compared, 0 different, 0 unexpected\n"
        run(programs / "oizys", "replay", "--timed", file, server.endpoints[0])

    assert "cannot connect" in run(programs / "oizys", "replay", file, server.endpoints[0], code=3)[1]
    with RawServer(folder / "other", lambda request: {"result": 6}) as other:
        # The second connection speaks msgpack, which this server does not.
        errors = run(programs / "oizys", "replay", file, other.endpoint, code=3)[1]
        assert '#1 different\n  recorded: {"jsonrpc":"2.0","result":5,"id":0}\n  now:      ' in errors, errors
    with RawServer(folder / "silent", lambda _: None) as silent:
        errors = run(programs / "oizys", "replay", file, silent.endpoint, "--timeout", "0.05", code=3)[1]
        assert "#1 missing" in errors


def a_recording_that_was_cut_off_is_good_as_far_as_it_goes(programs, folder):
    file = folder / "r.zst"
    with calculator(programs, folder) as server:
        with Listening(programs / "oizys", "monitor", f"unix:{folder}/m", "--through", server.endpoints[0],
                       "--record", file) as monitor:
            empty = file.stat().st_size
            run(programs / "oizys", "call", monitor.endpoint, "add", "2", "3")
            until(lambda: file.stat().st_size > empty, "the recording")
            monitor.process.kill()
            monitor.process.wait()
        output, errors = run(programs / "oizys", "replay", file, server.endpoints[0])
        assert "cut off" in errors and "request add [2,3]" in output, (output, errors)
    file.write_bytes(b"no recording")
    assert "not a recording" in run(programs / "oizys", "replay", file, "unix:x", code=2)[1]


main(listen_prints_what_arrives, listen_ends_after_a_count, listen_prints_what_passes_the_filters,
     monitor_shows_both_directions, monitor_passes_everything_on, a_recording_is_replayed,
     a_recording_that_was_cut_off_is_good_as_far_as_it_goes)
