"""Slides, covers and illustrations, drawn with Pillow."""

import random

from PIL import Image, ImageDraw, ImageFont

NOTO = "/usr/share/fonts/opentype/noto/NotoSansCJK-{}.ttc"
SERIF = "/usr/share/fonts/opentype/noto/NotoSerifCJK-{}.ttc"
NUSHU = "/usr/share/fonts/truetype/noto/NotoTraditionalNushu-Regular.ttf"
BRAILLE = "/usr/share/fonts/truetype/noto/NotoSansSymbols2-Regular.ttf"

THEMES = {
    "elderly": ((150, 62, 40), (252, 245, 236)),
    "community": ((32, 98, 74), (240, 248, 243)),
    "farmers": ((92, 105, 26), (249, 249, 233)),
    "vocational": ((31, 78, 121), (238, 244, 250)),
    "special": ((92, 62, 138), (245, 241, 251)),
    "continuing": ((48, 62, 74), (241, 244, 246)),
    "family": ((176, 94, 38), (253, 246, 238)),
    "culture": ((134, 26, 34), (252, 243, 236)),
}
INK = (34, 34, 34)
_fonts = {}


def font(size, weight="Regular", family=NOTO):
    key = (size, weight, family)
    if key not in _fonts:
        path = family.format(weight)
        for index in range(10):
            face = ImageFont.truetype(path, size, index=index)
            if not path.endswith(".ttc") or face.getname()[0].endswith("CJK SC"):
                break
        _fonts[key] = face
    return _fonts[key]


def face_for(char, size, weight="Regular", family=NOTO):
    code = ord(char)
    if 0x1B170 <= code <= 0x1B2FF or code == 0x16FE1:
        return font(size, family=NUSHU)
    if 0x2800 <= code <= 0x28FF:
        return font(size, family=BRAILLE)
    return font(size, weight, family)


def width(text, size, weight="Regular", family=NOTO):
    return sum(face_for(c, size, weight, family).getlength(c) for c in text)


def write(draw, xy, text, size, fill=INK, weight="Regular", family=NOTO, anchor="l"):
    """Draws one line; anchor l, m or r (horizontal)."""
    x, y = xy
    total = width(text, size, weight, family)
    x -= {"l": 0, "m": total / 2, "r": total}[anchor]
    base = y + size
    for char in text:
        face = face_for(char, size, weight, family)
        draw.text((x, base), char, font=face, fill=fill, anchor="ls")
        x += face.getlength(char)


def wrap(text, size, limit, weight="Regular", family=NOTO):
    lines, line = [], ""
    for char in text:
        if width(line + char, size, weight, family) > limit and char not in "，。；：、！？”）》":
            lines.append(line)
            line = ""
        line += char
    return lines + [line] if line else lines


def blend(a, b, t):
    return tuple(round(x + (y - x) * t) for x, y in zip(a, b))


def gradient(size, top, bottom):
    image = Image.new("RGB", (1, size[1]))
    for y in range(size[1]):
        image.putpixel((0, y), blend(top, bottom, y / (size[1] - 1)))
    return image.resize(size)


def lozenges(draw, box, step, colours, seed):
    """A woven band of lozenges, as on Tujia brocade; purely decorative."""
    rng = random.Random(seed)
    left, top, right, bottom = box
    rows = max(1, (bottom - top) // step)
    for row in range(rows):
        cy = top + step * row + step // 2
        for n, cx in enumerate(range(left + step // 2, right + step, step)):
            colour = colours[(n + row + rng.randrange(2)) % len(colours)]
            for k, share in enumerate((0.5, 0.34, 0.16)):
                r = step * share
                tone = colour if k != 1 else blend(colour, (255, 255, 255), 0.65)
                draw.polygon([(cx, cy - r), (cx + r, cy), (cx, cy + r), (cx - r, cy)], fill=tone)


def cover(item, theme):
    colour, paper = THEMES[theme]
    image = gradient((1280, 720), blend(colour, (255, 255, 255), 0.06), blend(colour, (0, 0, 0), 0.32))
    draw = ImageDraw.Draw(image)
    light = [blend(colour, (255, 255, 255), t) for t in (0.22, 0.34, 0.5)]
    lozenges(draw, (0, 600, 1280, 720), 60, light, item.meta["id"])
    draw.rectangle((80, 120, 92, 420), fill=(255, 226, 170))
    head, _, tail = item.title.partition("：")
    y = 112
    for line in wrap(head, 78, 1080, "Bold")[:3]:
        write(draw, (124, y), line, 78, (255, 255, 255), "Bold")
        y += 104
    for line in wrap(tail, 46, 1080)[:2]:
        write(draw, (124, y + 8), line, 46, (255, 240, 214))
        y += 64
    write(draw, (124, 528), item.org["name"], 34, (255, 255, 255))
    return image


def title_slide(item, lesson, number, mark, theme):
    colour, paper = THEMES[theme]
    image = Image.new("RGB", (1280, 720), paper)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 1280, 150), fill=colour)
    write(draw, (70, 48), item.title.split("：")[0], 50, (255, 255, 255), "Bold")
    y = 250
    for line in wrap(lesson, 80, 1120, "Bold")[:2]:
        write(draw, (70, y), line, 80, colour, "Bold")
        y += 104
    speaker = "、".join(c["name"] for c in item.creators)
    write(draw, (70, 500), f"{item.org['name']}　{speaker}", 36, INK)
    draw.rectangle((60, 588, 70 + width(mark, 36) + 24, 652), outline=colour, width=3)
    write(draw, (78, 598), mark, 36, colour, "Bold")
    if number:
        write(draw, (1210, 600), number, 36, INK, anchor="r")
    return image


def content_slide(title, bullets, footer, theme):
    colour, paper = THEMES[theme]
    image = Image.new("RGB", (1280, 720), paper)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 24, 720), fill=colour)
    write(draw, (70, 50), title, 60, colour, "Bold")
    draw.line((70, 142, 1210, 142), fill=colour, width=3)
    y = 180
    for bullet in bullets:
        draw.ellipse((76, y + 20, 94, y + 38), fill=colour)
        for line in wrap(bullet, 46, 1090):
            write(draw, (114, y), line, 46)
            y += 66
        y += 28
    write(draw, (1210, 656), footer, 26, blend(colour, paper, 0.35), anchor="r")
    return image


def end_slide(item, lines, theme):
    colour, paper = THEMES[theme]
    image = Image.new("RGB", (1280, 720), colour)
    draw = ImageDraw.Draw(image)
    write(draw, (640, 230), "谢谢观看", 88, (255, 255, 255), "Bold", anchor="m")
    y = 390
    for line in lines:
        write(draw, (640, y), line, 34, (255, 244, 226), anchor="m")
        y += 56
    return image
