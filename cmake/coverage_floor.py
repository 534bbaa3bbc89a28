# SPDX-License-Identifier: BSL-1.0
"""Fails when fewer lines of a folder were run than its floor: coverage_floor.py INFO --root DIR FOLDER=PERCENT..."""

import argparse
import sys
from pathlib import Path


def lines_by_file(info):
    """Maps each file of an lcov trace to {line: times it ran}."""
    files, current = {}, None
    for entry in info.read_text().splitlines():
        if entry.startswith("SF:"):
            current = files.setdefault(entry[3:], {})
        elif entry.startswith("DA:"):
            line, count = entry[3:].split(",")[:2]
            current[int(line)] = current.get(int(line), 0) + int(count)
    return files


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("info", type=Path)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("floors", nargs="+", metavar="FOLDER=PERCENT")
    arguments = parser.parse_args()

    files = lines_by_file(arguments.info)
    good = True
    for floor in arguments.floors:
        folder, wanted = floor.split("=")
        counts = [n for name, lines in files.items()
                  if Path(name).is_relative_to(arguments.root / folder) for n in lines.values()]
        percent = 100 * sum(n > 0 for n in counts) / len(counts) if counts else 0
        good = good and percent >= float(wanted)
        print(f"{folder}: {percent:.1f} % of {len(counts)} lines (floor {wanted} %)")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
