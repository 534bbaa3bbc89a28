# SPDX-License-Identifier: BSL-1.0
"""Runs what a page shows of a terminal: behind a line `<!-- session -->` stands a block whose lines with `$` are
commands, and whose others are what these print. A command with `&` behind it is a job, and goes on when it has printed
what the page shows, or listens on the socket that it is said to listen on."""

import re
import shlex
import signal
import socket
import subprocess

from processes import DEADLINE, Program, until


def blocks(page):
    return re.findall(r"^<!-- session -->\n+```console\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)


def steps(block):
    """Commands, each with the lines that it prints."""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def connects(path):
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
            return True
        except (FileNotFoundError, ConnectionRefusedError):
            return False


def run_session(block, socket_path):
    jobs = []
    try:
        for command, printed in steps(block):
            print(f"$ {command}", flush=True)
            if command.endswith(" &"):
                jobs.append(Program(*shlex.split(command[:-2])))
                jobs[-1].expect(*printed)
                until(lambda: connects(socket_path), f"{command} listens")
            elif job := re.fullmatch(r"kill %(\d+)", command):
                jobs[int(job[1]) - 1].process.send_signal(signal.SIGTERM)
                jobs[int(job[1]) - 1].process.wait(DEADLINE)
                for other in jobs:
                    if printed and other.process.poll() is None:
                        other.expect(*printed)
            else:
                done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=DEADLINE)
                output = (done.stdout + done.stderr).splitlines()
                assert output == printed, f"{command} printed {output}, not {printed}"
    finally:
        for job in jobs:
            job.__exit__()
