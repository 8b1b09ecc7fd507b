"""Packages that the machine checks must send back, each for exactly one reason."""

import re
import subprocess

import packing


def citizen_number(birth, serial):
    """A number with a valid check digit (GB 11643) in 430999, an area code that was never given out."""
    body = f"430999{birth}{serial:03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights)) % 11]


def make(item, target):
    {"RIGHTS-LICENCE": without_licence, "INTEG-TYPE": disguised_program, "INTEG-OPEN": cut_short,
     "AI-LABEL": without_mark, "PRIVACY-ID": with_numbers, "CULTURE-CONSENT": packing.make_folder,
     "SUB-ORDER": shuffled_subtitles}[item.meta["returned"]](item, target)


def without_licence(item, target):
    packing.make_folder(item, target)
    path = target / "yuelu.toml"
    lines = [line for line in path.read_text(encoding="utf-8").split("\n") if not line.startswith(("licence =", "holder ="))]
    path.write_text("\n".join(lines), encoding="utf-8")


def disguised_program(item, target):
    """The attachment is the head of an ELF program; it holds no code and cannot run."""
    packing.make_folder(item, target)
    elf = bytes([0x7F]) + b"ELF" + bytes([2, 1, 1, 0]) + bytes(8) + (2).to_bytes(2, "little") + (62).to_bytes(2, "little")
    (target / "练习题.pdf").write_bytes(elf + bytes(4076))
    with (target / "yuelu.toml").open("a", encoding="utf-8") as out:
        out.write('\n[[files]]\npath = "练习题.pdf"\nrole = "attachment"\ntitle = "练习题"\n')


def cut_short(item, target):
    """The index of the film stands at its end and is cut off."""
    packing.make_folder(item, target)
    film = next((target / "video").glob("*.mp4"))
    whole = film.with_suffix(".whole.mp4")
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", film, "-c", "copy", "-map_metadata", "0", "-fflags", "+bitexact", whole], check=True)
    data = whole.read_bytes()
    film.write_bytes(data[:len(data) * 3 // 5])
    whole.unlink()


def without_mark(item, target):
    target.mkdir(parents=True)
    files = packing.Files(target)
    packing.make_sound(item, files, mark=False)
    packing.put_cover(item, files)
    packing.finish(item, files)


def with_numbers(item, target):
    births = ("19000101", "19000214", "19000315", "19000420", "19000505")
    for n, birth in enumerate(births, 1):
        item.body = item.body.replace(f"{{ID{n}}}", citizen_number(birth, n))
    packing.make_folder(item, target)


def shuffled_subtitles(item, target):
    target.mkdir(parents=True)
    files = packing.Files(target)
    packing.make_lessons(item, files, faulty=shuffle)
    packing.put_cover(item, files)
    packing.finish(item, files)


def shuffle(text):
    """The fourth cue comes before the third, and the fifth begins before the fourth has ended."""
    cues = text.strip().split("\n\n")
    cues[2], cues[3] = cues[3], cues[2]
    start = re.search(r"(\S+) --> (\S+)", cues[2])
    fifth = cues[4].split("\n")
    fifth[1] = f"{start[1]} --> {fifth[1].split(' --> ')[1]}"
    cues[4] = "\n".join(fifth)
    return "\n\n".join(cues) + "\n"
