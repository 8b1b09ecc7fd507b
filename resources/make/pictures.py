"""Illustrations: geometric patterns, charts and posters. All drawn here; none copies an existing work."""

import math
import random

from PIL import Image, ImageDraw

from drawing import SERIF, blend, gradient, write, wrap

INDIGO, MADDER, GOLD, CREAM, BLACK = (28, 40, 92), (168, 34, 42), (226, 168, 44), (250, 242, 226), (24, 22, 26)


def weave(cells, colours, cell, path):
    """A woven pattern: each cell is a small knot of thread with a light and a dark edge."""
    image = Image.new("RGB", (len(cells[0]) * cell, len(cells) * cell), BLACK)
    draw = ImageDraw.Draw(image)
    rng = random.Random(7)
    for y, row in enumerate(cells):
        for x, n in enumerate(row):
            tone = blend(colours[n], (255, 255, 255) if rng.random() < 0.5 else (0, 0, 0), rng.random() * 0.14)
            left, top = x * cell, y * cell
            draw.rectangle((left + 1, top + 1, left + cell - 1, top + cell - 1), fill=tone)
            draw.line((left + 1, top + 1, left + cell - 2, top + 1), fill=blend(tone, (255, 255, 255), 0.3))
    save(image, path)


def hooks(path):
    """Lozenges with hooked corners, the idea of the eight-hook figure."""
    wide, high, period = 128, 80, 32
    cells = []
    for y in range(high):
        row = []
        for x in range(wide):
            u, v = abs((x % period) - period // 2), abs((y % period) - period // 2)
            ring = u + v
            if ring < 3:
                n = 2
            elif ring < 6:
                n = 1
            elif ring in (8, 9):
                n = 3
            elif ring in (12, 13) and not (u in (4, 5) or v in (4, 5)):
                n = 2
            elif ring in (15, 16):
                n = 1
            elif u == v and ring > 16:
                n = 3
            else:
                n = 0
            row.append(n)
        cells.append(row)
    weave(cells, [INDIGO, MADDER, GOLD, CREAM], 10, path)


def steps(path):
    """Stepped bands, as the border of a coverlet."""
    cells = [[(abs((x % 24) - 12) // 2 + y // 3) % 4 for x in range(128)] for y in range(80)]
    weave(cells, [MADDER, BLACK, GOLD, (30, 110, 86)], 10, path)


def stars(path):
    """Eight-pointed stars in a grid."""
    cells = []
    for y in range(80):
        row = []
        for x in range(128):
            u, v = abs((x % 20) - 10), abs((y % 20) - 10)
            near = max(u, v) < 7 and (u < 2 or v < 2 or abs(u - v) < 2)
            row.append(1 if near and max(u, v) > 2 else 2 if max(u, v) <= 2 else 3 if u + v > 17 else 0)
        cells.append(row)
    weave(cells, [(60, 20, 60), GOLD, MADDER, (52, 120, 150)], 10, path)


def papercut(path):
    """A round window flower of eight equal parts."""
    size, big = 1080, 2160
    image = gradient((big, big), (255, 250, 240), (252, 238, 220))
    part = Image.new("L", (big, big), 0)
    draw = ImageDraw.Draw(part)
    centre = big // 2

    def at(radius, angle):
        return centre + radius * math.cos(angle), centre + radius * math.sin(angle)

    draw.ellipse((centre - 980, centre - 980, centre + 980, centre + 980), fill=255)
    for n in range(8):
        turn = math.pi / 4 * n
        for radius, half, depth in ((860, 0.26, 120), (640, 0.22, 110), (420, 0.26, 90), (240, 0.3, 60)):
            left = [at(radius - depth * math.sin(math.pi * k / 20), turn - half + 2 * half * k / 20) for k in range(21)]
            right = [at(radius + depth * 0.35 * math.sin(math.pi * k / 20), turn + half - 2 * half * k / 20) for k in range(21)]
            draw.polygon(left + right, fill=0)
        for radius, size_dot in ((930, 26), (740, 34), (530, 26), (330, 18)):
            x, y = at(radius, turn + math.pi / 8)
            draw.ellipse((x - size_dot, y - size_dot, x + size_dot, y + size_dot), fill=0)
    draw.ellipse((centre - 110, centre - 110, centre + 110, centre + 110), fill=0)
    draw.ellipse((centre - 70, centre - 70, centre + 70, centre + 70), fill=255)
    image.paste(gradient((big, big), (206, 24, 34), (168, 12, 24)), (0, 0), part)
    save(image.resize((size, size), Image.LANCZOS), path)


def poster(title, note, colour, size=(1280, 960)):
    image = gradient(size, (255, 255, 255), blend(colour, (255, 255, 255), 0.88))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, size[0], 110), fill=colour)
    write(draw, (50, 26), title, 52, (255, 255, 255), "Bold")
    write(draw, (50, size[1] - 54), note, 26, blend(colour, (0, 0, 0), 0.2))
    return image, draw


def folding(path):
    """Six steps of cutting a window flower."""
    image, draw = poster("剪一朵团花的六个步骤", "衡州示范老年大学　采用 CC BY 4.0 许可", (176, 26, 34))
    texts = ["裁一张正方形红纸", "对角折成三角形", "再对折两次，得八等分", "在折边上画半个花瓣", "先剪里面，后剪外边", "轻轻展开，压平贴好"]
    for n, text in enumerate(texts):
        x, y = 60 + n % 3 * 400, 150 + n // 3 * 370
        draw.rounded_rectangle((x, y, x + 360, y + 330), 16, outline=(176, 26, 34), width=3)
        box = [(x + 90, y + 40), (x + 270, y + 40), (x + 270, y + 220), (x + 90, y + 220)]
        cx, cy = x + 180, y + 130
        if n == 0:
            draw.polygon(box, fill=(206, 30, 40))
        elif n == 1:
            draw.polygon(box[1:], fill=(206, 30, 40))
            draw.line(box + box[:1], fill=(206, 30, 40), width=2)
        elif n == 2:
            draw.polygon([(cx, cy + 90), (cx - 38, cy - 90), (cx + 38, cy - 90)], fill=(206, 30, 40))
        elif n == 3:
            draw.polygon([(cx, cy + 90), (cx - 38, cy - 90), (cx + 38, cy - 90)], fill=(206, 30, 40))
            draw.arc((cx - 10, cy - 60, cx + 60, cy + 20), 90, 270, fill=(255, 236, 200), width=4)
        elif n == 4:
            draw.polygon([(cx, cy + 90), (cx - 38, cy - 60), (cx, cy - 90), (cx + 38, cy - 60)], fill=(206, 30, 40))
            draw.ellipse((cx - 12, cy - 40, cx + 12, cy - 8), fill=(255, 255, 255))
            draw.ellipse((cx - 6, cy + 14, cx + 6, cy + 40), fill=(255, 255, 255))
        else:
            for k in range(8):
                angle = math.pi / 4 * k
                px, py = cx + 58 * math.cos(angle), cy + 58 * math.sin(angle)
                draw.ellipse((px - 34, py - 34, px + 34, py + 34), fill=(206, 30, 40))
                draw.ellipse((px - 10, py - 10, px + 10, py + 10), fill=(255, 255, 255))
            draw.ellipse((cx - 26, cy - 26, cx + 26, cy + 26), fill=(255, 236, 200))
        write(draw, (cx, y + 252), f"{n + 1}. {text}", 30, (60, 20, 20), "Bold", anchor="m")
    save(image, path)


def bins(path):
    """The four kinds of household waste."""
    image, draw = poster("生活垃圾分四类", "投放前看清颜色和标志　岳麓示范社区学院　采用 CC BY 4.0 许可", (40, 90, 70))
    kinds = [("可回收物", (0, 98, 177), ["报纸、纸箱", "塑料瓶、玻璃瓶", "易拉罐、旧锅", "旧衣服、旧书包"]),
             ("厨余垃圾", (0, 140, 70), ["剩菜剩饭", "菜叶、果皮", "鱼骨、蛋壳", "茶叶渣、药渣"]),
             ("有害垃圾", (208, 32, 38), ["废电池（充电电池、纽扣电池）", "过期药品", "废灯管", "废油漆桶、杀虫剂"]),
             ("其他垃圾", (96, 96, 96), ["污损纸张、卫生纸", "烟头、尘土", "破碗碟", "大骨头、贝壳"])]
    for n, (name, colour, lines) in enumerate(kinds):
        x = 50 + n * 300
        draw.rounded_rectangle((x, 190, x + 270, 850), 20, fill=colour)
        draw.rounded_rectangle((x - 8, 160, x + 278, 215), 14, fill=blend(colour, (0, 0, 0), 0.25))
        write(draw, (x + 135, 250), name, 46, (255, 255, 255), "Bold", anchor="m")
        y = 350
        for line in lines:
            for part in wrap(line, 30, 236):
                write(draw, (x + 20, y), part, 30, (255, 255, 255))
                y += 42
            y += 24
    save(image, path)


INITIALS = [("b", "⠃"), ("p", "⠏"), ("m", "⠍"), ("f", "⠋"), ("d", "⠙"), ("t", "⠞"), ("n", "⠝"), ("l", "⠇"),
            ("g j", "⠛"), ("k q", "⠅"), ("h x", "⠓"), ("zh", "⠌"), ("ch", "⠟"), ("sh", "⠱"), ("r", "⠚"),
            ("z", "⠵"), ("c", "⠉"), ("s", "⠎")]
FINALS = [("a", "⠔"), ("o e", "⠢"), ("i", "⠊"), ("u", "⠥"), ("ü", "⠬"), ("er", "⠗"), ("ai", "⠪"), ("ao", "⠖"),
          ("ei", "⠮"), ("ou", "⠷"), ("ia", "⠫"), ("iao", "⠜"), ("ie", "⠑"), ("iu", "⠳"), ("ua", "⠿"), ("uai", "⠽"),
          ("ui", "⠺"), ("uo", "⠕"), ("üe", "⠾"), ("an", "⠧"), ("ang", "⠦"), ("en", "⠴"), ("eng", "⠼"), ("ian", "⠩"),
          ("iang", "⠭"), ("in", "⠣"), ("ing", "⠡"), ("uan", "⠻"), ("uang", "⠶"), ("un", "⠒"), ("ong", "⠲"),
          ("üan", "⠯"), ("ün", "⠸"), ("iong", "⠹"), ("一声", "⠁"), ("二声", "⠂"), ("三声", "⠄"), ("四声", "⠆")]


def cells(draw, x, y, sign, radius=13, gap=38):
    """One braille cell; raised dots are filled, empty places are rings."""
    bits = ord(sign) - 0x2800
    for n in range(6):
        cx, cy = x + n // 3 * gap, y + n % 3 * gap
        box = (cx - radius, cy - radius, cx + radius, cy + radius)
        if bits >> n & 1:
            draw.ellipse(box, fill=(40, 20, 80))
        else:
            draw.ellipse(box, outline=(170, 160, 190), width=2)


def braille(rows, title, columns, size, path):
    image, draw = poster(title, "大黑点为凸起的点　潇湘示范特殊教育中心　采用 CC BY 4.0 许可", (92, 62, 138), size)
    step = (size[0] - 100) // columns
    for n, (name, sign) in enumerate(rows):
        x, y = 50 + n % columns * step + step // 2, 160 + n // columns * 200
        cells(draw, x - 19, y, sign)
        write(draw, (x, y + 100), name, 36, (40, 20, 80), "Bold", anchor="m")
    save(image, path)


def braille_initials(path):
    braille(INITIALS, "现行盲文声母表", 6, (1280, 880), path)


def braille_finals(path):
    braille(FINALS, "现行盲文韵母与声调表", 8, (1440, 1240), path)


NUSHU = [("𛆁", "女"), ("𛈬", "书"), ("𛅰", "一"), ("𛆊", "三"), ("𛅳", "人"), ("𛆤", "天"), ("𛆥", "年"), ("𛇈", "日"),
         ("𛇃", "月"), ("𛅸", "水"), ("𛆀", "土"), ("𛊟", "酒"), ("𛈣", "花"), ("𛉢", "红"), ("𛉶", "香"), ("𛈻", "我"),
         ("𛈪", "你"), ("𛇤", "来"), ("𛋬", "唱"), ("𛋰", "歌"), ("𛈤", "字"), ("𛈖", "姊"), ("𛋉", "妹"), ("𛇹", "心")]


def nushu_chart(path):
    image, draw = poster("女书识字卡：二十四个字", "一个女书字常可写多个同音词，卡上只标其中一个对应汉字", (110, 30, 60), (1280, 1060))
    for n, (sign, word) in enumerate(NUSHU):
        x, y = 70 + n % 8 * 145, 140 + n // 8 * 285
        draw.rounded_rectangle((x, y, x + 125, y + 260), 10, fill=(255, 252, 246), outline=(150, 60, 90), width=2)
        write(draw, (x + 62, y + 20), sign, 110, (110, 30, 60), anchor="m")
        write(draw, (x + 62, y + 180), word, 50, (60, 60, 60), family=SERIF, anchor="m")
    save(image, path)


def drum_tower(path):
    """A Dong drum tower, simplified."""
    image = gradient((1280, 960), (160, 200, 226), (236, 244, 236))
    draw = ImageDraw.Draw(image)
    for k, (top, tone) in enumerate(((560, (120, 160, 140)), (640, (88, 134, 108)), (730, (62, 108, 80)))):
        draw.polygon([(0, 960)] + [(x, top + 60 * math.sin(x / 170 + k * 2)) for x in range(0, 1300, 20)] + [(1280, 960)], fill=tone)
    base, centre = 880, 640
    for x in (centre - 150, centre - 60, centre + 50, centre + 140):
        draw.rectangle((x, 720, x + 16, base), fill=(90, 56, 34))
    floors = 9
    for n in range(floors):
        y = 740 - n * 56
        half = 270 - n * 22
        draw.rectangle((centre - half + 50, y - 40, centre + half - 50, y), fill=(120, 76, 44))
        for k in range(-5, 6):
            x = centre + k * (half - 56) / 5
            draw.line((x, y - 40, x, y), fill=(86, 52, 30), width=2)
        draw.polygon([(centre - half, y + 4), (centre - half + 60, y - 26), (centre + half - 60, y - 26), (centre + half, y + 4),
                      (centre + half - 24, y + 12), (centre - half + 24, y + 12)], fill=(58, 62, 70))
    top = 740 - floors * 56
    draw.polygon([(centre - 90, top + 20), (centre, top - 60), (centre + 90, top + 20)], fill=(58, 62, 70))
    for k, r in enumerate((14, 10, 7)):
        draw.ellipse((centre - r, top - 84 - k * 22, centre + r, top - 84 - k * 22 + 2 * r), fill=(214, 206, 190))
    write(draw, (50, 890), "侗族鼓楼（示意画）", 34, (250, 250, 240), "Bold")
    save(image, path)


def covered_bridge(path):
    """A wind-and-rain bridge, simplified."""
    image = gradient((1280, 960), (188, 214, 230), (240, 240, 226))
    draw = ImageDraw.Draw(image)
    draw.polygon([(0, 520)] + [(x, 430 + 50 * math.sin(x / 150)) for x in range(0, 1300, 20)] + [(1280, 520), (1280, 960), (0, 960)], fill=(104, 148, 112))
    draw.rectangle((0, 720, 1280, 960), fill=(92, 142, 168))
    for n in range(26):
        x = (n * 173) % 1280
        draw.line((x, 740 + n * 8 % 200, x + 90, 740 + n * 8 % 200), fill=(150, 190, 206), width=3)
    for x in (220, 610, 1000):
        draw.polygon([(x - 46, 560), (x + 46, 560), (x + 66, 800), (x - 66, 800)], fill=(132, 126, 118))
    draw.rectangle((60, 540, 1220, 572), fill=(100, 62, 36))
    for x in range(80, 1210, 60):
        draw.rectangle((x, 440, x + 10, 545), fill=(112, 70, 40))
    draw.rectangle((60, 505, 1220, 516), fill=(112, 70, 40))
    draw.polygon([(40, 448), (90, 408), (1190, 408), (1240, 448)], fill=(60, 62, 70))
    for centre in (220, 610, 1000):
        for n in range(3):
            y, half = 410 - n * 52, 130 - n * 30
            draw.rectangle((centre - half + 34, y - 34, centre + half - 34, y), fill=(120, 76, 44))
            draw.polygon([(centre - half, y - 2), (centre - half + 36, y - 30), (centre + half - 36, y - 30), (centre + half, y - 2)], fill=(60, 62, 70))
        draw.polygon([(centre - 46, 268), (centre, 214), (centre + 46, 268)], fill=(60, 62, 70))
    write(draw, (50, 890), "侗族风雨桥（示意画）", 34, (250, 250, 240), "Bold")
    save(image, path)


def save(image, path):
    kind = path.suffix.lower()
    if kind == ".jpg":
        image.save(path, quality=80, optimize=True)
    elif kind == ".webp":
        image.save(path, quality=60, method=6)
    else:
        image.save(path, optimize=True)
