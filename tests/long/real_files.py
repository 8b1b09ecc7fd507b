"""Real files through the served program: whatever comes in ends in findings or a clean pass, never in a fault of ours.

Each file is deposited as a package of one work, a third of them again in batches of twenty-five, which must end as the single
ones did; each ZIP file also as the package itself. Demanded: deposits are answered 2xx, or 4xx as problem+json; every
submission leaves `submitted` and `checking` in time; no job is parked; the server's log holds no panic and no error; memory
stays bounded; the server still answers at the end, and `verify` is clean. Readers that gave a file up (crashed, or over
their time) are counted and named: that is a finding for the depositor, but often a defect of ours.

    YUELU_FILES          folder of files, searched to its bottom (required); what a file is taken for, its ending says
    YUELU_FILES_MOST     most files taken, spread over the folder (all)
    YUELU_FILES_SECONDS  seconds within which a deposit must end (180)
    YUELU_FILES_REPORT   file that gets a line of JSON for every file (none)
    YUELU_PROGRAM        the program (target/debug/yuelu)
"""

import collections
import concurrent.futures
import csv
import io
import json
import os
import pathlib
import sys
import tempfile
import time
import zipfile

from served import Server, check_log

SECONDS = float(os.environ.get("YUELU_FILES_SECONDS", "180"))
AT_ONCE = (os.cpu_count() or 2) + 1
BATCH = 25
# Most memory, in MB: of the server, and of all its children together (each may map 3 GB, a picture takes 400 MB).
MOST_SERVER, MOST_CHILDREN = 1_500, 4_000
KINDS = {
    "video": "mp4 m4v webm mkv mov avi wmv flv mpg 3gp ogv ts",
    "audio": "mp3 wav ogg m4a flac aac opus mka amr wma ape",
    "image": "png jpg jpeg gif tif tiff webp svg bmp heic avif",
    "slides": "ppt pptx ppsx pps pptm odp",
    "ebook": "epub",
}
KIND_OF = {ending: kind for kind, endings in KINDS.items() for ending in endings.split()}
CHINESE = {"video": "视频", "audio": "音频", "image": "图片", "slides": "课件", "ebook": "电子书", "document": "文档"}
TOLD = "本机构收藏的真实文件，用来检验各种来源的文件能否入库，供社区学习者自学使用。"
# What is found because the same file was deposited before.
AGAIN = ("PACKAGE-KNOWN", "PACKAGE-NEAR")
GAVE_UP = ("文件内容异常", "文件处理超过", "已中止")


def ending(path):
    return path.suffix.lower().lstrip(".") or "none"


def work_of(path):
    return KIND_OF.get(ending(path), "document")


def named(number, path):
    """A short name that keeps the ending, by which a type is claimed."""
    return f"files/{number:05d}.{ending(path)}"


def zipped(files):
    bytes_ = io.BytesIO()
    with zipfile.ZipFile(bytes_, "w") as archive:
        for name, content in files:
            archive.writestr(name, content)
    return bytes_.getvalue()


def single(number, path):
    manifest = f'''schema = "yuelu/1"
id = "REAL-{number}"
title = "真实文件第{number}号"
description = "{TOLD}"
kind = "{work_of(path)}"
category = "community"
subjects = ["digital-life"]
keywords = ["真实文件", "社区学习", "自学材料"]
audience = ["everyone"]
language = ["zh-CN"]
[[creators]]
name = "李秀英"
role = "author"
[rights]
licence = "CC-BY-4.0"
holder = "岳麓示范社区学院"
sharing = "free"
evidence = "本机构收藏，同意共享。"
[[files]]
path = "{named(number, path)}"
role = "master"
'''
    return zipped([("yuelu.toml", manifest), (named(number, path), path.read_bytes())])


def batch(numbered):
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow("编号 标题 简介 类型 类别 学科 关键词 适用对象 语种 责任者 许可 权利人 共享方式 授权依据 文件".split())
    for number, path in numbered:
        rows.writerow([f"BATCH-{number}", f"真实文件第{number}号", TOLD, CHINESE[work_of(path)], "community", "digital-life",
                       "真实文件；社区学习；自学材料", "everyone", "zh-CN", "李秀英（作者）", "CC-BY-4.0", "岳麓示范社区学院", "免费",
                       "本机构收藏，同意共享。", f"{named(number, path)}（主文件）"])
    return zipped([("catalogue.csv", text.getvalue())] + [(named(number, path), path.read_bytes()) for number, path in numbered])


class Run:
    """Deposits, and what came of them."""

    def __init__(self, server):
        self.server, self.faults = server, server.faults
        place = "/hunan/changsha/yuelu-college"
        self.contributor = server.user("contributor", "contributor", "--scope", place, "--institution", "岳麓示范社区学院")
        self.operator = server.user("operator", "platform", "--role", "administrator")

    def get(self, path, token=None):
        status, text = self.server.ask(token or self.contributor, path)
        return json.loads(text) if status == 200 else {}

    def deposit(self, package, what):
        """Gives the problem's code, or None with the submissions in full; waits until all are checked."""
        status, text = self.server.ask(self.contributor, "/api/v1/deposits?pledge=2026-1", package)
        if status >= 400:
            return json.loads(text or b"{}").get("code", str(status)), []
        deposit, until = json.loads(text)["id"], time.monotonic() + SECONDS
        while time.monotonic() < until:
            receipt = self.get(f"/api/v1/deposits/{deposit}")
            lines = self.get(f"/api/v1/submissions?deposit={deposit}&limit=100").get("items", [])
            busy = any(line["state"]["code"] in ("submitted", "checking") for line in lines)
            if receipt and receipt["state"]["code"] != "received" and not busy:
                found = receipt.get("findings") or [finding for row in receipt.get("rows", []) for finding in row.get("findings", [])]
                refused = found[0]["rule"] if found and not lines else None if lines else "nothing"
                return refused, [self.get(f"/api/v1/submissions/{line['id']}") for line in lines]
            time.sleep(0.05)
        self.faults.append(f"{what}: not checked within {SECONDS:.0f} s")
        return "hang", []

    def one(self, number, path):
        began = time.monotonic()
        refused, submissions = self.deposit(single(number, path), path)
        return told(path, refused, submissions[0] if submissions else {}, time.monotonic() - began)

    def whole(self, path):
        refused, submissions = self.deposit(path.read_bytes(), path)
        return "refused: " + refused if refused else f"{len(submissions)} submissions"

    def together(self, numbered):
        _, submissions = self.deposit(batch(numbered), f"a batch from {numbered[0][1]}")
        by_name = {submission["files"][0]["path"]: submission for submission in submissions}
        return {path: told(path, None, by_name.get(named(number, path), {}), 0) for number, path in numbered}


def told(path, refused, submission, seconds):
    """What a file came to: clean, should, must or refused, with the rules that fired, but for what comes of depositing it twice."""
    found = [finding for finding in submission.get("findings", []) if finding["rule"] not in AGAIN]
    worst = {finding["severity"] for finding in found}
    outcome = "refused" if refused or not submission else next((each for each in ("must", "should") if each in worst), "clean")
    facts = (submission.get("files") or [{}])[0].get("facts") or {}
    return {"file": str(path), "kind": ending(path), "outcome": outcome, "seconds": round(seconds, 2), "refused": refused,
            "findings": [[each["rule"], each["severity"], each["message"]] for each in found], "facts": facts}


def show(lines, packages, peak, faults):
    outcomes = ["clean", "should", "must", "refused"]
    table = collections.defaultdict(collections.Counter)
    for line in lines:
        table[line["kind"]][line["outcome"]] += 1
        table["all"][line["outcome"]] += 1
    print(f"{'kind':8}{'files':>7}" + "".join(f"{outcome:>9}" for outcome in outcomes))
    for kind in sorted(table, key=lambda kind: (kind == "all", kind)):
        print(f"{kind:8}{table[kind].total():7}" + "".join(f"{table[kind][outcome]:9}" for outcome in outcomes))
    print("rules:", dict(collections.Counter(f"{rule} {level}" for line in lines for rule, level, _ in line["findings"]).most_common()))
    print("ZIP files as packages:", dict(collections.Counter(packages).most_common()))
    gave_up = [line for line in lines if str(line["facts"].get("fault") or "").startswith(GAVE_UP) or "已中止" in str(line["facts"].get("fault"))]
    print(f"readers gave up on {len(gave_up)} files")
    for line in gave_up:
        print(f"  {line['file']}: {line['facts']['fault']}")
    print("slowest, in seconds from the deposit to the end of the checks:")
    for line in sorted(lines, key=lambda line: -line["seconds"])[:10]:
        print(f"  {line['seconds']:7.2f}  {line['file']} ({line['outcome']})")
    print(f"peak memory: server {peak['server']} MB, its children together {peak['children']} MB")
    for fault in faults:
        print("FAULT:", fault)


def main():
    folder = os.environ.get("YUELU_FILES") or sys.exit("YUELU_FILES must name a folder of files")
    files = sorted(path for path in pathlib.Path(folder).rglob("*") if path.is_file() and path.suffix != ".tsv")
    most = int(os.environ.get("YUELU_FILES_MOST", len(files)))
    files = list(enumerate(files[:: max(1, -(-len(files) // most))], 1))
    print(f"{len(files)} files, {AT_ONCE} deposits at once", flush=True)
    with tempfile.TemporaryDirectory() as work:
        server = Server(work)
        run, began = Run(server), time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            lines = list(pool.map(lambda each: run.one(*each), files))
            packages = list(pool.map(run.whole, [path for _, path in files if ending(path) == "zip"]))
            some = files[::3]
            batches = list(pool.map(run.together, [some[at : at + BATCH] for at in range(0, len(some), BATCH)]))
        alone = {line["file"]: line for line in lines}
        for line in (line for lines_ in batches for line in lines_.values()):
            before = alone[line["file"]]
            if line["outcome"] != before["outcome"]:
                server.faults.append(f"{line['file']}: {before['outcome']} alone, {line['outcome']} in a batch {line['findings']}")
        print(f"{len(lines)} files alone, {len(packages)} as packages, {len(some)} in batches: {time.monotonic() - began:.0f} s")
        if parked := run.get("/api/v1/jobs?parked=true&limit=100", run.operator).get("items", ["no answer"]):
            server.faults.append(f"parked jobs: {parked}")
        if not run.get("/api/v1/me"):
            server.faults.append("the server does not answer at the end")
        server.run("verify")
        server.stop()
        check_log(f"{work}/log", server.faults)
        for name, limit in (("server", MOST_SERVER), ("children", MOST_CHILDREN)):
            if server.peak[name] > limit:
                server.faults.append(f"memory of {name}: {server.peak[name]} MB, more than {limit}")
        if report := os.environ.get("YUELU_FILES_REPORT"):
            pathlib.Path(report).write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
        show(lines, packages, server.peak, server.faults)
        sys.exit(1 if server.faults else 0)


if __name__ == "__main__":
    main()
