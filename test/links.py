# SPDX-License-Identifier: BSL-1.0
"""Checks that links between the pages lead somewhere: to a file that is there, and to a heading of it."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path


def without_code(text):
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(text):
    """The names that GitHub gives to headings."""
    found = set()
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    for heading in re.findall(r"^#{1,6} +(.*?) *#*$", text, re.MULTILINE):
        heading = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        number = 0
        unique = name
        while unique in found:
            number += 1
            unique = f"{name}-{number}"
        found.add(unique)
    return found


def mistakes(page):
    text = page.read_text()
    for target in re.findall(r"\]\(\s*<?([^)\s>]+)", without_code(text)):
        if re.match(r"[a-z]+:", target):
            continue  # elsewhere: not ours to check
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists():
            yield f"{target}: there is no such file"
        elif anchor and file.suffix == ".md" and anchor not in anchors(file.read_text()):
            yield f"{target}: there is no such heading"


def pages(root):
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.md"],
                            cwd=root, capture_output=True, text=True)
    if listed.returncode == 0:
        names = [name for name in listed.stdout.split("\0") if name]
        return sorted({root / name for name in names if (root / name).exists()})
    # Not a repository, such as an unpacked archive: what lies where pages are.
    return sorted([*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("examples/**/*.md")])


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "a.md").write_text("# One `two`: three\n[x](#one-two-three) [x](b.md#there) [x](https://z/y)\n"
                                   "[x](#no) [x](b.md#nor) [x](c.md)\n```\n[x](d.md)\n# No\n```\n`[x](e.md)`\n")
        (root / "b.md").write_text("## There\n")
        found = [mistake.split(":")[0] for mistake in mistakes(root / "a.md")]
        assert found == ["#no", "b.md#nor", "c.md"], found


def main():
    if sys.argv[1] == "--self-test":
        self_test()
        return 0
    root = Path(sys.argv[1]).resolve()
    found = [f"{page.relative_to(root)}: {mistake}" for page in pages(root) for mistake in mistakes(page)]
    print("\n".join(found) if found else f"{len(pages(root))} pages, no broken link")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
