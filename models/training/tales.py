"""Turns tales with their readings between the lines into the folder that `evaluate` and the fitting programs read.

    python tales.py tales/*.tale --out DIR

A file holds many tales:

    === fox-and-well
    @ fox: a fox; the fox; Reynard; the thief | male, adult, fox
    @ hen: the hen; Dame Partlet | female, unknown, hen
    @ ducks, group: the ducks | neutral, unknown, duck
    ## garden/village | dusk | clear | out | fox, hen
    A fox came over the wall. {fox>hen|“Are you alone?”} he asked.

    {hen>fox|“I might be.”}

`@` is somebody with every phrase of the text that means them, gender, age and being; after the id `minor` (mentioned in
passing) or `group`. `##` opens a scene: places, times and weathers that are right, `in` or `out`, who is there. Speech is
`{speaker>addressee|words}`, `-` for nobody or unknown. Without `--out` the files are only checked.
"""

import argparse
import json
import pathlib
import re
import sys

PLACES = set("forest sky night indoor water sea field village city castle mountain desert snow cave garden road".split())
TIMES = set("day dusk night dawn unknown".split())
WEATHERS = set("clear rain snow fog wind storm".split())
GENDERS = set("male female neutral unknown".split())
AGES = set("child adult elder unknown".split())
ENDS = re.compile(r"[.!?…,:;]\W*$")
SPEECH = re.compile(r"\{([\w-]+)>([\w-]+)\|([^{}]*)\}")


class Wrong(Exception):
    pass


def among(words, known, what):
    found = [word.strip() for word in words.split("/")]
    for word in found:
        if word not in known:
            raise Wrong(f"{what} {word!r} is none of {', '.join(sorted(known))}")
    return found


def somebody(line):
    head, _, rest = line[1:].partition(":")
    names, _, kind = rest.rpartition("|")
    id, *marks = [part.strip() for part in head.split(",")]
    kind = [part.strip() for part in kind.split(",")]
    if len(kind) != 3 or not names.strip() or set(marks) - {"minor", "group"}:
        raise Wrong(f"not `@ id: names | gender, age, being`: {line}")
    gender, age, being = kind
    among(gender, GENDERS, "gender")
    among(age, AGES, "age")
    names = [name.strip() for name in names.split(";") if name.strip()]
    return dict(id=id, names=names, gender=gender, age=age, being=being, minor="minor" in marks, group="group" in marks)


def place_of(line):
    parts = [part.strip() for part in line[2:].split("|")]
    if len(parts) != 5 or parts[3] not in ("in", "out"):
        raise Wrong(f"not `## place | time | weather | in or out | who is there`: {line}")
    return dict(
        place=among(parts[0], PLACES, "place"),
        time=among(parts[1], TIMES, "time"),
        weather=among(parts[2], WEATHERS, "weather"),
        indoor=parts[3] == "in",
        present=[id.strip() for id in parts[4].split(",") if id.strip() not in ("", "-")],
    )


def tale(block):
    """The text and the reading of one tale."""
    characters, scenes, quotes, told, opening = [], [], [], [], None
    for line in block.strip().split("\n"):
        if line.startswith("@"):
            characters.append(somebody(line))
        elif line.startswith("##"):
            opening = place_of(line)
        else:
            for speaker, hears, words in SPEECH.findall(line):
                quotes.append([words, *(None if id == "-" else id for id in (speaker, hears))])
            line = SPEECH.sub(r"\3", line)
            if "{" in line or "}" in line:
                raise Wrong(f"a brace is left: {line}")
            # A heading is no part of the text that is read.
            if opening and len(line.split()) > 5 and ENDS.search(line):
                words = " ".join(line.split(" ")[:9])
                scenes.append({"begins": words, **opening})
                opening = None
            told.append(line)
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(told)).strip() + "\n"
    ids = {it["id"] for it in characters}
    for id in [id for _, *both in quotes for id in both] + [id for it in scenes for id in it["present"]]:
        if id is not None and id not in ids:
            raise Wrong(f"nobody is {id!r}")
    low = " ".join(text.split()).lower()
    for it in characters:
        for name in it["names"]:
            if name.lower() not in low:
                raise Wrong(f"{name!r} is not in the text")
    taken = {}
    for it in characters:
        for name in it["names"]:
            if taken.setdefault(name.lower(), it["id"]) != it["id"]:
                raise Wrong(f"{name!r} is both {taken[name.lower()]!r} and {it['id']!r}")
    if not scenes or not quotes or len(characters) < 2:
        raise Wrong("no scene, no speech or nobody")
    at = 0
    for it in scenes:
        at = text.find(it["begins"], at)
        if at < 0:
            raise Wrong(f"where is the scene that begins {it['begins']!r}?")
    return text, dict(
        characters=characters,
        quotes=[dict(text=words, speaker=speaker, addressee=hears) for words, speaker, hears in quotes],
        scenes=scenes,
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path)
    arguments = parser.parse_args()
    wrong, names, lines, scenes, words = 0, set(), 0, 0, 0
    for path in arguments.files:
        for block in re.split(r"^=== *", path.read_text(encoding="utf-8"), flags=re.M)[1:]:
            name, _, block = block.partition("\n")
            name = name.strip()
            try:
                if name in names:
                    raise Wrong("a tale of that name was there before")
                text, reading = tale(block)
            except Wrong as error:
                wrong += 1
                print(f"{path.name}: {name}: {error}", file=sys.stderr)
                continue
            names.add(name)
            lines += len(reading["quotes"])
            scenes += len(reading["scenes"])
            words += len(text.split())
            if arguments.out:
                arguments.out.mkdir(parents=True, exist_ok=True)
                (arguments.out / f"{name}.txt").write_text(text, encoding="utf-8")
                (arguments.out / f"{name}.json").write_text(json.dumps(reading, ensure_ascii=False, indent=1), encoding="utf-8")
    print(f"{len(names)} tales, {words} words, {lines} lines of speech, {scenes} scenes; {wrong} wrong")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
