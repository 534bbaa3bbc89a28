# SPDX-License-Identifier: BSL-1.0
"""clangd.py PROGRAMS   interop_clangd talks with clangd; this finds it"""

import shutil
import sys

from processes import main, run

clangd = shutil.which("clangd") or shutil.which("clangd-14")
if not clangd:
    print("OIZYS_SKIPPED: clangd is missing (./run test --interop installs it)")
    sys.exit(0)


def a_language_server_is_talked_with(programs, folder):
    print(run(programs / "interop_clangd", f"{clangd} --log=error --background-index=false")[0])


main(a_language_server_is_talked_with)
