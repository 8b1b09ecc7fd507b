"""A start that is killed anywhere leaves a data directory that starts.

A server with works, events and a snapshot of them is killed with SIGKILL. Over copies of what it leaves, and over no directory at all,
the program is started under strace, which kills it as one of its threads makes its n-th call of a kind: for every n until a start comes
through, at most YUELU_MOST. Each time the program is then started as usual and must become ready and hold what was acknowledged, and
where it does, `yuelu verify` must find nothing.

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


def ready(server):
    """Whether it is ready; nothing once it has ended."""
    if server.process.poll() is not None:
        return None
    status, body = server.ask(None, "/readyz")
    return status == 200 and json.loads(body)["ready"]


def filled(folder, settings):
    """A directory with works and a learner's events; answers the learner's token."""
    server = Server(folder, **settings)
    admin = server.user("importer", "administrator", "--scope", "/")
    learner = server.user("li", "learner", "--scope", "/hunan")
    for part in range(0, WORKS, 10):
        rows = [{"id": f"w{number}", "title": f"书法第{number}讲", "institution": "学院"} for number in range(part, part + 10)]
        text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
        status, body = server.ask(admin, "/api/v1/imports?vetted_by=Board&source=lib", text, "application/x-ndjson")
        if status != 200:
            raise SystemExit(f"not taken over: {body}")
    for number in range(EVENTS):
        event = {"id": f"e{number}", "learner": "me", "resource": f"w{number}", "verb": "completed", "at": f"2026-01-01T08:00:{number:02}Z"}
        status, body = server.ask(learner, "/api/v1/events", json.dumps([event]).encode(), "application/json")
        if status != 200:
            raise SystemExit(f"not taken in: {body}")
    server.stop()
    # What a clean end writes is there; then something that only the logs hold.
    server = Server(folder, **settings)
    more = json.dumps({"id": "last", "title": "书法末讲", "institution": "学院"}, ensure_ascii=False).encode()
    server.ask(admin, "/api/v1/imports?vetted_by=Board&source=lib", more, "application/x-ndjson")
    server.stop(signal.SIGKILL)
    return learner


def lacks(server, learner):
    """What the started server does not hold; nothing where all is there."""
    if not until(lambda: ready(server) is not False) or not ready(server):
        return "is not ready"
    if learner is None:
        return None

    def found():
        status, body = server.ask(None, "/api/v1/search?q=%E4%B9%A6%E6%B3%95&limit=1")
        return status == 200 and json.loads(body)["total"] == WORKS + 1

    if not until(found):
        return "does not find all works"
    status, body = server.ask(learner, "/api/v1/learners/me/history?limit=100")
    known = len(json.loads(body)["items"]) if status == 200 else 0
    return None if known == EVENTS else f"knows {known} of {EVENTS} events"


def killed(folder, settings, call, turn):
    """Whether a start was killed at this call."""
    inject = ["strace", "-D", "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={turn}"]
    try:
        server = Server(folder, inject, **settings)
    except Ended:
        return True
    until(lambda: ready(server) is not False)
    ended = server.process.poll() is not None
    server.stop(signal.SIGTERM)
    return ended


def tried(name, template, settings, learner, faults):
    """Kills starts over copies of a directory; tells how many."""
    kills = 0
    for call in CALLS:
        for turn in range(1, MOST + 1):
            with tempfile.TemporaryDirectory() as folder:
                if template is not None:
                    shutil.copytree(template / "data", pathlib.Path(folder) / "data", ignore=shutil.ignore_patterns("*.sock"))
                if not killed(folder, settings, call, turn):
                    break
                kills += 1
                where = f"{name}, {call} {turn}"
                try:
                    server = Server(folder, **settings)
                except Ended as why:
                    faults.append(f"{where}: does not start: {why}")
                    print(faults[-1], file=sys.stderr, flush=True)
                    continue
                missing = lacks(server, learner)
                server.stop()
                if missing is not None:
                    faults.append(f"{where}: {missing}")
                    print(faults[-1], file=sys.stderr, flush=True)
                elif turn % 5 == 0:
                    server.run("verify")
    print(f"{name}: killed at {kills} calls", flush=True)


def main():
    faults = []
    for engine in ENGINES:
        settings = {"YUELU_STORE__ENGINE": engine}
        tried(f"{engine}, a first start", None, settings, None, faults)
        with tempfile.TemporaryDirectory() as folder:
            learner = filled(folder, settings)
            tried(f"{engine}, a later start", pathlib.Path(folder), settings, learner, faults)
    print(f"{len(faults)} faults")
    return 1 if faults else 0


sys.exit(main())
