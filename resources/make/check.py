#!/usr/bin/env python3
"""Looks at every made package: manifests, formats, subtitles, sizes. Prints what is wrong; exit code 1 if anything is."""

import csv
import io
import json
import pathlib
import re
import subprocess
import sys
import tomllib
import zipfile

import docx
import openpyxl
import pptx
from PIL import Image

from source import ROOT, load_all

wrong = []


def say(path, text):
    wrong.append(f"{path}: {text}")


def probe(path):
    run = subprocess.run(["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", path], capture_output=True, text=True)
    return json.loads(run.stdout or "{}") if run.returncode == 0 else None


def check_film(path):
    facts = probe(path)
    if not facts:
        return say(path, "cannot be opened")
    video = next(s for s in facts["streams"] if s["codec_type"] == "video")
    audio = next(s for s in facts["streams"] if s["codec_type"] == "audio")
    seconds = float(facts["format"]["duration"])
    for ok, text in ((video["codec_name"] == "h264" and video["profile"] == "High", "codec"), (video["pix_fmt"] == "yuv420p", "pixel format"),
                     ((video["width"], video["height"]) == (1280, 720), "size"), (video["r_frame_rate"] == "25/1", "frame rate"),
                     (audio["codec_name"] == "aac" and audio["sample_rate"] == "48000" and audio["channels"] == 2, "sound"),
                     (int(audio["bit_rate"]) >= 128000, f"sound {audio['bit_rate']} bit/s"),
                     (abs(float(video["duration"]) - float(audio["duration"])) <= 0.2, "sound and picture differ in length"),
                     (40 <= seconds <= 100 or "returned" in str(path), f"{seconds} s"), ("AIGC" in facts["format"]["tags"]["comment"], "implicit mark"),
                     (path.read_bytes().find(b"moov") < path.read_bytes().find(b"mdat"), "not faststart")):
        if not ok:
            say(path, text)


def check_subtitles(path):
    last = 0.0
    for cue in path.read_text(encoding="utf-8").strip().split("\n\n"):
        number, times, *lines = cue.split("\n")
        start, end = (sum(float(v) * k for v, k in zip(t.replace(",", ".").split(":"), (3600, 60, 1))) for t in times.split(" --> "))
        if start < last - 1e-6 or not 1 <= end - start <= 7 or any(len(x) > 20 for x in lines):
            return say(path, f"cue {number}")
        last = end


def check_file(path):
    kind = path.suffix.lower()
    try:
        if kind == ".mp4":
            check_film(path)
        elif kind == ".mp3":
            facts = probe(path)["streams"][0]
            if facts["sample_rate"] != "48000" or int(facts["bit_rate"]) < 64000:
                say(path, "sound")
        elif kind == ".srt":
            check_subtitles(path)
        elif kind == ".pdf":
            text = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout
            if len(re.findall("[\u4e00-\u9fff]", text)) < 200:
                say(path, "little text")
            if "女书识读" in path.name and "𛆁𛈬" not in text:
                say(path, "no Nüshu in the text layer")
        elif kind == ".docx":
            docx.Document(path)
        elif kind == ".pptx":
            pptx.Presentation(path)
        elif kind == ".xlsx":
            openpyxl.load_workbook(path)
        elif kind == ".epub":
            names = zipfile.ZipFile(path).namelist()
            if names[0] != "mimetype":
                say(path, "mimetype is not first")
        elif kind in (".jpg", ".png", ".webp"):
            with Image.open(path) as image:
                image.load()
                if min(image.size) < 720:
                    say(path, f"small {image.size}")
        elif kind in (".html", ".txt", ".toml"):
            path.read_text(encoding="utf-8")
    except Exception as error:
        say(path, repr(error))


def check_manifest(folder):
    manifest = tomllib.loads((folder / "yuelu.toml").read_text(encoding="utf-8"))
    named = {f["path"] for f in manifest.get("files", [])}
    present = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} - {"yuelu.toml"}
    if named != present:
        say(folder, f"files differ: {named ^ present}")
    for lesson in manifest.get("lessons", []):
        if not set(lesson["files"]) <= named:
            say(folder, "lesson names unknown files")


def main():
    items = load_all()
    for item in items.values():
        length = len(item.description)
        if not 60 <= length <= 300 or not 3 <= len(item.meta["keywords"]) <= 8:
            say(item.name, f"description {length} characters, {len(item.meta['keywords'])} keywords")
    for path in sorted(p for p in ROOT.rglob("*") if p.is_file() and "make" not in p.parts):
        if len(path.name.encode()) > 200:
            say(path, "long name")
        check_file(path)
    for path in sorted(ROOT.glob("*/*/yuelu.toml")):
        check_manifest(path.parent)
    for path in ROOT.glob("packages/*.zip"):
        for info in zipfile.ZipFile(path).infolist():
            name = info.filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437").decode("utf-8" if info.flag_bits & 0x800 else "gbk")
            if info.flag_bits & 0x800 and not info.filename.isascii():
                say(path, f"{name} has the UTF-8 flag")
    for path in ROOT.glob("packages/*/catalogue.csv"):
        rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode("gb18030"))))
        check_rows(path, rows)
    for path in ROOT.glob("packages/*/catalogue.xlsx"):
        head, *rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
        check_rows(path, [dict(zip(head, (v or "" for v in row))) for row in rows])
    size = sum(p.stat().st_size for folder in ("packages", "returned") for p in (ROOT / folder).rglob("*") if p.is_file())
    print(f"{sum(not i.get('returned') for i in items.values())} publishable resources, {size / 1e6:.1f} MB")
    print("\n".join(wrong) or "nothing wrong")
    expected = {"video/01_红薯窖藏不烂的办法.mp4", "subtitle/01_楼道电动车充电的危险.srt", "练习题.pdf"}
    surprises = [w for w in wrong if not any(e in w for e in expected)]
    return 1 if surprises else 0


def check_rows(path, rows):
    named = set()
    for row in rows:
        named |= {re.sub("（[^（）]*）$", "", f) for f in row["文件"].split("；")} | {row["封面"]}
    present = {p.relative_to(path.parent).as_posix() for p in path.parent.rglob("*") if p.is_file()} - {path.name}
    if named != present:
        say(path, f"files differ: {named ^ present}")


if __name__ == "__main__":
    sys.exit(main())
