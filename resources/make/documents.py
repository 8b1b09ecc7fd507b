"""PDF, DOCX, PPTX, XLSX, EPUB, HTML and TXT from the same blocks of text."""

import datetime
import html
import io
import re
import zipfile

import docx
import docx.oxml.ns
import docx.shared
import openpyxl
import openpyxl.styles
import pptx
import pptx.dml.color
import pptx.oxml.ns
import pptx.util
from reportlab.lib import colors, pagesizes, styles, textsplit
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.platypus import paragraph as flow
from reportlab.platypus import (HRFlowable, ListFlowable, ListItem, PageBreak, Paragraph, SimpleDocTemplate,
                                Spacer, Table, TableStyle)

from drawing import THEMES

flow.ALL_CANNOT_START = textsplit.ALL_CANNOT_START = textsplit.ALL_CANNOT_START + "，；：！？”’》…"
_to_unicode = ttfonts.makeToUnicodeCMap


def to_unicode(name, subset):
    """reportlab writes code points beyond U+FFFF as five digits; readers want UTF-16, or Nüshu cannot be found in a PDF."""
    table = _to_unicode(name, [v if v <= 0xFFFF else 0xE000 for v in subset])
    for place, value in enumerate(subset):
        if value > 0xFFFF:
            table = table.replace(f"<{place:02X}> <E000>", f"<{place:02X}> <{chr(value).encode('utf-16-be').hex().upper()}>")
    return table


ttfonts.makeToUnicodeCMap = to_unicode
STAMP = datetime.datetime(2026, 9, 1, 8, 0, 0)
ZIP_STAMP = (2026, 9, 1, 8, 0, 0)
PDF_FONTS = {
    "cjk": ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0),
    "nushu": ("/usr/share/fonts/truetype/noto/NotoTraditionalNushu-Regular.ttf", None),
    "rare": ("/usr/share/fonts/truetype/hanazono/HanaMinA.ttf", None),
    "signs": ("/usr/share/fonts/truetype/noto/NotoSansSymbols2-Regular.ttf", None),
}
SIZES = {"nushu": ' size="20"', "signs": ' size="18"'}


def repack(data):
    """Office files again with fixed times, so that two runs give the same bytes."""
    source, target = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:(created|modified)[^>]*>)[^<]*", rb"\g<1>2026-09-01T08:00:00Z", content)
            out.writestr(zipfile.ZipInfo(name, ZIP_STAMP), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


# PDF -----------------------------------------------------------------------------------------------------------

def register_fonts():
    for name, (path, index) in PDF_FONTS.items():
        font = ttfonts.TTFont(name, path) if index is None else ttfonts.TTFont(name, path, subfontIndex=index)
        pdfmetrics.registerFont(font)


def face_of(char):
    code = ord(char)
    if 0x1B170 <= code <= 0x1B2FF or code == 0x16FE1:
        return "nushu"
    if 0x2800 <= code <= 0x28FF:
        return "signs"
    return "cjk" if code in pdfmetrics.getFont("cjk").face.charToGlyph else "rare"


def marked(text):
    """Escaped text with font marks round the characters that the main font lacks."""
    parts, current = [], None
    for char in text:
        face = face_of(char)
        if face != current:
            parts.append([face, ""])
            current = face
        parts[-1][1] += char
    return "".join(html.escape(run) if face == "cjk" else f'<font name="{face}"{SIZES.get(face, "")}>{html.escape(run)}</font>'
                   for face, run in parts)


def pdf(item, theme):
    register_fonts()
    colour = colors.Color(*(v / 255 for v in THEMES[theme][0]))
    base = dict(fontName="cjk", wordWrap="CJK", textColor=colors.Color(0.13, 0.13, 0.13))
    look = {
        "title": styles.ParagraphStyle("title", fontSize=24, leading=34, spaceAfter=6, **{**base, "textColor": colour}),
        "lead": styles.ParagraphStyle("lead", fontSize=11, leading=18, spaceAfter=10, **base),
        "h1": styles.ParagraphStyle("h1", fontSize=19, leading=28, spaceBefore=14, spaceAfter=6, keepWithNext=1,
                                    **{**base, "textColor": colour}),
        "h2": styles.ParagraphStyle("h2", fontSize=15.5, leading=24, spaceBefore=10, spaceAfter=4, keepWithNext=1,
                                    **{**base, "textColor": colour}),
        "h3": styles.ParagraphStyle("h3", fontSize=13.5, leading=21, spaceBefore=8, spaceAfter=2, keepWithNext=1, **base),
        "p": styles.ParagraphStyle("p", fontSize=12.5, leading=21, spaceAfter=7, firstLineIndent=25, **base),
        "li": styles.ParagraphStyle("li", fontSize=12.5, leading=20, **base),
        "td": styles.ParagraphStyle("td", fontSize=11, leading=16, **base),
        "sign": styles.ParagraphStyle("sign", fontSize=20, leading=27, **base),
    }
    people = "、".join(c["name"] for c in item.creators)
    story = [Paragraph(marked(item.title), look["title"]),
             Paragraph(marked(f"{item.org['name']}　{people}"), look["lead"]), HRFlowable(width="100%", color=colour),
             Spacer(1, 8)]
    for kind, value in item.blocks:
        if kind in ("h1", "h2", "h3", "p"):
            story.append(Paragraph(marked(value), look[kind]))
        elif kind == "quote":
            story.append(Paragraph(marked(value), look["li"]))
        elif kind in ("ul", "ol"):
            rows = [ListItem(Paragraph(marked(v), look["li"]), leftIndent=22) for v in value]
            extra = dict(start="•") if kind == "ul" else dict(bulletFormat="%s.")
            story.append(ListFlowable(rows, bulletType="bullet" if kind == "ul" else "1", bulletFontName="cjk",
                                      bulletFontSize=11, leftIndent=22, **extra))
            story.append(Spacer(1, 7))
        elif kind == "table":
            cells = [[Paragraph(marked(c), look["sign" if face_of(c[:1] or " ") == "nushu" else "td"]) for c in row] for row in value]
            share = column_shares(value)
            table = Table(cells, colWidths=[480 * s for s in share], repeatRows=1)
            table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.6, colour), ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                                       ("BACKGROUND", (0, 0), (-1, 0), colors.Color(0.94, 0.93, 0.9))]))
            story += [table, Spacer(1, 10)]
        elif kind == "rule":
            story.append(PageBreak())

    def page(canvas, document):
        canvas.setFont("cjk", 9)
        canvas.setFillColorRGB(0.4, 0.4, 0.4)
        canvas.drawString(56, 30, f"{item.title.split('：')[0]}　{item.org['name']}")
        canvas.drawRightString(pagesizes.A4[0] - 56, 30, f"第 {canvas.getPageNumber()} 页")

    target = io.BytesIO()
    SimpleDocTemplate(target, pagesize=pagesizes.A4, leftMargin=56, rightMargin=56, topMargin=56, bottomMargin=56,
                      title=item.title, author=people, subject=item.description, keywords="，".join(item.meta["keywords"]),
                      lang="zh-CN", invariant=1).build(story, onFirstPage=page, onLaterPages=page)
    return target.getvalue()


def column_shares(rows):
    weights = [2 + max(4, max(min(len(row[n]), 26) for row in rows if n < len(row))) for n in range(len(rows[0]))]
    return [w / sum(weights) for w in weights]


# DOCX ----------------------------------------------------------------------------------------------------------

def east_asian(element, font):
    properties = element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    fonts.set(docx.oxml.ns.qn("w:eastAsia"), font)


def word(item, theme):
    document = docx.Document()
    colour = docx.shared.RGBColor(*THEMES[theme][0])
    for name in ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3", "List Bullet", "List Number"):
        style = document.styles[name]
        style.font.name = "Noto Sans CJK SC"
        east_asian(style.element, "Noto Sans CJK SC")
        if name.startswith(("Title", "Heading")):
            style.font.color.rgb = colour
    document.styles["Normal"].font.size = docx.shared.Pt(14 if item.meta["category"] == "elderly" else 12)
    facts = document.core_properties
    facts.title, facts.subject, facts.language = item.title, item.description, "zh-CN"
    facts.author = "；".join(c["name"] for c in item.creators)
    facts.keywords = "；".join(item.meta["keywords"])
    facts.created = facts.modified = STAMP
    document.add_heading(item.title, 0)
    document.add_paragraph(f"{item.org['name']}　{'、'.join(c['name'] for c in item.creators)}")
    for kind, value in item.blocks:
        if kind in ("h1", "h2", "h3"):
            document.add_heading(value, int(kind[1]))
        elif kind in ("p", "quote"):
            document.add_paragraph(value)
        elif kind == "ul":
            for line in value:
                document.add_paragraph(line, style="List Bullet")
        elif kind == "ol":
            for number, line in enumerate(value, 1):
                document.add_paragraph(f"{number}. {line}")
        elif kind == "table":
            table = document.add_table(rows=0, cols=len(value[0]))
            table.style = "Table Grid"
            for row in value:
                cells = table.add_row().cells
                for n, text in enumerate(row):
                    cells[n].text = text
            document.add_paragraph("")
        elif kind == "rule":
            document.add_page_break()
    target = io.BytesIO()
    document.save(target)
    return repack(target.getvalue())


# PPTX ----------------------------------------------------------------------------------------------------------

def deck(item, theme):
    show = pptx.Presentation()
    show.slide_width, show.slide_height = pptx.util.Cm(33.867), pptx.util.Cm(19.05)
    colour = pptx.dml.color.RGBColor(*THEMES[theme][0])
    facts = show.core_properties
    facts.title, facts.subject, facts.language = item.title, item.description, "zh-CN"
    facts.author = "；".join(c["name"] for c in item.creators)
    facts.keywords = "；".join(item.meta["keywords"])
    facts.created = facts.modified = STAMP

    def box(slide, left, top, wide, high, lines, size, bold=False, tint=None):
        frame = slide.shapes.add_textbox(*(pptx.util.Cm(v) for v in (left, top, wide, high))).text_frame
        frame.word_wrap = True
        for n, line in enumerate(lines):
            paragraph = frame.paragraphs[0] if n == 0 else frame.add_paragraph()
            paragraph.space_after = pptx.util.Pt(10)
            run = paragraph.add_run()
            run.text = line
            run.font.size, run.font.bold, run.font.name = pptx.util.Pt(size), bold, "Noto Sans CJK SC"
            properties = run.font._element
            face = properties.makeelement(pptx.oxml.ns.qn("a:ea"), {"typeface": "Noto Sans CJK SC"})
            properties.append(face)
            if tint:
                run.font.color.rgb = tint

    blank = show.slide_layouts[6]
    first = show.slides.add_slide(blank)
    box(first, 2.5, 5, 28.8, 5, [item.title], 44, True, colour)
    box(first, 2.5, 12, 28.8, 3, [f"{item.org['name']}　{'、'.join(c['name'] for c in item.creators)}"], 24)
    pages, notes = [], {}
    for kind, value in item.blocks:
        if kind == "h2":
            pages.append((value, []))
        elif kind in ("ul", "ol"):
            pages[-1][1].extend(value)
        elif kind == "p":
            pages[-1][1].append(value)
        elif kind == "quote":
            notes.setdefault(len(pages) - 1, []).append(value)
    for n, (title, lines) in enumerate(pages):
        slide = show.slides.add_slide(blank)
        bar = slide.shapes.add_shape(1, 0, 0, pptx.util.Cm(0.7), show.slide_height)
        bar.fill.solid()
        bar.fill.fore_color.rgb = colour
        bar.line.fill.background()
        box(slide, 2, 1, 30, 2.4, [title], 36, True, colour)
        box(slide, 2, 4.2, 30, 14, lines, 26 if len(lines) < 7 else 22)
        if n in notes:
            slide.notes_slide.notes_text_frame.text = "\n".join(notes[n])
    target = io.BytesIO()
    show.save(target)
    return repack(target.getvalue())


# XLSX ----------------------------------------------------------------------------------------------------------

def sheet_book(item, theme):
    book = openpyxl.Workbook()
    book.remove(book.active)
    head = openpyxl.styles.PatternFill("solid", fgColor="F0EDE4")
    wrap = openpyxl.styles.Alignment(wrap_text=True, vertical="top")
    sheet, row = None, 0
    for kind, value in item.blocks:
        if kind == "h2":
            sheet, row = book.create_sheet(value[:31]), 0
            continue
        if sheet is None:
            sheet, row = book.create_sheet("说明"), 0
        lines = value if kind == "table" else [[v] for v in value] if kind in ("ul", "ol") else [[value]]
        for n, line in enumerate(lines):
            row += 1
            for column, text in enumerate(line, 1):
                number = float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else None
                cell = sheet.cell(row, column, number if number is not None else text)
                cell.alignment = wrap
                if kind == "table" and n == 0:
                    cell.fill, cell.font = head, openpyxl.styles.Font(bold=True)
        if kind == "table":
            for column, share in enumerate(column_shares(value), 1):
                sheet.column_dimensions[chr(64 + column)].width = max(12, 110 * share)
    facts = book.properties
    facts.title, facts.subject, facts.language = item.title, item.description, "zh-CN"
    facts.creator = "；".join(c["name"] for c in item.creators)
    facts.keywords = "；".join(item.meta["keywords"])
    facts.created = facts.modified = STAMP
    target = io.BytesIO()
    book.save(target)
    return repack(target.getvalue())


# HTML, EPUB, TXT -----------------------------------------------------------------------------------------------

CSS = ("body{font-family:'Noto Sans CJK SC','Microsoft YaHei',sans-serif;font-size:1.15rem;line-height:1.8;color:#222;"
       "max-width:46rem;margin:0 auto;padding:1.5rem}h1,h2,h3{color:#%02x%02x%02x;line-height:1.4}"
       "table{border-collapse:collapse;width:100%%}th,td{border:1px solid #999;padding:.4rem .6rem;text-align:left}"
       ".nushu{font-family:'Noto Traditional Nushu','Noto Sans Nushu',serif;font-size:1.5em}")


def tagged(text):
    """Escaped text; runs of Nüshu get their language and script."""
    return re.sub("[\U0001B170-\U0001B2FB]+", r'<span class="nushu" lang="zh-Nshu">\g<0></span>', html.escape(text))


def markup(blocks):
    out = []
    for kind, value in blocks:
        if kind in ("h1", "h2", "h3", "p"):
            out.append(f"<{kind}>{tagged(value)}</{kind}>")
        elif kind == "quote":
            out.append(f"<blockquote><p>{tagged(value)}</p></blockquote>")
        elif kind in ("ul", "ol"):
            out.append(f"<{kind}>" + "".join(f"<li>{tagged(v)}</li>" for v in value) + f"</{kind}>")
        elif kind == "table":
            head = "".join(f'<th scope="col">{tagged(c)}</th>' for c in value[0])
            rows = "".join("<tr>" + "".join(f"<td>{tagged(c)}</td>" for c in row) + "</tr>" for row in value[1:])
            out.append(f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
        elif kind == "rule":
            out.append("<hr/>")
    return "\n".join(out)


def web_page(item, theme, pictures=()):
    people = "、".join(c["name"] for c in item.creators)
    images = "".join(f'<figure><img src="{name}" alt="{html.escape(text)}" style="max-width:100%"/>'
                     f"<figcaption>{html.escape(text)}</figcaption></figure>\n" for name, text in pictures)
    return (f'<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8"/>\n'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
            f"<title>{html.escape(item.title)}</title>\n"
            f'<meta name="description" content="{html.escape(item.description)}"/>\n'
            f"<style>{CSS % THEMES[theme][0]}</style>\n</head>\n<body>\n<header>\n<h1>{tagged(item.title)}</h1>\n"
            f"<p>{html.escape(item.org['name'])}　{html.escape(people)}</p>\n</header>\n<main>\n"
            f"{markup(item.blocks)}\n{images}</main>\n<footer><p>采用 CC BY 4.0 许可协议。</p></footer>\n"
            f"</body>\n</html>\n").encode("utf-8")


def epub(item, theme, cover):
    chapters = [[]]
    for block in item.blocks:
        if block[0] in ("h1", "h2") and chapters[-1]:
            chapters.append([])
        chapters[-1].append(block)
    names = [f"ch{n:02}.xhtml" for n in range(1, len(chapters) + 1)]
    heads = [c[0][1] if c[0][0] in ("h1", "h2") else "前言" for c in chapters]

    def page(title, inner):
        return ('<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml" '
                'xmlns:epub="http://www.idpf.org/2007/ops" xml:lang="zh-CN" lang="zh-CN">\n<head>'
                f'<title>{html.escape(title)}</title><link rel="stylesheet" type="text/css" href="book.css"/></head>\n'
                f"<body>\n{inner}\n</body>\n</html>\n")

    entries = "".join(f'<li><a href="{n}">{html.escape(t)}</a></li>' for n, t in zip(names, heads))
    people = "".join(f"<dc:creator>{html.escape(c['name'])}</dc:creator>" for c in item.creators)
    words = "".join(f"<dc:subject>{html.escape(w)}</dc:subject>" for w in item.meta["keywords"])
    manifest = "".join(f'<item id="c{n}" href="{name}" media-type="application/xhtml+xml"/>' for n, name in enumerate(names))
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(names)))
    package = ('<?xml version="1.0" encoding="utf-8"?>\n<package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
               'unique-identifier="id" xml:lang="zh-CN"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
               f'<dc:identifier id="id">urn:x-yuelu:{item.meta["id"]}</dc:identifier><dc:title>{html.escape(item.title)}</dc:title>'
               f"<dc:language>zh-CN</dc:language>{people}<dc:publisher>{item.org['name']}</dc:publisher>"
               f"<dc:description>{html.escape(item.description)}</dc:description>{words}<dc:rights>CC BY 4.0</dc:rights>"
               f'<meta property="dcterms:modified">2026-09-01T08:00:00Z</meta></metadata><manifest>'
               f'<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
               f'<item id="css" href="book.css" media-type="text/css"/>'
               f'<item id="cover" href="cover.jpg" media-type="image/jpeg" properties="cover-image"/>{manifest}'
               f'</manifest><spine>{spine}</spine></package>\n')
    container = ('<?xml version="1.0" encoding="utf-8"?>\n<container version="1.0" '
                 'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OEBPS/book.opf" '
                 'media-type="application/oebps-package+xml"/></rootfiles></container>\n')
    files = [("META-INF/container.xml", container), ("OEBPS/book.opf", package), ("OEBPS/book.css", CSS % THEMES[theme][0]),
             ("OEBPS/nav.xhtml", page("目录", f'<nav epub:type="toc"><h1>目录</h1><ol>{entries}</ol></nav>')),
             ("OEBPS/cover.jpg", cover)]
    files += [(f"OEBPS/{n}", page(t, markup(c))) for n, t, c in zip(names, heads, chapters)]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as out:
        out.writestr(zipfile.ZipInfo("mimetype", ZIP_STAMP), "application/epub+zip", zipfile.ZIP_STORED)
        for name, content in files:
            out.writestr(zipfile.ZipInfo(name, ZIP_STAMP), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def text_lines(blocks):
    lines = []
    for kind, value in blocks:
        if kind in ("h1", "h2", "h3"):
            lines += ["", {"h1": "", "h2": "【", "h3": ""}[kind] + value + {"h1": "", "h2": "】", "h3": ""}[kind]]
        elif kind in ("p", "quote"):
            lines.append(value)
        elif kind == "ul":
            lines += [f"· {v}" for v in value]
        elif kind == "ol":
            lines += [f"{n}. {v}" for n, v in enumerate(value, 1)]
        elif kind == "table":
            lines += ["　".join(row) for row in value]
    return lines


def plain_text(item):
    people = "、".join(c["name"] for c in item.creators)
    return "\r\n".join([item.title, f"{item.org['name']}　{people}", *text_lines(item.blocks), ""]).encode("utf-8")
