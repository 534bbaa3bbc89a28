# SPDX-License-Identifier: BSL-1.0
"""pynvim_client.py PROGRAMS   pynvim's MessagePack-RPC calls the calculator over a Unix socket"""

import sys

from processes import Server, main

try:
    from pynvim import msgpack_rpc
except ImportError:
    print("OIZYS_SKIPPED: pynvim is missing (./run test --interop installs it)")
    sys.exit(0)


class Failure(Exception):
    pass


def pynvim_calls(programs, folder):
    with Server(programs / "calculator_server", "--listen", f"unix:{folder}/c.sock"):
        session = msgpack_rpc.socket_session(f"{folder}/c.sock")  # it notifies who it is, as Neovim expects
        assert session.request("add", 2, 3) == 5
        assert session.request("get_data") == ["hello", 5]
        anything = {"text": "ünï", "list": [1, 2.5, None, True], "bytes": b"\x00\xff", "long": "x" * 100_000}
        assert session.request("echo", anything) == anything
        session.error_wrapper = Failure
        for method, arguments, code in (("divide", (1, 0), 1), ("nothing", (), -32601), ("add", (1,), -32602)):
            try:
                session.request(method, *arguments)
            except Failure as failure:
                assert failure.args[0]["code"] == code, failure
            else:
                raise AssertionError(f"{method} was not refused")
        session.request("update", 1, 2, 3, async_=True)  # a notification
        assert session.request("add", 20, 3) == 23
        session.close()


main(pynvim_calls)
