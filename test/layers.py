# SPDX-License-Identifier: BSL-1.0
"""Checks that includes point upwards in the table of layers (docs/architecture.md).

layers.py ROOT         prints each violation as file:line and exits with 1 when there is one
layers.py --self-test  proves on a made-up tree that violations are found
"""

import re
import sys
import tempfile
from pathlib import Path

# Layer: (what it is, which layers it may use beside itself, may it name Asio).
LAYERS = {
    0: ("base", {}, False),
    1: ("wire", {0}, False),
    2: ("io", {0, 1}, True),
    3: ("codec", {0}, False),
    4: ("protocol", {0, 3}, False),
    5: ("call logic", {0, 3, 4}, False),
    6: ("peer, service, server", {0, 1, 2, 3, 4, 5}, True),
    7: ("pure cores", {0, 3}, False),
}

# The first pattern that matches a path says its layer. Files that match none may use everything.
PATHS = [
    (0, r"liboizys/(include/oizys|src)/(api|version|error|limits|bytes|function|function_ref|timeout|unique_fd|negotiation)\.[ch]pp"),
    (1, r"liboizys/(include/oizys|src)/wire/.*"),
    (2, r"liboizys/.*"),
    (3, r"rpc/(include/oizys/rpc|src)/codec/.*"),
    (4, r"rpc/(include/oizys/rpc|src)/protocol/.*"),
    (5, r"rpc/src/core/.*|rpc/include/oizys/rpc/(argument|interceptor|method|parameter)\.hpp"),
    (6, r"rpc/.*"),
    (7, r"(wamp/src|router|plugin/src)/core/.*"),
]

FOLDERS = ["liboizys", "rpc", "wamp", "router", "plugin"]
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def layer_of(path):
    return next((layer for layer, pattern in PATHS if re.fullmatch(pattern, path)), None)


def resolve(root, file, quote, name):
    """The file of the project that an include names, or None for one of somebody else."""
    own = root / file.relative_to(root).parts[0]
    libraries = sorted((root / folder / "src" for folder in FOLDERS), key=lambda src: src.parent != own)
    folders = [src.parent / "include" for src in libraries]
    if quote == '"':
        folders = [file.parent] + libraries + folders
    for folder in folders:
        found = (folder / name).resolve()
        if found.is_file():
            return found.relative_to(root).as_posix()
    # What does not exist (yet) still has a place.
    match = re.fullmatch(r"oizys/(rpc/)?.*", name)
    return f"{'rpc' if match[1] else 'liboizys'}/include/{name}" if match else None


def violations(root):
    root = root.resolve()
    for file in sorted(file for folder in FOLDERS for file in root.glob(f"{folder}/**/*.[ch]pp")):
        path = file.relative_to(root).as_posix()
        layer = layer_of(path)
        if layer is None:
            continue
        what, may_use, may_name_asio = LAYERS[layer]
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            quote, name = match.groups()
            if name.startswith("boost/asio") and not may_name_asio:
                yield f"{path}:{number}: layer {layer} ({what}) includes {name}"
            used = resolve(root, file, quote, name)
            used_layer = layer_of(used) if used else None
            if used_layer not in {None, layer} | set(may_use):
                yield (f"{path}:{number}: layer {layer} ({what}) includes {name}"
                       f" of layer {used_layer} ({LAYERS[used_layer][0]})")


def self_test():
    tree = {
        "liboizys/include/oizys/error.hpp": "#include <vector>\n",
        "liboizys/include/oizys/session.hpp": "#include <boost/asio/any_io_executor.hpp>\n#include <oizys/error.hpp>\n",
        "liboizys/src/wire/framer.hpp": "#include <oizys/session.hpp>\n#include <boost/asio/buffer.hpp>\n",
        "liboizys/src/wire/header.hpp": "#include <oizys/error.hpp>\n#include \"framer.hpp\"\n",
        "rpc/include/oizys/rpc/codec/reader.hpp": "#include <oizys/error.hpp>\n\n  # include <oizys/rpc/peer.hpp>\n",
        "rpc/include/oizys/rpc/peer.hpp": "#include <oizys/rpc/codec/reader.hpp>\n#include <oizys/session.hpp>\n",
        "rpc/src/core/calls.hpp": "#include \"transport.hpp\"\n#include \"protocol/envelope.hpp\"\n",
        "rpc/src/protocol/envelope.hpp": "#include \"core/calls.hpp\"\n#include <oizys/missing.hpp>\n",
        "rpc/src/transport.hpp": "#include <boost/asio/post.hpp>\n",
    }
    expected = [
        "liboizys/src/wire/framer.hpp:1",
        "liboizys/src/wire/framer.hpp:2",
        "rpc/include/oizys/rpc/codec/reader.hpp:3",
        "rpc/src/core/calls.hpp:1",
        "rpc/src/protocol/envelope.hpp:1",
        "rpc/src/protocol/envelope.hpp:2",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for path, text in tree.items():
            file = Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        found = [":".join(violation.split(":")[:2]) for violation in violations(Path(folder))]
    if found != expected:
        print("expected:", *expected, "found:", *found, sep="\n")
    return found == expected


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if sys.argv[1] == "--self-test":
        sys.exit(0 if self_test() else 1)
    found = list(violations(Path(sys.argv[1])))
    print(*found, f"{len(found)} violations", sep="\n")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
