# SPDX-License-Identifier: BSL-1.0
"""The calculator as a service: started by systemd-socket-activate, watched by a notify socket, and by units that
systemd's own checks find nothing wrong with."""

import os
import re
import select
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

from processes import DEADLINE, Program, Server, main, run

UNITS = Path(__file__).parent
REQUEST = b'{"jsonrpc":"2.0","method":"add","params":[2,3],"id":7}'
ANSWER = b'{"jsonrpc":"2.0","result":5,"id":7}\n'


class NotifySocket:
    """systemd's end of the socket that services tell it things through."""

    def __init__(self, name):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(name.replace("@", "\0", 1))
        self.name = name

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def next(self):
        self.socket.settimeout(DEADLINE)
        return self.socket.recv(4096).decode()

    def is_silent(self, seconds):
        return not select.select([self.socket], [], [], seconds)[0]

    def expect(self, *wanted):
        for text in wanted:
            said = self.next()
            assert said == text, f"systemd was told {said!r}, not {text!r}"

    def skip_until(self, wanted, skipped="WATCHDOG=1"):
        while (said := self.next()) != wanted:
            assert said == skipped, f"systemd was told {said!r}"

    def discard(self):
        while not self.is_silent(0):
            self.socket.recv(4096)


def activate(programs, where, *options, server=()):
    """systemd-socket-activate, once it listens; it becomes the server when somebody connects."""
    listen = [f"--listen={path}" for path in where]
    command = ["systemd-socket-activate", *listen, *options, programs / "calculator_server", *server]
    program = Program(*command)
    end = time.monotonic() + DEADLINE
    while not all(Path(path).is_socket() for path in where):
        assert program.process.poll() is None and time.monotonic() < end, "systemd-socket-activate does not listen"
        time.sleep(0.005)
    return program


def connect(path):
    """Connects as soon as somebody listens: the file is there a moment before that."""
    end = time.monotonic() + DEADLINE
    while True:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(DEADLINE)
        try:
            connection.connect(str(path))
            return connection
        except ConnectionRefusedError:
            connection.close()
            assert time.monotonic() < end, f"nobody listens at {path}"
            time.sleep(0.005)


def ask(connection):
    connection.sendall(REQUEST)
    answer = b""
    while len(answer) < len(ANSWER):
        more = connection.recv(1024)
        assert more, f"closed after {answer}"
        answer += more
    assert answer == ANSWER, answer


def call(path):
    with connect(path) as connection:
        ask(connection)


def the_only_socket_needs_no_name(programs, folder):
    path = folder / "c.sock"
    with activate(programs, [path], server=["--listen", "systemd:"]) as service:
        call(path)
        service.expect(f"ready: unix:{path}")
        call(path)
        service.stop(signal.SIGTERM)
        assert path.is_socket(), "the socket's file is systemd's and must stay"


def sockets_are_told_apart_by_their_names(programs, folder):
    first, second = folder / "first", folder / "second"
    names = "--fdname=one:two"
    with activate(programs, [first, second], names,
                  server=["--listen", "systemd:two", "--listen", "systemd:one"]) as service:
        call(second)
        service.expect(f"ready: unix:{second} unix:{first}")
        call(first)
        service.stop(signal.SIGTERM)
        assert first.is_socket() and second.is_socket()


def what_cannot_be_served_is_refused_by_name(programs, folder):
    for options, server, count in ((["--fdname=one"], "systemd:two", 1), (["--fdname=one:one"], "systemd:one", 2),
                                   ([], "systemd:", 2), (["--seqpacket"], "systemd:", 1)):
        where = [folder / f"s{i}" for i in range(count)]
        with activate(programs, where, *options, server=["--listen", server]) as service:
            kind = socket.SOCK_SEQPACKET if "--seqpacket" in options else socket.SOCK_STREAM
            with socket.socket(socket.AF_UNIX, kind) as connection:
                wait_for_listener(connection, where[0])
                service.ended(3)
        for path in where:
            path.unlink()
    errors = run(programs / "calculator_server", "--listen", "systemd:", code=3)[1]
    assert "systemd handed over no descriptor" in errors, errors


def wait_for_listener(connection, path):
    end = time.monotonic() + DEADLINE
    while connection.connect_ex(str(path)) != 0:
        assert time.monotonic() < end, f"nobody listens at {path}"
        time.sleep(0.005)


def each_connection_may_have_a_process(programs, folder):
    path = folder / "c.sock"
    with activate(programs, [path], "--accept", server=["--listen", "systemd:"]) as activator:
        with connect(path) as first, connect(path) as second:
            ask(second)
            ask(first)
            ask(second)
            children = subprocess.run(["ps", "--no-headers", "-o", "pid=", "--ppid", str(activator.process.pid)],
                                      capture_output=True, text=True, check=True).stdout.split()
            assert len(children) == 2, children
        for child in children:  # each ends with its connection
            end = time.monotonic() + DEADLINE
            while Path(f"/proc/{child}/exe").exists():
                assert time.monotonic() < end, f"process {child} did not end with its connection"
                time.sleep(0.005)


def systemd_is_told_how_it_is_doing(programs, folder):
    for name in (f"{folder}/notify", f"@oizys-example-{os.getpid()}"):
        path = folder / "c.sock"
        with NotifySocket(name) as systemd:
            with activate(programs, [path], f"--setenv=NOTIFY_SOCKET={name}", "--setenv=WATCHDOG_USEC=40000",
                          server=["--listen", "systemd:"]) as service:
                call(path)
                systemd.expect(f"STATUS=ready: unix:{path}", "READY=1", "WATCHDOG=1", "WATCHDOG=1")
                service.process.send_signal(signal.SIGSTOP)  # whatever keeps it from turning its loop
                os.waitid(os.P_PID, service.process.pid, os.WSTOPPED)
                systemd.discard()
                assert systemd.is_silent(0.2), "a process that is stopped said that it is alive"
                service.process.send_signal(signal.SIGCONT)
                systemd.expect("WATCHDOG=1")
                service.process.send_signal(signal.SIGTERM)
                systemd.skip_until("STOPPING=1")
                service.ended(0)
                assert systemd.is_silent(0)
        path.unlink()


def without_systemd_nobody_is_told(programs, folder):
    with Server(programs / "calculator_server", "--listen", f"unix:{folder}/c.sock") as server:
        call(folder / "c.sock")
        server.stop(signal.SIGTERM)


class Activator:
    """Does with one socket what systemd does: holds it, and starts the service whenever somebody waits."""

    def __init__(self, programs, path, idle):
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(str(path))
        self.listening.listen(64)
        self.command = [programs / "calculator_server", "--listen", "systemd:calls", "--idle-exit", str(idle)]
        self.stop, self.wake = os.pipe()
        self.processes = []
        self.failure = None
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        os.close(self.wake)
        self.thread.join(DEADLINE)
        os.close(self.stop)
        self.listening.close()

    def _run(self):
        while True:
            ready = select.select([self.listening, self.stop], [], [])[0]
            if self.stop in ready:
                return
            process = subprocess.Popen(
                ["sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh", *self.command], pass_fds=[3],
                preexec_fn=lambda: os.dup2(self.listening.fileno(), 3), stdout=subprocess.DEVNULL,
                env={**os.environ, "LISTEN_FDS": "1", "LISTEN_FDNAMES": "calls"})
            code = process.wait(DEADLINE)
            self.processes.append(process.pid)
            if code != 0:
                self.failure = f"a service ended with {code}"
                return


def who_comes_when_it_ends_is_served_by_the_next(programs, folder):
    path = folder / "c.sock"
    with Activator(programs, path, idle=0.05) as activator:
        call(path)
        while not activator.processes:
            time.sleep(0.005)
        call(path)  # a new process answers
        while len(activator.processes) < 2:
            time.sleep(0.005)
        assert path.is_socket()


def under_fire_every_call_is_answered(programs, folder):
    path = folder / "c.sock"
    with Activator(programs, path, idle=0.001) as activator:
        for i in range(150):
            call(path)
            select.select([], [], [], i % 10 / 2500)  # 0 to 3.6 ms: before, while and after it decides to end
        assert activator.failure is None, activator.failure
        assert len(activator.processes) > 5, "it never ended, so nothing was tried"


def units(programs, folder):
    """The units of this folder, with the program that was built."""
    for unit in ("calculator.socket", "calculator.service"):
        text = (UNITS / unit).read_text()
        (folder / unit).write_text(text.replace("/usr/local/bin/", f"{programs}/"))
    return [folder / "calculator.socket", folder / "calculator.service"]


def verify(*files):
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *map(str, files)],
                          capture_output=True, text=True, timeout=DEADLINE)
    lines = (done.stdout + done.stderr).splitlines()
    return [line for line in lines if "calculator" in line]


def the_units_are_as_systemd_wants_them(programs, folder):
    files = units(programs, folder)
    assert verify(*files) == []
    service = files[1].read_text()
    for mistake in (service.replace("WatchdogSec", "WatchDogSec"), service.replace("Type=notify", "Type=notifies"),
                    service.replace("calculator_server", "no_such_program")):
        files[1].write_text(mistake)
        assert verify(*files) != [], "a mistake in a unit goes unnoticed"


def the_service_is_shut_in(programs, folder):
    service = units(programs, folder)[1]
    command = ["systemd-analyze", "security", "--offline=yes", "--no-pager", "--threshold=10", service]
    exposure = re.search(r"Overall exposure level for calculator.service: (\S+)", run(*command)[0])
    assert exposure and float(exposure[1]) <= 1.0
    service.write_text(service.read_text().replace("SystemCallFilter", "#").replace("Protect", "#"))
    assert run(*command, code=1)


def the_page_explains_each_line(programs, folder):
    page = (UNITS / "README.md").read_text()
    for unit in ("calculator.socket", "calculator.service"):
        for key in re.findall(r"^(\w+)=", (UNITS / unit).read_text(), re.MULTILINE):
            assert f"{key}=" in page, f"{key}= is not explained"


main(the_only_socket_needs_no_name, sockets_are_told_apart_by_their_names, what_cannot_be_served_is_refused_by_name,
     each_connection_may_have_a_process, systemd_is_told_how_it_is_doing, without_systemd_nobody_is_told,
     who_comes_when_it_ends_is_served_by_the_next, under_fire_every_call_is_answered,
     the_units_are_as_systemd_wants_them, the_service_is_shut_in, the_page_explains_each_line)
