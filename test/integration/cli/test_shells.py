# SPDX-License-Identifier: BSL-1.0
"""Completion in the real shells, the manual page as its readers see it, and the session in README.md."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from cli import RawServer
from processes import DEADLINE, main, run

METHODS = {"result": ["add", "append", "subtract"]}


def in_bash(programs, line):
    """What bash offers for a line, as it would complete it at its end."""
    script = """
        PATH=$1:$PATH; source <(oizys completion bash) || exit
        COMP_LINE=$2 COMP_POINT=${#2}
        _oizys
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    done = subprocess.run(["bash", "--norc", "-c", script, "bash", programs, line], capture_output=True, text=True,
                          timeout=DEADLINE, check=True)
    assert done.stderr == "", done.stderr
    return done.stdout.split("\n")[:-1]


def bash_completes(programs, folder):
    assert in_bash(programs, "oizys li") == ["list", "listen"]
    assert in_bash(programs, "oizys call --ms") == ["--msgpack"]
    assert in_bash(programs, "oizys call un") == ["unix:"]
    with RawServer(folder / "s.sock", lambda _: METHODS) as server:
        # bash has its own idea of words: what stands in front of the last colon is not offered again.
        assert in_bash(programs, f"oizys call unix:{folder}/s") == [f"{folder}/s.sock"]
        assert in_bash(programs, f"oizys call {server.endpoint} ") == ["add", "append", "subtract"]
        assert in_bash(programs, f"oizys call {server.endpoint} a") == ["add", "append"]
        assert in_bash(programs, f"oizys bench --connections 2 {server.endpoint} s") == ["subtract"]
    assert in_bash(programs, f"oizys call unix:{folder}/nobody a") == [""]
    # No command is started only because its name was typed.
    (folder / "x").write_text(f"#!/bin/sh\ntouch {folder}/started\n")
    (folder / "x").chmod(0o700)
    assert in_bash(programs, f"oizys call exec:{folder}/x a") == [""]
    assert not (folder / "started").exists()


def zsh_takes_the_script(programs, folder):
    script = run(programs / "oizys", "completion", "zsh")[0]
    (folder / "_oizys").write_text(script)
    if shutil.which("zsh") is None:
        print("no zsh here: its script was not run", file=sys.stderr)
        return
    # compadd is there only while somebody completes, so a stand-in notes what it is given.
    stand_in = """
        path=($1 $path); compdef() { }; _files() { print -r -- FILES }
        source $2
        compadd() { while [[ $1 != -- ]]; do shift; done; shift; (( $# )) && print -rl -- "$@" }
        words=(${(z)3}); [[ $3 == *' ' ]] && words+=(''); CURRENT=$#words
        _oizys
    """
    def offered(line):
        done = subprocess.run(["zsh", "-f", "-c", stand_in, "zsh", programs, folder / "_oizys", line],
                              capture_output=True, text=True, timeout=DEADLINE, check=False)
        assert done.stderr == "", done.stderr
        return done.stdout.split()

    assert offered("oizys li") == ["list", "listen"]
    assert offered("oizys call un") == ["unix:"]
    assert offered("oizys call unix:nobody a") == ["FILES"]
    with RawServer(folder / "s.sock", lambda _: METHODS) as server:
        assert offered(f"oizys call {server.endpoint} ") == ["add", "append", "subtract"]


def the_manual_page_reads_well(programs, folder):
    page = run(programs / "oizys", "man")[0]
    assert page.startswith(".TH OIZYS 1 ")
    if shutil.which("groff") is None:
        print("no groff here: the manual page was not formatted", file=sys.stderr)
        return
    done = subprocess.run(["groff", "-man", "-ww", "-Tascii", "-P-cbou"], input=page, capture_output=True, text=True,
                          timeout=DEADLINE, check=True)
    assert done.stderr == "", done.stderr
    text = " ".join(done.stdout.split())
    assert "oizys call [OPTIONS] ENDPOINT METHOD [ARG]..." in text
    assert "--timeout SECONDS (30) for connecting, and for each call; 0: none" in text
    assert """Each ARG is JSON (3, null, '[1,2]', '{"a":1}', '"3"')""" in text


def help_is_an_answer(programs, folder):
    output, errors = run(programs / "oizys", "--help")
    assert "Usage: oizys" in output and "complete " not in output and errors == ""
    assert "Usage: oizys call [OPTIONS] ENDPOINT METHOD [ARG]..." in run(programs / "oizys", "call", "--help")[0]
    assert run(programs / "oizys", "--version")[0].startswith("oizys ")


def the_session_in_the_readme_is_true(programs, folder):
    """Runs the lines of README.md behind `<!-- session: oizys -->` in one shell, and compares all that is printed but
    for times."""
    page = (Path(__file__).resolve().parents[3] / "README.md").read_text()
    session = page.split("<!-- session: oizys -->\n```console\n$ ", 1)[1].split("```\n", 1)[0]
    steps = [step.partition("\n") for step in session.split("\n$ ")]
    script = "exec 2>&1\n"
    for number, (command, _, _) in enumerate(steps):
        script += f"echo '=== {number}'\n{command}\n"
        if command.endswith("&"):  # it is ready when its socket is there
            path = command.split("unix:")[1].split()[0]
            script += f"until [ -S {path} ]; do sleep 0.01; done\n"
    script += "echo '=== end'; kill $(jobs -p); wait"
    done = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, timeout=DEADLINE,
                          check=False, env={"PATH": f"{programs}:/usr/bin:/bin"}, cwd=folder)
    printed = done.stdout.split("=== ")[1:-1]
    assert len(printed) == len(steps) > 5, done
    told = re.compile(r"^(ready: |#\d+ (connected|ended)).*\n", re.MULTILINE)
    milliseconds = re.compile(r"[\d.]+ ms")
    for (command, _, wanted), found in zip(steps, printed):
        found = milliseconds.sub("- ms", told.sub("", found.partition("\n")[2]).strip())
        assert found == milliseconds.sub("- ms", wanted.strip()), (command, found, wanted)


main(bash_completes, zsh_takes_the_script, the_manual_page_reads_well, help_is_an_answer,
     the_session_in_the_readme_is_true)
