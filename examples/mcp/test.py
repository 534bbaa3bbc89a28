# SPDX-License-Identifier: BSL-1.0
"""The tools, asked as a program does that has started their server. test/interop has a real client."""

import json
import subprocess

from processes import Program, main, run

VERSION = "2025-06-18"


def ask(server, method, params=None, number=1):
    request = {"jsonrpc": "2.0", "id": number, "method": method}
    server.say(json.dumps(request | ({} if params is None else {"params": params})))
    answer = json.loads(server.line())
    assert answer["id"] == number, answer
    return answer.get("result") or answer["error"]


def tools_are_listed_and_called(programs, folder):
    with Program(programs / "mcp_server", stdin=subprocess.PIPE) as server:
        hello = {"protocolVersion": VERSION, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
        about = ask(server, "initialize", hello)
        assert about["protocolVersion"] == VERSION and "tools" in about["capabilities"], about
        assert ask(server, "initialize", hello | {"protocolVersion": "1999-01-01"})["protocolVersion"] == VERSION
        server.say('{"jsonrpc":"2.0","method":"notifications/initialized"}')

        count_words, divide = ask(server, "tools/list")["tools"]
        assert [count_words["name"], divide["name"]] == ["count_words", "divide"]
        assert divide["inputSchema"]["type"] == "object", divide
        assert sorted(divide["inputSchema"]["required"]) == ["a", "b"], divide

        def call(name, **arguments):
            return ask(server, "tools/call", {"name": name, "arguments": arguments})

        assert call("divide", a=7, b=2) == {"content": [{"type": "text", "text": "3.5"}], "isError": False}
        assert call("count_words", words="one\ntwo three")["content"][0]["text"] == "3"
        assert call("divide", a=1, b=0) == {"content": [{"type": "text", "text": "division by zero"}], "isError": True}
        assert call("divide", a=1, b="x")["isError"]
        assert call("nothing")["code"] == -32602
        assert ask(server, "nothing")["code"] == -32601
        server.process.stdin.close()
        server.ended(0)


def its_usage_is_told(programs, folder):
    assert "Usage" in run(programs / "mcp_server", "--help")[0]
    run(programs / "mcp_server", "--nonsense", code=2)


main(tools_are_listed_and_called, its_usage_is_told)
