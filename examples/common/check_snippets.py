# SPDX-License-Identifier: BSL-1.0
"""Checks that code in the pages is code that is compiled: behind a line `<!-- snippet: FILE -->` stands a block whose
lines are, one after another, lines of that file."""

import re
import sys
from pathlib import Path

PAGES = ["README.md", "docs/transport.md", "docs/tutorial.md"]


def mistakes(root, page):
    """What is wrong with the snippets of a page."""
    text = (root / page).read_text()
    marked = re.findall(r"^<!-- snippet: (\S+) -->\n+```\w*\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    missing = text.count("<!-- snippet:") - len(marked)
    if missing:
        yield f"{missing} marks have no block behind them"
    if not marked:
        yield "has no snippets"
    for name, code in marked:
        if "\n" + code not in "\n" + (root / name).read_text():
            yield f"shows what {name} does not contain"


def main():
    root = Path(sys.argv[1])
    pages = PAGES + sorted(str(page.relative_to(root)) for page in root.glob("docs/guide/*.md"))
    found = [f"{page}: {mistake}" for page in pages for mistake in mistakes(root, page)]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
