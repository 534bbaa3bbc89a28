# SPDX-License-Identifier: BSL-1.0
"""Checks that code in README.md is code that is compiled: behind a line `<!-- snippet: FILE -->` stands a block whose
lines are, one after another, lines of that file."""

import re
import sys
from pathlib import Path


def main():
    root = Path(sys.argv[1])
    readme = (root / "README.md").read_text()
    marked = re.findall(r"^<!-- snippet: (\S+) -->\n+```\w*\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE)
    marks = readme.count("<!-- snippet:")
    wrong = [name for name, code in marked if "\n" + code not in "\n" + (root / name).read_text()]
    for name in wrong:
        print(f"README.md shows what {name} does not contain")
    if marks != len(marked):
        print(f"{marks - len(marked)} marks have no block behind them")
    print(f"{len(marked)} snippets")
    return 0 if marked and not wrong and marks == len(marked) else 1


if __name__ == "__main__":
    sys.exit(main())
