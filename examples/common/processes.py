# SPDX-License-Identifier: BSL-1.0
"""Runs the examples as a user does, for their tests. Nothing here sleeps for a fixed time: every wait ends as soon
as what is waited for has happened, or fails at a deadline."""

import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

DEADLINE = 30  # seconds; generous, for sanitizers on a busy machine


class Program:
    """A running program. Its lines of output can be waited for; whatever happens, it is gone afterwards."""

    def __init__(self, *command, stdin=subprocess.DEVNULL):
        self.name = Path(command[0]).name
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=stdin, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.reader.join(DEADLINE)
        self.process.stdout.close()

    def line(self):
        """The next line of its output."""
        try:
            line = self.lines.get(timeout=DEADLINE)
        except queue.Empty:
            raise AssertionError(f"{self.name} printed nothing for {DEADLINE} s") from None
        assert line is not None, f"{self.name} ended with {self.process.wait(DEADLINE)} and printed no more"
        return line

    def expect(self, *wanted):
        for text in wanted:
            line = self.line()
            assert line == text, f"{self.name} printed {line!r}, not {text!r}"

    def say(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def ended(self, code):
        """Waits for its end, which must be with this exit code."""
        status = self.process.wait(DEADLINE)
        assert status == code, f"{self.name} ended with {status}, not {code}"

    def stop(self, number, code=0):
        self.process.send_signal(number)
        self.ended(code)


class Server(Program):
    """A program that listens and says so: `ready: ENDPOINT...`."""

    def __init__(self, *command):
        super().__init__(*command)
        try:
            line = self.line()
            assert line.startswith("ready: "), f"{self.name} printed {line!r}, which is not its ready line"
            self.endpoints = line.split()[1:]
        except BaseException:
            self.__exit__()
            raise


def run(*command, code=0):
    """Runs a program to its end and returns what it printed: (output, errors)."""
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=DEADLINE)
    assert done.returncode == code, (
        f"{command} ended with {done.returncode}, not {code}\n{done.stdout}{done.stderr}")
    return done.stdout, done.stderr


def until(condition, what):
    """Waits for something that says nothing when it happens."""
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {DEADLINE} s"
        time.sleep(0.005)


def check_server_basics(program, folder):
    """What holds for every server: its usage, its errors, and its clean end."""
    path = folder / "basics.sock"
    endpoint = f"unix:{path}"
    assert "Usage" in run(program, "--help")[0]
    run(program, code=2)
    run(program, "--nonsense", code=2)
    run(program, "--listen", "nonsense", code=2)
    run(program, "--listen", f"unix:{folder}/no/such/folder/socket", code=3)
    for number in (signal.SIGINT, signal.SIGTERM):
        with Server(program, "--listen", endpoint) as server:
            assert server.endpoints == [endpoint]
            assert path.is_socket()
            errors = run(program, "--listen", endpoint, code=3)[1]
            assert "another process is listening" in errors, errors
            server.stop(number)
            assert not path.exists(), "the socket file was left behind"


def check_client_basics(program, *arguments):
    """What holds for every client: its usage, and what it does when nobody listens."""
    assert "Usage" in run(program, "--help")[0]
    run(program, code=2)
    run(program, "nonsense", *arguments, code=2)
    output, errors = run(program, "unix:no-such-socket", *arguments, code=3)
    assert output == "" and "No such file" in errors, errors


def main(*tests):
    """Runs each test in a folder of its own, and tells which one failed."""
    programs = Path(sys.argv[1]).resolve()
    for test in tests:
        print(f"{test.__name__} ...", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                test(programs, Path(folder))
            finally:
                os.chdir("/")
