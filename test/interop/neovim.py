# SPDX-License-Identifier: BSL-1.0
"""neovim.py PROGRAMS   Neovim as a server, on a Unix socket and as a child, and as a client of the calculator"""

import json
import shutil
import subprocess
import sys

from processes import DEADLINE, Program, Server, main, run, until

if not shutil.which("nvim"):
    print("OIZYS_SKIPPED: Neovim is missing (./run test --interop installs it)")
    sys.exit(0)

NEOVIM = "nvim --headless -u NONE -i NONE -n"


def neovim_serves_on_a_socket(programs, folder):
    with Program(*NEOVIM.split(), "--listen", f"{folder}/n.sock") as neovim:
        until((folder / "n.sock").is_socket, "Neovim listens")
        endpoint = f"unix:{folder}/n.sock?framing=msgpack_object"
        assert run(programs / "oizys", "call", "--msgpack", endpoint, "nvim_eval", "1 + 2") == ("3\n", "")
        print(run(programs / "interop_neovim", endpoint)[0])
        neovim.ended(0)


def neovim_serves_as_a_child(programs, folder):
    print(run(programs / "interop_neovim", f"exec?framing=msgpack_object:{NEOVIM} --embed")[0])


# What Neovim does with the calculator, and writes down.
SCRIPT = """
let answers = []
let calculator = sockconnect('pipe', $SOCKET, {'rpc': v:true})
call add(answers, rpcrequest(calculator, 'add', 2, 3))
call add(answers, rpcrequest(calculator, 'get_data'))
call add(answers, rpcrequest(calculator, 'echo', {'text': 'ünï', 'list': [1, 2.5, v:null, v:true]}))
call add(answers, rpcnotify(calculator, 'update', 1, 2, 3))
try
    call rpcrequest(calculator, 'divide', 1, 0)
catch
    call add(answers, v:exception =~# 'divide')
endtry
call add(answers, rpcrequest(calculator, 'add', 20, 3))
call writefile([json_encode(answers)], 'answers')
qall!
"""


def neovim_calls(programs, folder):
    (folder / "script.vim").write_text(SCRIPT)
    with Server(programs / "calculator_server", "--listen", f"unix:{folder}/c.sock"):
        subprocess.run([*NEOVIM.split(), "-S", "script.vim"], env={"SOCKET": f"{folder}/c.sock", "PATH": "/usr/bin"},
                       stdin=subprocess.DEVNULL, timeout=DEADLINE, check=True)
    answers = json.loads((folder / "answers").read_text())
    assert answers == [5, ["hello", 5], {"text": "ünï", "list": [1, 2.5, None, True]}, 1, 1, 23], answers


main(neovim_serves_on_a_socket, neovim_serves_as_a_child, neovim_calls)
