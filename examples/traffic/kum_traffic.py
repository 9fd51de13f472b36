"""The contract of the exec and webhook drivers, for programs written in Python: docs/traffic/exec.md.

A balancer is an object with read() -> dict and write(order: dict); both may raise TryAgain, write() also Stale.
"""

import contextlib
import fcntl
import json
import sys

DONE, REFUSED, STALE, TRY_AGAIN = 0, 1, 3, 75


class Stale(Exception):
    """The balancer holds something newer than the order."""


class TryAgain(Exception):
    """The balancer cannot be asked at the moment."""


def admit(held, order):
    """Refuses an order that was overtaken. A restore gives way to a later epoch only."""
    if held.get("upgrade") != order["upgrade"]:
        return
    newest, wanted = (held["epoch"], held["step"]), (order["epoch"], order["step"])
    if newest[0] > wanted[0] or (not order["restore"] and newest > wanted):
        raise Stale(f"epoch {newest[0]}, step {newest[1]} is in force")


@contextlib.contextmanager
def turn(path):
    """One writer at a time on this host; the system frees the lock when its holder dies."""
    with open(path, "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def serve(balancer, action, text):
    """Does what was asked; returns the exit code and what to print, on standard output for 0 and on standard error otherwise."""
    try:
        if action == "get":
            return DONE, json.dumps(balancer.read())
        if action == "set":
            balancer.write(json.loads(text))
            return DONE, ""
        return REFUSED, f"unknown action {action!r}; get or set is needed"
    except Stale as reason:
        return STALE, str(reason)
    except TryAgain as reason:
        return TRY_AGAIN, str(reason)
    except Exception as reason:  # Whatever it was, it was not done, and the product must hear it.
        return REFUSED, f"{type(reason).__name__}: {reason}"


def main(balancer):
    """Runs as an exec program."""
    action = sys.argv[-1]
    code, text = serve(balancer, action, sys.stdin.read() if action == "set" else "")
    print(text, file=sys.stdout if code == DONE else sys.stderr)
    sys.exit(code)
