# SPDX-License-Identifier: BSL-1.0
"""The generated Python client passes mypy and talks with the service that it was generated from.

python_client.py SAMPLE   where SAMPLE is the program of sample.cpp
"""

import datetime
import importlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def check(what, expected):
    if what != expected:
        raise AssertionError(f"expected {expected!r}, got {what!r}")


def refused(error, function, *arguments):
    try:
        function(*arguments)
    except error as e:
        return e
    raise AssertionError(f"{function} did not raise {error}")


def talk(module, socket):
    with module.Connection(socket, timeout=20) as connection:
        client = module.Client(connection)
        check(client.add(2, 3), 5)
        check(client.add(2), 4)
        check(client.sum(), 0)
        check(client.sum(1, 2, 3), 6)
        check(client.class_("a", "b"), None)
        check(client.colors(), [module.Color.red, module.Color.blue])
        check(client.point(module.Point(1, 2)), module.Point(1, 2))
        check(refused(module.RpcError, client.divide, 1, 0).code, 1)
        check(refused(module.RpcError, client.add, "x", 1).code, -32602)

        square = module.Shape("square", "polygon", [module.Point(0, 0), module.Point(1, 2)], [],
                              module.Level.low, fill=module.Color.green)
        mirrored = client.shape_mirror(square, 5)
        check(mirrored.corners, [module.Point(10, 0), module.Point(9, 2)])
        check((mirrored.class_, mirrored.fill, mirrored.detail),
              ("polygon", module.Color.green, module.Level.high))
        check(client.shape_mirror(module.Shape("", "", [], [square], module.Level.low)).fill, None)

        when = datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, datetime.timezone.utc)
        everything = module.Everything(
            flag=True, tiny=-5, large=2**64 - 1, real=0.1, data=b"\x01\xff", when=when, three=[1, 2, 3],
            pair=(7, "seven"), places={"here": module.Point(1, 2)}, numbered={-3: "minus three"},
            either="text", lasts=1500, any=[1, None, "x"], members={"a": 1})
        check(client.same(everything), everything)


def main():
    sample = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        text = subprocess.run([sample, "python"], check=True, capture_output=True).stdout
        Path(folder, "sample_client.py").write_bytes(text)
        sys.path.insert(0, folder)
        module = importlib.import_module("sample_client")

        refused(TypeError, module.Point.from_wire, {"x": 1, "y": "2"})
        refused(TypeError, module.Point.from_wire, [1, 2])
        refused(KeyError, module.Point.from_wire, {"x": 1})
        refused(ValueError, module.Level, "middle")

        server = subprocess.Popen([sample, "serve", f"unix:{folder}/socket"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE)
        try:
            check(server.stdout.readline(), b"ready\n")
            talk(module, f"{folder}/socket")
        finally:
            server.stdin.close()
            server.wait(20)

        if shutil.which("mypy") is None:
            print("OIZYS_SKIPPED: mypy is missing: the types of the generated module were not checked")
            return
        subprocess.run(["mypy", "--strict", "--no-error-summary", f"--cache-dir={folder}/cache",
                        f"{folder}/sample_client.py"], check=True)


if __name__ == "__main__":
    main()
