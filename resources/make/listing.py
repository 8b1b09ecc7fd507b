"""Writes collection.toml (what is there and what should become of it) and events.jsonl (synthetic learners)."""

import datetime
import json
import random

import packing
from source import HERE, INSTITUTIONS, ROOT, load_toml

HEAD = """# The starter collection: what lies where, who deposits it, and what should become of it.
# Made by make/make.py. All institutions, people and opinions are invented.

schema = "yuelu-collection/1"
"""
CLUSTERS = {
    "elderly-digital": ["course-smartphone", "wechat-slides", "course-antifraud", "elders-medicine", "law-inheritance", "elders-hypertension"],
    "elderly-arts": ["elders-calligraphy", "elders-taiji", "elders-dance", "elders-papercut", "sangzhi-songs", "elders-hypertension", "elders-medicine"],
    "culture": ["nushu-reader", "nushu-cards", "tujia-brocade", "brocade-patterns", "maogusi", "dong-song", "miao-silver", "panwang-festival",
                "collection-xiangxi", "collection-dong", "sangzhi-songs", "link-ihchina"],
    "farming": ["farmers-rice-calendar", "farmers-rice-pests", "farmers-rice-fish", "farmers-pig-biosecurity", "farmers-machine-safety",
                "farmers-certificate", "course-camellia", "livestream"],
    "vocational": ["electrician-safety", "welder-safety", "forklift-n1", "video-extinguisher", "labour-law", "computer-basics", "credit-bank"],
    "care": ["infant-care", "housekeeping", "course-first-aid", "elders-hypertension", "grandparent-care", "hunan-dishes", "sign-language"],
    "family": ["parent-talk", "grandparent-care", "home-reading", "course-first-aid", "elders-papercut", "nushu-cards", "mandarin-hunan"],
    "study": ["computer-basics", "english-daily", "math-prep", "credit-bank", "mandarin-hunan", "link-moe", "livestream"],
    "community": ["garbage-sorting", "video-extinguisher", "course-first-aid", "course-antifraud", "law-inheritance", "labour-law", "hunan-dishes"],
    "access": ["sign-language", "braille-chart", "housekeeping", "mandarin-hunan", "course-smartphone"],
}
SHARES = {"elderly-digital": 26, "elderly-arts": 20, "culture": 24, "farming": 22, "vocational": 16, "care": 10, "family": 11,
          "study": 10, "community": 8, "access": 3}
HIDDEN = {"ritual-note", "teacher-casebook"}
END = datetime.datetime(2026, 11, 20, 22, 0, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))


def write(items):
    (ROOT / "collection.toml").write_text(collection(items), encoding="utf-8")
    (ROOT / "events.jsonl").write_text(events(items), encoding="utf-8")


def collection(items):
    lines = [HEAD]
    for row in INSTITUTIONS.values():
        lines += ["[[institutions]]", *(f"{k} = {packing.toml(row[k])}" for k in ("name", "path", "region")), ""]
    lines += ["[[groups]]", 'id = "tujia-elders"', 'name = "土家族长老组（演示）"', ""]
    batches, rows = {}, []
    for item in items.values():
        if item.get("batch"):
            batches.setdefault(item.meta["batch"], []).append(item)
        else:
            rows.append(([item], f"packages/{item.name}" + (".zip" if item.get("zip") else "")))
    rows += [(sorted(members, key=lambda m: m.meta["id"]), f"packages/{name}") for name, members in batches.items()]
    for members, path in sorted(rows, key=lambda r: (bool(r[0][0].get("returned")), r[1])):
        first = members[0]
        rule = first.get("returned")
        lines += ["[[packages]]", f'path = "{path.replace("packages/returned-", "returned/") if rule else path}"',
                  f"institution = {packing.toml(first.org['name'])}", f'organisation = "{first.org["path"]}"',
                  f"ids = {packing.toml([m.meta['id'] for m in members])}", f'outcome = "{"returned" if rule else "published"}"']
        if rule:
            lines.append(f'rule = "{rule}"')
        lines += [f'opinions = "{"culture" if first.get("culture") else first.meta["category"]}"', ""]
    lines.append("# Sentences for the demonstration's reviewers, by the name in `opinions`.")
    lines.append("[opinions]")
    for name, texts in load_toml(HERE / "opinions.toml")["opinions"].items():
        lines += [f"{name} = [", *(f"  {packing.toml(t)}," for t in texts), "]"]
    return "\n".join(lines) + "\n"


def events(items):
    rng = random.Random(20261120)
    known = {name for name, item in items.items() if not item.get("returned")} - HIDDEN
    for members in CLUSTERS.values():
        assert set(members) <= known, set(members) - known
    learners = [kind for kind, share in SHARES.items() for _ in range(share)]
    rows = []
    for number, kind in enumerate(learners, 1):
        learner = f"demo-{number:03}"
        second = rng.choice([k for k in CLUSTERS if k != kind])
        taste = {name: 1.0 / (1 + place * 0.12) for place, name in enumerate(CLUSTERS[kind])}
        for name in rng.sample(CLUSTERS[second], k=min(3, len(CLUSTERS[second]))):
            taste[name] = taste.get(name, 0) + 0.18
        for name in rng.sample(sorted(known), k=2):
            taste[name] = taste.get(name, 0) + 0.05
        start = END - datetime.timedelta(days=rng.uniform(8, 59))
        for _ in range(max(2, round(rng.gauss(6.2, 2.2)))):
            name = rng.choices(list(taste), list(taste.values()))[0]
            home = name in CLUSTERS[kind]
            day = start + (END - start) * rng.random()
            at = day.replace(hour=rng.choice([7, 8, 9, 10, 14, 15, 16, 19, 20, 20, 21]), minute=rng.randrange(60), second=rng.randrange(60), microsecond=0)
            rows += visit(rng, learner, items[name], min(at, END), home)
    rows.sort(key=lambda r: (r[0], r[1]["learner"]))
    lines = []
    for number, (at, row) in enumerate(rows, 1):
        row = {"id": f"demo-ev-{number:05}", **row, "at": at.isoformat(), "synthetic": True}
        lines.append(json.dumps({k: row[k] for k in ("id", "learner", "resource", "verb", "at", "value", "synthetic")}, ensure_ascii=False))
    return "\n".join(lines) + "\n"


def visit(rng, learner, item, at, home):
    """What one learner does with one resource in one sitting."""
    found = []

    def add(verb, minutes, value=None):
        found.append((at + datetime.timedelta(minutes=minutes),
                      {"learner": learner, "resource": item.meta["id"], "verb": verb, "value": value}))

    if rng.random() < 0.3:
        add("searched", 0)
    add("viewed", 0.5)
    if not home and rng.random() < 0.35:
        add("dismissed", 1)
        return found
    long = item.meta["kind"] in ("course", "video", "audio", "document", "ebook")
    if long and rng.random() < 0.85:
        done = rng.choice([0.1, 0.25, 0.5, 0.75, 1.0] if home else [0.05, 0.1, 0.3])
        add("progressed", 6, round(done * 0.5, 3))
        add("progressed", 14, done)
        if done == 1.0 or rng.random() < 0.12 and home:
            add("completed", 16)
    elif rng.random() < (0.4 if home else 0.12):
        add("completed", 4)
    if rng.random() < (0.22 if home else 0.05):
        add("favourited", 17)
    if rng.random() < (0.28 if home else 0.1):
        add("rated", 18, float(rng.choices([5, 4, 3, 2], [5, 4, 1.5, 0.3] if home else [1, 3, 3, 1])[0]))
    return found
