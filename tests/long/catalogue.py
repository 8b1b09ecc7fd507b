"""A large catalogue through the served program: deposit, checks, one stamped pledge, reviews, decisions by form, search.

Each row has a document of its own, of text made from its number. Demanded: every row becomes a submission of its own, passes the
checks, is approved by the one pledge, reviewed, decided, published and found, within a second of the answer that it is published;
no answer is 5xx, nothing is parked, the log holds no error, memory stays bounded, `verify` is clean. Told: seconds, rows a second and
processors busy of each stage, the slowest answers, how soon publications are found, memory.

    YUELU_ROWS           rows (5000)
    YUELU_REVIEWERS      reviewers at work at once (4)
    YUELU_DECISIONS      works decided a second (200); 0 as fast as it goes, and then nothing is demanded of how soon they are found
"""

import concurrent.futures
import csv
import io
import json
import os
import random
import sys
import tempfile
import threading
import time
import zipfile

from served import Server, check_log

ROWS = int(os.environ.get("YUELU_ROWS", "5000"))
REVIEWERS = int(os.environ.get("YUELU_REVIEWERS", "4"))
DECISIONS = int(os.environ.get("YUELU_DECISIONS", "200"))
# Seconds from an answer that works are published until they are found.
FOUND_WITHIN = 1.0
PLACE, COLLEGE = "/hunan/changsha/yuelu-college", "岳麓示范社区学院"
# Most memory, in MB, of the server and of its children together.
MOST_SERVER, MOST_CHILDREN = 1_500, 1_500


def vocabulary():
    """Words of the field, frequent ones first, behind them names of two or three characters that no dictionary knows."""
    terms = [line.split()[0] for line in open("index/dictionary.txt") if line.strip() and not line.startswith("#")]
    letters = random.Random(0)
    names = ["".join(chr(letters.randint(0x4E00, 0x5E00)) for _ in range(letters.randint(2, 3))) for _ in range(20_000)]
    words = terms + names
    return words, [1 / (place + 10) for place in range(len(words))]


WORDS, WEIGHTS = vocabulary()


def prose(number):
    """About 900 characters, a fifth of them the same in all works, as forms have it."""
    return draw(0, 60) + "。" + draw(number, 240)


def draw(seed, count):
    """Words with a small one between each two, so that no two make a word that the checks look for."""
    drawn = random.Random(seed)
    return "".join(word + drawn.choice("的和在是了与") for word in drawn.choices(WORDS, WEIGHTS, k=count))


def package():
    text, files = io.StringIO(), io.BytesIO()
    rows = csv.writer(text)
    rows.writerow("编号 标题 简介 类型 类别 学科 关键词 适用对象 语种 责任者 许可 权利人 共享方式 授权依据 文件".split())
    with zipfile.ZipFile(files, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(1, ROWS + 1):
            rows.writerow([f"LOT-{number:05}", f"社区学习读本第{number}册", f"第{number}册读本，介绍社区生活的基本知识与练习方法，供居民自学使用。",
                           "文档", "community", "digital-life", "社区学习；读本；自学材料", "everyone", "zh-CN", "李秀英（作者）", "CC-BY-4.0",
                           COLLEGE, "免费", "本机构编写，同意共享。", f"texts/{number:05}.txt（主文件）"])
            archive.writestr(f"texts/{number:05}.txt", prose(number))
        archive.writestr("catalogue.csv", text.getvalue())
    return files.getvalue()


class Lot:
    """The deposit and those who have to do with it."""

    def __init__(self, server):
        self.server, self.slowest, self.lock = server, {}, threading.Lock()
        of_college = ("--scope", PLACE, "--institution", COLLEGE)
        self.contributor = server.user("contributor", "contributor", *of_college)
        self.second = server.user("second", "manager", *of_college)
        self.reviewers = [server.user(f"reviewer{place}", "reviewer") for place in range(REVIEWERS)]
        self.approver = server.user("approver", "committee")
        self.editor = server.user("editor", "editor", "--role", "administrator")

    def ask(self, token, path, body=None, form="application/json", name=None):
        began = time.monotonic()
        text_of = json.dumps(body).encode() if form == "application/json" and body is not None else body
        status, text = self.server.ask(token, path, text_of, form)
        took, name = time.monotonic() - began, name or path.split("?")[0]
        with self.lock:
            self.slowest[name] = max(self.slowest.get(name, 0), took)
        if status >= 400:
            raise SystemExit(f"{path}: {status} {text[:400].decode(errors='replace')}")
        return json.loads(text) if text and "csv" not in path and "html" not in path and "xlsx" not in path else text

    def of_state(self, state):
        """Ids of the deposit's submissions in this state."""
        ids, cursor = [], ""
        while True:
            page = self.ask(self.editor, f"/api/v1/submissions?deposit={self.id}&state={state}&limit=100{cursor}", name="a page of submissions")
            ids += [line["id"] for line in page["items"]]
            if not page.get("next"):
                return ids
            cursor = f"&cursor={page['next']}"

    def until(self, what, done, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if done():
                return
            time.sleep(0.5)
        raise SystemExit(f"{what}: not within {seconds} s")

    def deposit(self, bytes_):
        self.id = self.ask(self.contributor, "/api/v1/deposits?pledge=2026-1", bytes_, "application/zip")["id"]

    def unpacked(self):
        receipt = self.ask(self.contributor, f"/api/v1/deposits/{self.id}?limit=1", name="a deposit's state")
        return receipt["state"]["code"] != "received"

    def is_over(self, *states):
        """Whether nothing of the deposit is in these states any more: a page may be empty and not the last."""
        for state in states:
            page = self.ask(self.editor, f"/api/v1/submissions?deposit={self.id}&state={state}&limit=1", name="a page of one")
            if page["items"] or page.get("next"):
                return False
        return True

    def checked(self):
        return self.is_over("submitted", "checking")

    def read(self):
        """What the institution reads in the meantime."""
        self.ask(self.contributor, f"/api/v1/deposits/{self.id}?limit=100", name="a page of the receipt")
        for form in ("json", "csv", "xlsx"):
            self.ask(self.contributor, f"/api/v1/deposits/{self.id}/findings?format={form}", name=f"all findings as {form}")
        self.ask(self.second, f"/api/v1/deposits/{self.id}/pledge.html", name="the pledge to print")

    def stamp(self):
        sheet = self.ask(self.second, f"/api/v1/deposits/{self.id}/pledge", name="the pledge's list")
        confirmed = ",".join(item["code"] for item in sheet["self_review"])
        path = f"/api/v1/deposits/{self.id}/stamped-pledges?list={sheet['list']}&confirmed={confirmed}"
        self.ask(self.second, path, b"%PDF-1.7 stamped", "application/pdf", "stamping the pledge")
        return len(sheet["works"])

    def approved(self):
        return self.is_over("approval")

    def review(self, token, ids):
        for id_ in ids:
            self.ask(token, f"/api/v1/reviews/{id_}/claim", {}, name="a claim")
            self.ask(token, f"/api/v1/reviews/{id_}/opinion", {"verdict": "pass", "text": "内容完整，同意。"}, name="an opinion")

    def decide(self, ids):
        """Decides in forms, paced where that is asked, and tells how soon each form's works are found."""
        size = DECISIONS // 4 or 500
        answered, began = [], time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            seen = pool.submit(self.watch_found, len(ids))
            for at in range(0, len(ids), size):
                if DECISIONS:
                    time.sleep(max(0, began + at / DECISIONS - time.monotonic()))
                self.decide_form(ids[at : at + size])
                answered.append((at + len(ids[at : at + size]), time.monotonic()))
            took = time.monotonic() - began
            seen = seen.result()
        lags = sorted(next(at for total, at in seen if total >= count) - when for count, when in answered)
        print(f"{len(ids) / took:.0f} decisions/s; found after the answer: median {max(0, lags[len(lags) // 2]):.2f} s, longest {max(0, lags[-1]):.2f} s")
        if DECISIONS and lags[-1] > FOUND_WITHIN:
            self.server.faults.append(f"found only {lags[-1]:.2f} s after the answer")

    def decide_form(self, ids):
        form = {"verdict": "pass", "reason": "", "items": [{"id": id_} for id_ in ids]}
        answer = self.ask(self.approver, "/api/v1/reviews/decisions", form, name="a form of decisions")
        lines = answer.get("items", answer) if isinstance(answer, dict) else answer
        if not all(line["done"] for line in lines):
            raise SystemExit(f"not decided: {next(line for line in lines if not line['done'])}")

    def watch_found(self, wanted):
        """How many are found, and when, until all are."""
        seen, end = [], time.monotonic() + 600
        while not seen or seen[-1][0] < wanted:
            seen.append((self.total(), time.monotonic()))
            if time.monotonic() > end:
                raise SystemExit(f"{seen[-1][0]} of {wanted} are found")
            time.sleep(0.05)
        return seen

    def reports(self):
        for path in ("reviews/workload", "reviews/agreement", "reviews"):
            self.ask(self.reviewers[0] if path == "reviews" else self.editor, f"/api/v1/{path}")

    def total(self):
        answer = self.ask(self.editor, "/api/v1/search?q=%E7%A4%BE%E5%8C%BA%E5%AD%A6%E4%B9%A0%E8%AF%BB%E6%9C%AC&limit=1", name="a search")
        return answer["total"]["value"]


class Stages:
    """Tells how long each stage took."""

    def __init__(self, server):
        self.server = server

    def run(self, name, work):
        for each in self.server.peak:
            self.server.peak[each] = 0
        began, cpu = time.monotonic(), self.server.cpu()
        answer = work()
        took, peak = time.monotonic() - began, self.server.peak
        busy = (self.server.cpu() - cpu) / took
        print(f"{name:20}{took:9.1f} s{ROWS / took:10.1f} rows/s{busy:8.2f} processors   server {peak['server']} MB, children {peak['children']} MB", flush=True)
        for each, limit in (("server", MOST_SERVER), ("children", MOST_CHILDREN)):
            if peak[each] > limit:
                self.server.faults.append(f"{name}: memory of {each} {peak[each]} MB, more than {limit}")
        return answer


def main():
    bytes_ = package()
    print(f"{ROWS} rows, {len(bytes_) >> 20} MB", flush=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work:
        server = Server(work)
        lot, stages = Lot(server), Stages(server)
        stages.run("deposit", lambda: lot.deposit(bytes_))
        stages.run("unpacking", lambda: lot.until("unpacking", lot.unpacked, 3_600))
        stages.run("checks", lambda: lot.until("checks", lot.checked, 7_200))
        stages.run("reading findings", lot.read)
        listed = stages.run("stamping", lot.stamp)
        if listed != ROWS:
            raise SystemExit(f"{listed} of {ROWS} wait for approval")
        stages.run("approval", lambda: lot.until("approval", lot.approved, 3_600))
        ids = lot.of_state("review")
        if len(ids) != ROWS:
            raise SystemExit(f"{len(ids)} of {ROWS} wait for review")
        with concurrent.futures.ThreadPoolExecutor(REVIEWERS) as pool:
            stages.run("reviews", lambda: list(pool.map(lot.review, lot.reviewers, [ids[at::REVIEWERS] for at in range(REVIEWERS)])))
        stages.run("decisions", lambda: lot.decide(lot.of_state("final")))
        stages.run("reports", lot.reports)
        if len(lot.of_state("published")) != ROWS:
            server.faults.append("not everything is published")
        if parked := lot.ask(lot.editor, "/api/v1/jobs?parked=true&limit=100", name="jobs")["items"]:
            server.faults.append(f"parked jobs: {parked}")
        server.run("verify")
        server.stop()
        check_log(f"{work}/log", server.faults)
        print("slowest answers:")
        for name, took in sorted(lot.slowest.items(), key=lambda each: -each[1])[:20]:
            print(f"  {took:7.2f} s  {name}")
        for fault in server.faults:
            print("FAULT:", fault)
        sys.exit(1 if server.faults else 0)


if __name__ == "__main__":
    main()
