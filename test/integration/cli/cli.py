# SPDX-License-Identifier: BSL-1.0
"""What the tests of the program oizys share: running it, a server of the calculator, and ends that speak bytes."""

import json
import socket
import tempfile
import threading

from processes import DEADLINE, Program, Server, until


class Listening(Program):
    """A sub-command that listens and says so on standard error; its lines of output can be waited for."""

    def __init__(self, *command):
        self.errors = tempfile.NamedTemporaryFile("r")
        super().__init__("sh", "-c", f'exec "$@" 2>"{self.errors.name}"', "sh", *command)
        try:
            until(lambda: "\n" in self.said() or self.process.poll() is not None, "the ready line")
            line = self.said()
            assert line.startswith("ready: "), f"{command} said {line!r}, which is not its ready line"
            self.endpoint = line.split()[1]
        except BaseException:
            self.__exit__()
            raise

    def said(self):
        """What it has printed on standard error so far."""
        self.errors.seek(0)
        return self.errors.read()

    def __exit__(self, *_):
        super().__exit__()
        self.errors.close()


def calculator(programs, folder):
    return Server(programs / "calculator_server", "--listen", f"unix:{folder}/c.sock")


class RawServer:
    """Answers each JSON-RPC request, framed with header24, with what `answer` makes of it: an object with `result` or
    `error`, or None to say nothing."""

    def __init__(self, path, answer):
        self.answer = answer
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        self.endpoint = f"unix:{path}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(DEADLINE)

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(DEADLINE)
                while (message := receive(connection)) is not None:
                    try:
                        request = json.loads(message)
                    except ValueError:  # not JSON: who sends that is not spoken to
                        break
                    answer = self.answer(request)
                    if answer is not None:
                        send(connection, json.dumps({"jsonrpc": "2.0", "id": request.get("id"), **answer}).encode())


def send(connection, message):
    connection.sendall(b"\0" + len(message).to_bytes(3, "big") + message)


def receive_exactly(connection, size):
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            return None
        data += more
    return data


def receive(connection):
    """The next message in header24; None at the end."""
    header = receive_exactly(connection, 4)
    return None if header is None else receive_exactly(connection, int.from_bytes(header, "big"))


def connect(endpoint):
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(DEADLINE)
    connection.connect(endpoint.removeprefix("unix:"))
    return connection
