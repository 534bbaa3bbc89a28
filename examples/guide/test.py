# SPDX-License-Identifier: BSL-1.0
"""The programs that docs/guide shows."""

from processes import main, run


def failures_are_told(programs, folder):
    pages = "-32000 No such file or directory\n"
    assert run(programs / "guide_errors") == (
        f"pages: {pages}lend: 1 no such book\nshelf: 1 no such book: Emma\nburn: -32601 Method not found\n"
        "caught -32000\n", "")


def handlers_learn_that_nobody_waits(programs, folder):
    output, errors = run(programs / "guide_deadlines")
    assert sorted(output.splitlines()) == sorted([
        "no answer came within the call's timeout", "nobody waits any more", "the call was cancelled", "nobody waits any more",
        "step 1", "step 2", "slept"]), output
    assert errors == ""


def streams_are_read(programs, folder):
    assert run(programs / "guide_streams") == ("0 1 2 3 \n0 1 2 and no more\ntick\ntock\n", "")


def threads_share_a_service(programs, folder):
    assert run(programs / "guide_threads") == ("hello, from another thread\n", "")


def calls_are_guarded(programs, folder):
    assert run(programs / "guide_security") == ("hello\nonly for the owner\nMethod not found\n", "")


main(
    failures_are_told,
    handlers_learn_that_nobody_waits,
    streams_are_read,
    threads_share_a_service,
    calls_are_guarded,
)
