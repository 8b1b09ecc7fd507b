#!/usr/bin/env python3
"""Makes every package of the starter collection from the texts in content/.

python3 make.py            everything
python3 make.py NAME …     only these content files (a catalogue batch is made whole)
"""

import shutil
import sys

import broken
import listing
import packing
from source import ROOT, load_all


def fresh(path):
    if path.is_dir():
        shutil.rmtree(path)
    elif path.exists():
        path.unlink()
    path.parent.mkdir(parents=True, exist_ok=True)


def main(wanted):
    items = load_all()
    batches = {}
    for item in items.values():
        if item.get("batch"):
            batches.setdefault(item.meta["batch"], []).append(item)
    for name, item in items.items():
        if wanted and name not in wanted or item.get("batch"):
            continue
        print(name, flush=True)
        if item.get("returned"):
            target = ROOT / "returned" / name.removeprefix("returned-")
            fresh(target)
            broken.make(item, target)
        elif item.get("zip"):
            target = ROOT / "packages" / f"{name}.zip"
            fresh(target)
            packing.make_zip(item, target)
        else:
            target = ROOT / "packages" / name
            fresh(target)
            packing.make_folder(item, target)
    for name, members in batches.items():
        if wanted and name not in wanted and not any(m.name in wanted for m in members):
            continue
        print(name, flush=True)
        target = ROOT / "packages" / name
        fresh(target)
        packing.make_batch(name, sorted(members, key=lambda m: m.meta["id"]), target)
    listing.write(items)


if __name__ == "__main__":
    main(set(sys.argv[1:]))
