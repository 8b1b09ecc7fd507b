"""How soon lists follow the catalogue, through the served program.

Works are taken over one by one while learners have a history, and retired one by one. Demanded: each is recommended to a learner and
to a visitor by its content alone, and from the moment on that it is gone from one list it is in none of any kind. Told, in
milliseconds from the answer to the change: median and worst until the learner's and the visitor's lists hold it, and until no list of
any kind does, with the time of the looks in it; how often the first look sufficed; and what a list takes by itself.

    YUELU_WORKS          works (50)
"""

import json
import os
import statistics
import sys
import tempfile
import time

from served import Server

WORKS = int(os.environ.get("YUELU_WORKS", "50"))
# Works and learners that are there before.
CATALOGUE, LEARNERS = 400, 40
# Seconds after which a list is held to follow no more.
PATIENCE = 30.0
KINDS = ["for-you", "continue", "next-in-course", "because-you-finished", "like-this", "learners-also-took", "new-in-your-subjects",
         "trending-nearby", "for-your-circle"]
SUBJECTS = ["书法", "舞蹈", "园艺", "烹饪", "摄影"]


def row(number, subject, **more):
    return {"id": f"w{number}", "title": f"{subject}第{number}讲", "institution": f"学院{number % 17}", "subjects": [subject], **more}


def take_over(server, admin, rows):
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
    status, body = server.ask(admin, "/api/v1/imports?vetted_by=Board&source=lib", text, "application/x-ndjson")
    done = json.loads(body)
    if status != 200 or done["created"] != len(rows):
        raise SystemExit(f"not taken over: {status} {done}")
    return time.perf_counter()


def history(server, token, learner):
    works = [number for number in range(learner % 5, CATALOGUE, 5)][learner::7][:12]
    day = "2026-01-01T08:00:{:02}Z"
    events = [{"id": f"e{number}", "learner": "me", "resource": f"w{number}", "verb": "completed", "at": day.format(at), "region": "430104"}
              for at, number in enumerate(works)]
    status, body = server.ask(token, "/api/v1/events", json.dumps(events).encode(), "application/json")
    if status != 200:
        raise SystemExit(f"events: {status} {body}")


def list_of(server, token, kind, more=""):
    status, body = server.ask(token, f"/api/v1/learners/me/recommendations/{kind}?limit=100&region=430104{more}")
    return json.loads(body) if status == 200 else {"items": []}


def holds(found, work):
    return any(work in (item["id"], item["reason"].get("resource")) for item in found["items"])


def until(met, since):
    """Milliseconds from `since` until something is so, and how many looks it took."""
    looks = 1
    while not met():
        looks += 1
        if time.perf_counter() - since > PATIENCE:
            raise SystemExit(f"not within {PATIENCE} s")
    return (time.perf_counter() - since) * 1000, looks


def told(name, took):
    times, looks = zip(*took)
    first = sum(look == 1 for look in looks)
    print(f"{name}: median {statistics.median(times):.0f} ms, worst {max(times):.0f} ms of {len(times)}; {first} at the first look")


def main():
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder)
        admin = server.user("importer", "administrator", "--scope", "/")
        take_over(server, admin, [row(number, SUBJECTS[number % 5], published="2020-01-01") for number in range(CATALOGUE)])
        tokens = [server.user(f"learner{number}", "learner", "--scope", "/hunan") for number in range(LEARNERS)]
        for number, token in enumerate(tokens):
            history(server, token, number)
        learner, faults = tokens[0], []
        by_learner, by_visitor, gone, plain = [], [], [], []
        for number in range(CATALOGUE, CATALOGUE + WORKS):
            work = f"w{number}"
            since = take_over(server, admin, [row(number, SUBJECTS[0])])
            by_learner.append(until(lambda: holds(list_of(server, learner, "for-you"), work), since))
            by_visitor.append(until(lambda: holds(list_of(server, None, "for-you"), work), since))
        for number in range(CATALOGUE, CATALOGUE + WORKS):
            work = f"w{number}"
            body = json.dumps({"action": "retire", "reason": "到期"}).encode()
            status, answer = server.ask(admin, f"/api/v1/resources/{work}/state", body, "application/json")
            since = time.perf_counter()
            if status != 200:
                raise SystemExit(f"not retired: {status} {answer}")
            gone.append(until(lambda: not holds(list_of(server, learner, "for-you"), work), since))
            for kind in KINDS:
                for token in (learner, None):
                    if holds(list_of(server, token, kind), work) or holds(list_of(server, token, kind, "&viewed=w0"), work):
                        faults.append(f"{work} is in {kind} after it was gone from another list")
            plain.append(until(lambda: list_of(server, learner, "for-you"), time.perf_counter()))
        server.stop()
        told("published, in a learner's list", by_learner)
        told("published, in a visitor's list", by_visitor)
        told("retired, in no list of any kind", gone)
        told("beside them, a list by itself", plain)
        faults += server.faults
        for fault in faults:
            print(fault, file=sys.stderr)
        return 1 if faults else 0


sys.exit(main())
