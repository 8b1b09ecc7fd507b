"""Packs one resource, one ZIP or one catalogue batch: its files, then its manifest."""

import csv
import io
import pathlib
import tempfile
import zipfile

import openpyxl

import documents
import drawing
import pictures
import sound

THEME_OF = {"elderly": "elderly", "community": "community", "farmers": "farmers", "vocational": "vocational",
            "special": "special", "continuing": "continuing", "family": "family"}
KINDS = {"course": "课程", "video": "视频", "audio": "音频", "document": "文档", "slides": "课件", "ebook": "电子书",
         "image": "图片", "page": "网页", "collection": "合集", "link": "链接"}
CATEGORIES = {"vocational": "职业技能", "elderly": "老年", "community": "社区", "special": "特殊群体",
              "continuing": "学历继续教育", "farmers": "农民", "family": "家庭教育"}
SHARINGS = {"free": "免费", "registered": "注册", "paid": "付费", "restricted": "受限"}
ROLES = {"author": "作者", "presenter": "讲授", "editor": "编辑", "illustrator": "绘图"}


def theme_of(item):
    return item.get("theme") or ("culture" if item.get("culture") else THEME_OF[item.meta["category"]])


# Files of a resource ---------------------------------------------------------------------------------------------

class Files:
    """What one resource puts into its package: paths with role and title, and its lessons."""

    def __init__(self, folder, prefix=""):
        self.folder, self.prefix, self.rows, self.lessons = folder, prefix, [], []

    def path(self, name, role="master", title=None):
        self.rows.append((self.prefix + name, role, title))
        target = self.folder / (self.prefix + name)
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def put(self, name, data, role="master", title=None):
        self.path(name, role, title).write_bytes(data)
        return self.prefix + name


def lessons_of(item):
    """[(title, [(slide title, bullets, cues)])]"""
    lessons = []
    for kind, value in item.blocks:
        if kind == "h1":
            lessons.append((value, []))
        elif kind == "h2":
            lessons[-1][1].append((value, [], []))
        elif kind == "ul":
            lessons[-1][1][-1][1].extend(value)
        elif kind == "quote":
            lessons[-1][1][-1][2].append(value)
    return lessons


def safe(name):
    return "".join("，" if c in '\\/:*?"<>|' else c for c in name).replace(" ", "_")


def make_lessons(item, files, faulty=None):
    theme, transcript = theme_of(item), []
    all_lessons = lessons_of(item)
    single = len(all_lessons) == 1
    for number, (title, slides) in enumerate(all_lessons, 1):
        stem = safe(title.replace(" ", "_"))
        stem = f"{number:02}_{stem}"
        with tempfile.TemporaryDirectory() as folder:
            work = pathlib.Path(folder)
            count = "" if single else f"{number} / {len(all_lessons)}"
            images = [drawing.title_slide(item, title, count, sound.MARK, theme)]
            images += [drawing.content_slide(t, b, item.title.split("：")[0], theme) for t, b, _ in slides]
            images.append(drawing.end_slide(item, [sound.MARK, f"{item.org['name']}　2026　采用 CC BY 4.0 许可"], theme))
            spoken = [[f"{'各位好' if single else '各位学员好'}。", title.split(" ", 1)[-1] + "。"],
                      *[cues for _, _, cues in slides], ["这一讲就到这里。" if not single else "记住了就教给家里人。"]]
            saved = []
            for n, image in enumerate(images):
                saved.append(work / f"slide{n}.png")
                image.save(saved[-1])
            voice, lengths, cues = sound.narrate(spoken, work)
            tags = {"title": title, "artist": "、".join(c["name"] for c in item.creators), "album": item.title,
                    "date": item.get("created", "2026")[:4], "copyright": f"{item.org['name']} CC BY 4.0",
                    "comment": sound.implicit_mark(item.org["name"], f"{item.meta['id']}-{number:02}")}
            target = files.path(f"video/{stem}.mp4", "master", title)
            sound.film(saved, lengths, voice, target, tags, work)
        text = sound.srt(cues)
        if faulty:
            text = faulty(text)
        files.put(f"subtitle/{stem}.srt", text.encode("utf-8"), "subtitle", f"{title} 字幕")
        files.lessons.append((title, [r[0] for r in files.rows[-2:]]))
        transcript += [title, "", *["".join(c) for _, _, c in slides], ""]
    files.put("文字稿.txt", "\r\n".join([item.title, "", *transcript]).encode("utf-8"), "transcript", "文字稿")
    if single:
        files.lessons = []


def make_sound(item, files, mark=True):
    cues = [value for kind, value in item.blocks if kind == "quote"]
    opening = ["本节目由语音合成软件播读。"] if mark else []
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        voice, _, timed = sound.narrate([[*opening, *cues]], work)
        tags = {"title": item.title, "artist": item.org["name"], "album": item.get("series") or item.org["name"],
                "date": item.get("created", "2026")[:4], "comment": sound.implicit_mark(item.org["name"], item.meta["id"])}
        sound.record(voice, files.path(item.file), tags)
    stem = item.file.rsplit(".", 1)[0]
    files.put(f"{stem}.srt", sound.srt(timed).encode("utf-8"), "subtitle", "字幕")
    text = documents.text_lines([b for b in item.blocks if b[0] != "quote"])
    spoken = "".join(opening + cues)
    body = [item.title, "", "【播讲文稿】", spoken, *text, ""]
    files.put(f"{stem}_文稿.txt", "\r\n".join(body).encode("utf-8"), "transcript", "播讲文稿")


def draw_pictures(item, files, folder="images"):
    shown = []
    for row in item.get("pictures", []):
        path = files.path(f"{folder}/{row['file']}" if folder else row["file"], "master", row["caption"])
        getattr(pictures, row["draw"])(path)
        shown.append((f"{folder}/{row['file']}" if folder else row["file"], row["caption"]))
    return shown


def make_files(item, files):
    theme, form = theme_of(item), item.meta["format"]
    if form in ("course", "video"):
        make_lessons(item, files)
    elif form == "mp3":
        make_sound(item, files)
    elif form == "image":
        draw_pictures(item, files, "")
        if item.body.strip():
            files.put("说明.txt", documents.plain_text(item), "attachment", "图片说明")
    elif form == "collection":
        shown = draw_pictures(item, files)
        files.put("index.html", documents.web_page(item, theme, shown), "master", item.title)
        files.put("说明.txt", documents.plain_text(item), "transcript", "纯文字稿")
    elif form == "html":
        files.put("index.html" if not files.prefix else item.file, documents.web_page(item, theme, draw_pictures(item, files)))
    elif form == "epub":
        files.put(item.file, documents.epub(item, theme, cover_bytes(item)))
    elif form != "link":
        maker = {"pdf": documents.pdf, "docx": documents.word, "pptx": documents.deck, "xlsx": documents.sheet_book}
        files.put(item.file, maker[form](item, theme) if form in maker else documents.plain_text(item))
        draw_pictures(item, files, "附图")
    if not item.get("no_cover"):
        put_cover(item, files)


def cover_bytes(item):
    data = io.BytesIO()
    drawing.cover(item, theme_of(item)).save(data, "JPEG", quality=50, subsampling=2, optimize=True)
    return data.getvalue()


def put_cover(item, files):
    files.put("cover.jpg", cover_bytes(item), "cover")


# Manifests -------------------------------------------------------------------------------------------------------

def quoted(text):
    return '"' + str(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(toml(v) for v in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{quoted(k)} = {toml(v)}" for k, v in value.items()) + " }"
    return quoted(value)


def section(name, pairs):
    return [f"\n{name}"] + [f"{k} = {toml(v)}" for k, v in pairs if v is not None]


def rights_of(item):
    given = item.get("rights", {})
    return {"licence": "CC-BY-4.0", "holder": item.org["name"], "sharing": "free", "evidence": "rights/authorisation.txt", **given}


def is_synthetic(item):
    return item.meta["format"] in ("course", "video", "mp3")


def ai_of(item):
    return {"generated": True, "provider": "espeak-ng", "label_visible": True,
            "content_id": f"{item.meta['id']}-AIGC", **item.get("ai", {})}


def manifest(item, files):
    lines = ['schema = "yuelu/1"']
    region = item.get("region") or [item.org["region"]]
    for key, value in (("id", item.meta["id"]), ("title", item.meta["title"]), ("description", item.meta["description"]),
                       ("kind", item.meta["kind"]), ("category", item.meta["category"]), ("subjects", item.meta["subjects"]),
                       ("keywords", item.meta["keywords"]), ("audience", item.meta["audience"]),
                       ("language", item.get("language", ["zh-CN"])), ("region", region), ("hours", item.get("hours")),
                       ("created", item.get("created")), ("series", item.get("series"))):
        if value is not None:
            lines.append(f"{key} = {toml(value)}")
    for person in item.creators:
        lines += section("[[creators]]", [("name", person["name"]), ("role", person["role"]),
                                          ("organisation", person["organisation"] or item.org["name"])])
    lines += section("[rights]", [(k, v) for k, v in rights_of(item).items() if v != ""])
    if item.get("access"):
        lines += section("[access]", item.meta["access"].items())
    if item.get("culture"):
        lines += section("[culture]", item.meta["culture"].items())
    if is_synthetic(item):
        lines += section("[ai]", ai_of(item).items())
    if item.get("features"):
        lines += section("[accessibility]", [("features", item.meta["features"])])
    if item.get("link"):
        lines += section("[link]", item.meta["link"].items())
    for title, paths in files.lessons:
        lines += section("[[lessons]]", [("title", title), ("files", paths)])
    for path, role, title in files.rows:
        lines += section("[[files]]", [("path", path), ("role", role), ("title", title)])
    return "\n".join(lines) + "\n"


def authorisation(item):
    rights = rights_of(item)
    people = "、".join(c["name"] for c in item.creators)
    return "\r\n".join([
        "学习资源使用授权说明", "", f"资源编号：{item.meta['id']}", f"资源名称：{item.title}", f"权利人：{rights['holder']}",
        f"作者及参与人：{people}", f"许可方式：{rights['licence']}", f"查阅范围：{REACH[item.get('access', {}).get('visibility', 'public')]}", "",
        "本资源的文字、图片、声音和画面由权利人组织编写和制作，未使用他人享有著作权的作品片段。"
        "权利人同意岳麓学习资源库按上述许可方式和查阅范围保存、提供本资源，并为保存和无障碍阅读的需要转换格式。",
        "本说明为示范数据，机构和人物均为虚构。", "", f"{item.org['name']}", "2026年9月1日", ""]).encode("utf-8")


def make_folder(item, folder):
    folder.mkdir(parents=True)
    files = Files(folder)
    make_files(item, files)
    finish(item, files)


def finish(item, files):
    """Evidence and manifest."""
    if rights_of(item)["evidence"] == "rights/authorisation.txt":
        files.put("rights/authorisation.txt", authorisation(item), "evidence", "授权说明")
    for path, text in item.get("attachments", {}).items():
        files.put(path, text.replace("\n", "\r\n").encode("utf-8"), "evidence" if path.startswith("rights/") else "attachment")
    (files.folder / "yuelu.toml").write_text(manifest(item, files), encoding="utf-8")


def make_zip(item, target):
    """A ZIP as Windows makes it in China: entry names in GBK, no UTF-8 flag."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder) / "package"
        make_folder(item, root)
        names = sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
            for name in names:
                info = GbkInfo(name, documents.ZIP_STAMP)
                info.compress_type = zipfile.ZIP_DEFLATED
                out.writestr(info, (root / name).read_bytes())


class GbkInfo(zipfile.ZipInfo):
    """An entry whose name is written in GBK without the language flag."""

    def _encodeFilenameFlags(self):
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


# Catalogues ------------------------------------------------------------------------------------------------------

HEAD = ["编号", "标题", "简介", "类型", "类别", "学科", "关键词", "适用对象", "语种", "责任者", "许可", "权利人", "共享方式",
        "授权依据", "可见范围", "民族", "非遗类别", "非遗项目", "非遗级别", "传承人授权", "资料来源", "地区", "学时", "系列",
        "文件", "封面", "链接", "链接所有者", "AI生成", "AI标识", "AI提供者"]
REACH = {"public": "公开", "registered": "注册学员", "organisation": "本机构人员", "protocol": "经社区长老同意的成员"}
MARKS = {"master": "", "subtitle": "（字幕）", "transcript": "（文字稿）", "attachment": "（附件）"}


def row_of(item, files):
    rights, culture = rights_of(item), item.get("culture", {})
    people = "；".join(f"{c['name']}（{ROLES[c['role']]}，{c['organisation'] or item.org['name']}）" for c in item.creators)
    paths = "；".join(p + MARKS[r] for p, r, _ in files.rows if r in MARKS)
    cover = next((p for p, r, _ in files.rows if r == "cover"), "")
    made = is_synthetic(item)
    region = item.get("region") or [item.org["region"]]
    return [item.meta["id"], item.title, item.description, KINDS[item.meta["kind"]], CATEGORIES[item.meta["category"]],
            "；".join(item.meta["subjects"]), "；".join(item.meta["keywords"]), "；".join(item.meta["audience"]),
            "zh-CN", people, rights["licence"], rights["holder"], SHARINGS[rights["sharing"]],
            f"{item.org['name']}自编，作者已书面同意按{rights['licence']}公开", "公开",
            "；".join(culture.get("ethnic_groups", [])), culture.get("heritage_class", ""), culture.get("heritage_item", ""),
            culture.get("heritage_level", ""), culture.get("consent", ""), "；".join(culture.get("sources", [])),
            "；".join(region), item.get("hours", ""), item.get("series", ""), paths, cover, "", "",
            "是" if made else "否", "是" if made else "", "espeak-ng" if made else ""]


def make_batch(name, items, folder):
    """Several resources with one catalogue: CSV in GB18030, or XLSX."""
    folder.mkdir(parents=True)
    rows = []
    for item in items:
        files = Files(folder, f"{item.get('folder')}/")
        make_files(item, files)
        rows.append(row_of(item, files))
    if name.startswith("csv"):
        text = io.StringIO(newline="")
        csv.writer(text).writerows([HEAD, *rows])
        (folder / "catalogue.csv").write_bytes(text.getvalue().encode("gb18030"))
    else:
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "资源目录"
        for row in [HEAD, *rows]:
            sheet.append([None if v == "" else v for v in row])
        sheet.freeze_panes = "B2"
        book.properties.created = book.properties.modified = documents.STAMP
        data = io.BytesIO()
        book.save(data)
        (folder / "catalogue.xlsx").write_bytes(documents.repack(data.getvalue()))
