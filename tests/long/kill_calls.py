"""A run that is killed anywhere leaves a data directory that starts and holds what was acknowledged.

A run is a start, a work taken over, an event taken in, and an end. It is made under strace, which kills the program with SIGKILL as one
of its threads makes its n-th call of a kind: for every n until a run comes through, at most YUELU_MOST; over no directory at all (a start
and an end alone), and over copies of what a server with works, events and their snapshot left when it was killed. Each time the program
is then started as usual, must become ready and hold what was acknowledged, and now and then `yuelu verify` must find nothing.

    YUELU_MOST           calls of a kind that are tried (40)
    YUELU_ENGINES        engines (sled,redb)
"""

import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time

from served import Ended, Server

MOST = int(os.environ.get("YUELU_MOST", "40"))
ENGINES = os.environ.get("YUELU_ENGINES", "sled,redb").split(",")
CALLS = ["openat", "write", "pwrite64", "rename", "unlink", "unlinkat", "fsync", "fdatasync", "ftruncate", "mkdir", "pread64"]
WORKS, EVENTS = 60, 40
# Seconds until a start is held to have failed.
PATIENCE = 60.0


def until(met):
    began = time.monotonic()
    while not met():
        if time.monotonic() - began > PATIENCE:
            return False
        time.sleep(0.02)
    return True


def is_ready(server):
    """Waits until it is; not so once it has ended."""
    def answers():
        status, body = server.ask(None, "/readyz")
        return status == 200 and json.loads(body)["ready"]

    return until(lambda: server.process.poll() is not None or answers()) and server.process.poll() is None


def take_over(server, admin, works):
    rows = [{"id": work, "title": f"书法之{work}", "institution": "学院"} for work in works]
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
    status, body = server.ask(admin, "/api/v1/imports?vetted_by=Board&source=lib", text, "application/x-ndjson")
    return status == 200 and json.loads(body)["created"] == len(rows)


def report(server, learner, number):
    event = {"id": f"e{number}", "learner": "me", "resource": f"w{number}", "verb": "completed", "at": f"2026-01-01T08:00:{number:02}Z"}
    return server.ask(learner, "/api/v1/events", json.dumps([event]).encode(), "application/json")[0] == 200


class Known:
    """Who may ask, and how much was acknowledged."""

    def __init__(self, folder, settings):
        server = Server(folder, **settings)
        self.admin = server.user("importer", "administrator", "--scope", "/")
        self.learner = server.user("li", "learner", "--scope", "/hunan")
        done = [take_over(server, self.admin, [f"w{number}" for number in range(part, part + 10)]) for part in range(0, WORKS, 10)]
        done += [report(server, self.learner, number) for number in range(EVENTS)]
        server.stop()
        # What a clean end writes is there; then something that only the logs hold.
        server = Server(folder, **settings)
        done.append(take_over(server, self.admin, ["w99"]))
        server.stop(signal.SIGKILL)
        if not all(done):
            raise SystemExit("the works and events that are there before were not taken in")


def run(folder, settings, known, call, turn):
    """How many more works and events were acknowledged when a run was killed at this call; nothing where it came through."""
    inject = ["strace", "-D", "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={turn}"]
    more = (False, False)
    try:
        server = Server(folder, inject, **settings)
    except Ended as ended:
        if ended.code != -signal.SIGKILL:
            raise SystemExit(f"{call} {turn}: not killed, and ended with {ended}") from ended
        return more
    was_ready = is_ready(server)
    if was_ready and known is not None:
        more = (take_over(server, known.admin, ["w50x"]), report(server, known.learner, EVENTS))
    server.stop()
    if server.process.returncode == -signal.SIGKILL:
        return more
    # A run that nothing cut short does all of it, or the others prove nothing.
    if server.process.returncode != 0 or not was_ready or (known is not None and not all(more)):
        raise SystemExit(f"{call} {turn}: not killed, ended with {server.process.returncode}, ready: {was_ready}, acknowledged: {more}")
    return None


def lacks(server, known, more):
    """What the started server does not hold; nothing where all is there."""
    if not is_ready(server):
        return "is not ready"
    if known is None:
        return None
    works, events = WORKS + 1 + more[0], EVENTS + more[1]

    def found():
        status, body = server.ask(None, "/api/v1/search?q=%E4%B9%A6%E6%B3%95&limit=1")
        return status == 200 and json.loads(body)["total"]["value"] >= works

    if not until(found):
        return f"does not find {works} works"
    status, body = server.ask(known.learner, "/api/v1/learners/me/history?limit=100")
    kept = len(json.loads(body)["items"]) if status == 200 else 0
    return None if kept >= events else f"knows {kept} of {events} events"


def fault_after(folder, settings, known, more):
    """What is wrong after a kill; nothing where nothing is."""
    try:
        server = Server(folder, **settings)
    except Ended as why:
        return f"does not start: {why}"
    missing = lacks(server, known, more)
    server.stop()
    return missing


def tried(name, template, settings, known, faults):
    """Kills runs over copies of a directory; tells how many."""
    kills = 0
    for call in CALLS:
        for turn in range(1, MOST + 1):
            with tempfile.TemporaryDirectory() as folder:
                if template is not None:
                    shutil.copytree(template / "data", pathlib.Path(folder) / "data", ignore=shutil.ignore_patterns("*.sock"))
                more = run(folder, settings, known, call, turn)
                if more is None:
                    break
                kills += 1
                fault = fault_after(folder, settings, known, more)
                if fault is not None:
                    faults.append(f"{name}, {call} {turn}: {fault}")
                    print(faults[-1], file=sys.stderr, flush=True)
                elif turn % 5 == 0:
                    verify(folder, settings)
    print(f"{name}: killed at {kills} calls", flush=True)
    if kills == 0:
        faults.append(f"{name}: nothing was killed")


def verify(folder, settings):
    server = Server(folder, **settings)
    server.run("verify")
    server.stop()


def main():
    faults = []
    for engine in ENGINES:
        settings = {"YUELU_STORE__ENGINE": engine}
        tried(f"{engine}, first run", None, settings, None, faults)
        with tempfile.TemporaryDirectory() as folder:
            known = Known(folder, settings)
            tried(f"{engine}, later run", pathlib.Path(folder), settings, known, faults)
    print(f"{len(faults)} faults")
    return 1 if faults else 0


sys.exit(main())
