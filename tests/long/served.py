"""The served program over a data directory, with its memory watched; for the long runs beside this file.

    YUELU_PROGRAM        the program (target/debug/yuelu)
"""

import json
import os
import pathlib
import signal
import subprocess
import threading
import urllib.error
import urllib.request

PROGRAM = os.environ.get("YUELU_PROGRAM", "target/debug/yuelu")


class Ended(Exception):
    """The program ended before it answered, with this code and these last words."""

    def __init__(self, code, words):
        super().__init__(f"{code}: {words}")
        self.code = code


class Server:
    """The served program over the data directory in a folder, with its memory watched; `before` is a command to run it under."""

    def __init__(self, folder, before=(), **settings):
        self.folder, self.faults = folder, []
        self.peak = {"server": 0, "children": 0}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("YUELU_")}
        self.env = {**kept, "YUELU_LIMITS__REQUESTS_PER_MINUTE": "0", "XDG_STATE_HOME": f"{folder}/state", **settings}
        self.log = open(f"{folder}/log", "wb")
        serve = [*before, PROGRAM, "--data-dir", f"{folder}/data", "--json", "serve", "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=self.log, env=self.env)
        told = self.process.stdout.readline()
        if not told:
            self.log.close()
            raise Ended(self.process.wait(), open(f"{folder}/log", errors="replace").read()[-600:])
        self.base = json.loads(told)["address"]
        self.ended = threading.Event()
        self.watch = threading.Thread(target=self.watch_memory, daemon=True)
        self.watch.start()

    def run(self, *words):
        done = subprocess.run([PROGRAM, "--data-dir", f"{self.folder}/data", "--json", *words], env=self.env, capture_output=True)
        if done.returncode:
            raise SystemExit(f"{words}: {done.stdout.decode()}{done.stderr.decode()}")
        return done.stdout

    def user(self, name, role, *more):
        return json.loads(self.run("user", "add", name, "--role", role, *more))["token"]

    def watch_memory(self):
        while not self.ended.wait(0.03):
            own, children = memory(self.process.pid)
            self.peak["server"] = max(self.peak["server"], own)
            self.peak["children"] = max(self.peak["children"], children)

    def cpu(self):
        """Seconds of processor time so far, of the server and of the children that ended."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")

    def ask(self, token, path, body=None, form="application/zip"):
        """Status and body, asked with a token or as a visitor; a 5xx or no answer at all is noted as a fault of ours."""
        headers = {"content-type": form, **({"authorization": f"Bearer {token}"} if token else {})}
        request = urllib.request.Request(self.base + path, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                status, form, text = answer.status, answer.headers["content-type"], answer.read()
        except urllib.error.HTTPError as refused:
            status, form, text = refused.code, refused.headers["content-type"], refused.read()
        except OSError as error:
            status, form, text = 599, "", str(error).encode()
        if status >= 500 or (status >= 400 and form != "application/problem+json"):
            self.faults.append(f"{path}: {status} {form} {text[:300]!r}")
        return status, text

    def stop(self, how=signal.SIGTERM):
        self.ended.set()
        self.process.send_signal(how)
        self.process.wait(60)
        self.log.close()


def memory(root):
    """Resident memory of a process and of everything below it, in MB."""
    sizes, parents = {}, {}
    for folder in pathlib.Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents[int(folder.name)], sizes[int(folder.name)] = int(fields[1]), int(fields[21]) * os.sysconf("SC_PAGE_SIZE") >> 20
    below, more = set(), {root}
    while more:
        below |= more
        more = {child for child, parent in parents.items() if parent in more} - below
    return sizes.get(root, 0), sum(sizes.get(child, 0) for child in below - {root})


def check_log(path, faults):
    """Notes panics and errors that the server logged."""
    for line in open(path, errors="replace"):
        if "panicked" in line or "ERROR" in line or '"level":"error"' in line.lower():
            faults.append(f"log: {line.strip()[:400]}")
