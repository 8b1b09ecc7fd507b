"""Reads the content texts: TOML front matter between +++ lines, then a small Markdown."""

import pathlib
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent


def load_toml(path):
    return tomllib.loads(path.read_text(encoding="utf-8"))


INSTITUTIONS = load_toml(HERE / "institutions.toml")["institutions"]


class Item:
    """One resource: its metadata and its text."""

    def __init__(self, path):
        text = path.read_text(encoding="utf-8")
        _, head, body = text.split("+++\n", 2)
        self.name = path.stem
        self.meta = tomllib.loads(head)
        self.body = body.strip() + "\n"
        self.org = INSTITUTIONS[self.meta["org"]]
        for key in ("id", "title", "description", "kind", "category", "keywords", "format"):
            if key not in self.meta:
                raise SystemExit(f"{path.name}: {key} is missing")

    def get(self, key, default=None):
        return self.meta.get(key, default)

    @property
    def title(self):
        return plain(self.meta["title"])

    @property
    def description(self):
        return plain(self.meta["description"])

    @property
    def file(self):
        return self.meta.get("file") or f"{self.title.split('：')[0]}.{self.meta['format']}"

    @property
    def creators(self):
        found = []
        for line in self.meta["creators"]:
            name, role, *organisation = line.split("|")
            found.append({"name": name, "role": role, "organisation": organisation[0] if organisation else None})
        return found

    @property
    def blocks(self):
        return parse(self.body)


def plain(value):
    """The Chinese text of a string or a language map."""
    return value if isinstance(value, str) else value["zh-CN"]


def load_all():
    return {p.stem: Item(p) for p in sorted((HERE / "content").glob("*.md"))}


def parse(body):
    """Blocks: (h1|h2|h3|p|quote, text), (ul|ol, [items]), (table, [rows]), (rule, None)."""
    blocks = []

    def add(kind, item):
        if blocks and blocks[-1][0] == kind and kind in ("ul", "ol", "table"):
            blocks[-1][1].append(item)
        else:
            blocks.append((kind, [item]))

    for line in body.split("\n"):
        line = line.rstrip()
        if not line:
            blocks.append(("gap", None))
        elif line.startswith("### "):
            blocks.append(("h3", line[4:]))
        elif line.startswith("## "):
            blocks.append(("h2", line[3:]))
        elif line.startswith("# "):
            blocks.append(("h1", line[2:]))
        elif line == "---":
            blocks.append(("rule", None))
        elif line.startswith("- "):
            add("ul", line[2:])
        elif line.startswith("> "):
            blocks.append(("quote", line[2:]))
        elif line.startswith("|"):
            cells = [c.strip() for c in line.strip("|").split("|")]
            if not all(set(c) <= set("-: ") for c in cells):
                add("table", cells)
        elif line.split(". ", 1)[0].isdigit() and ". " in line:
            add("ol", line.split(". ", 1)[1])
        else:
            blocks.append(("p", line))
    return [b for b in blocks if b[0] != "gap"]
