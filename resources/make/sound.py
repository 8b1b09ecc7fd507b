"""Narration by espeak-ng, MP4 lessons and MP3 programmes by ffmpeg, SRT beside them."""

import array
import json
import pathlib
import subprocess
import wave

VOICE = ["espeak-ng", "-v", "cmn-latn-pinyin", "-s", "165", "-g", "1"]
RATE = 22050
MARK = "本课配音由语音合成软件生成"


def run(arguments):
    subprocess.run(["nice", "-n", "10", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


def speak(text, path):
    run([*VOICE, "-w", path, text])
    with wave.open(str(path)) as source:
        assert source.getframerate() == RATE and source.getnchannels() == 1
        return source.readframes(source.getnframes())


def silence(seconds):
    return b"\0\0" * round(RATE * seconds)


def trim(frames):
    """Takes away the silence at both ends."""
    samples, step, quiet = array.array("h", frames), RATE // 100, 200
    loud = [n for n in range(0, len(samples), step) if max(map(abs, samples[n:n + step:4])) > quiet]
    return samples[max(0, loud[0] - 2 * step):loud[-1] + 3 * step].tobytes()


def narrate(slides, work, tail=0.55, close=1.2):
    """slides: lists of cues; tail and close: seconds of silence after each slide and at the end. Returns the wave path, seconds of each slide, and cues (start, end, text)."""
    frames, lengths, cues, clock = [], [], [], 0
    for number, slide in enumerate(slides, 1):
        begin = clock
        for text in slide:
            voice = trim(speak(text, work / "cue.wav"))
            length = len(voice) // 2
            cues.append((clock / RATE, (clock + length) / RATE + 0.15, text))
            pause = silence(0.35)
            frames += [voice, pause]
            clock += length + len(pause) // 2
        rest = silence(close if number == len(slides) else tail)
        frames.append(rest)
        clock += len(rest) // 2
        lengths.append((clock - begin) / RATE)
    path = work / "voice.wav"
    with wave.open(str(path), "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(RATE)
        target.writeframes(b"".join(frames))
    return path, lengths, cues


def stamp(seconds):
    ms = round(seconds * 1000)
    return f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02},{ms % 1000:03}"


def srt(cues):
    shown = []
    for n, (start, end, text) in enumerate(cues):
        end = max(end, start + 1.05)
        if n + 1 < len(cues):
            end = min(end, cues[n + 1][0] - 0.04)
        assert 1.0 <= end - start <= 7.0, (end - start, text)
        assert len(text) <= 20, text
        shown.append(f"{n + 1}\n{stamp(start)} --> {stamp(end)}\n{text.rstrip('，。；')}\n")
    return "\n".join(shown)


def implicit_mark(producer, number):
    """The implicit mark for synthetic content, kept in the comment tag."""
    return json.dumps({"AIGC": {"Label": "1", "ContentProducer": producer, "ProduceID": number,
                                "Note": "narration: espeak-ng"}}, ensure_ascii=False)


LOUDNESS = "loudnorm=I=-18:TP=-2:LRA=7,aresample=48000"
EXACT = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]


def film(pictures, lengths, voice, target, tags, work):
    """One lesson: still pictures with narration."""
    listing = work / "pictures.txt"
    lines = []
    for picture, seconds in zip(pictures, lengths):
        lines += [f"file '{picture.name}'", f"duration {seconds:.3f}"]
    lines.append(f"file '{pictures[-1].name}'")
    listing.write_text("\n".join(lines), encoding="utf-8")
    total = sum(lengths)
    command = ["ffmpeg", "-v", "error", "-y", "-threads", "1", "-f", "concat", "-i", listing, "-i", voice,
               "-map", "0:v", "-map", "1:a", "-t", f"{total:.3f}", "-vf", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,fps=25",
               "-c:v", "libx264", "-threads", "1", "-profile:v", "high", "-level", "3.1", "-preset", "veryfast",
               "-tune", "stillimage", "-crf", "32", "-g", "500", "-keyint_min", "25",
               "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709",
               "-af", LOUDNESS, "-c:a", "aac", "-aac_coder", "fast", "-b:a", "136k", "-ac", "2", "-movflags", "+faststart", *EXACT]
    for key, value in tags.items():
        command += ["-metadata", f"{key}={value}"]
    run([*command, target])


def record(voice, target, tags):
    """One sound programme: MP3, 48 kHz, mono speech at 64 kbps."""
    command = ["ffmpeg", "-v", "error", "-y", "-threads", "1", "-i", voice, "-af", LOUDNESS,
               "-c:a", "libmp3lame", "-b:a", "64k", "-ac", "1", "-id3v2_version", "3", *EXACT]
    for key, value in tags.items():
        command += ["-metadata", f"{key}={value}"]
    run([*command, target])
