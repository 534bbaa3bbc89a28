# SPDX-License-Identifier: BSL-1.0
"""The terminal of docs/tutorial.md, with its programs."""

import os
from pathlib import Path

from processes import main
from session_blocks import blocks, run_session

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"


def the_page_is_right(programs, folder):
    os.environ["PATH"] = f"{programs}:{os.environ['PATH']}"
    sessions = blocks(PAGE)
    assert len(sessions) == 2
    if not (programs / "oizys").exists():  # built without the command line
        print("SKIPPED: the program oizys is not there")
        sessions = []
    for session, server in zip(sessions, ("first_server", "server")):
        for name, program in (("server", server), ("client", "client"), ("plugin", "plugin")):
            Path(name).unlink(missing_ok=True)
            Path(name).symlink_to(programs / f"tutorial_{program}")
        run_session(session, "text.sock")


main(the_page_is_right)
