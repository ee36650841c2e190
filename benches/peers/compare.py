#!/usr/bin/env python3
"""Times fabula against moviepy with Pillow, and against a browser that is filmed frame by frame.

    python3 compare.py [--fabula target/release/fabula] [--runs 3] [--json FIGURES.json]
    python3 compare.py --also 'another program' 'its-command --output FILM'

Each makes ten seconds of 1920x1080 at 30 frames a second of the same simple scene; fabula makes ten
acted seconds of a sample story too. The run with the shortest time of each counts. Time is that of
the whole program from its start to the finished film; memory is the largest sum over all its
processes, pages that they share counted once (PSS). Linux only.

The browser stands for programs that make films of web pages, such as Remotion. Remotion itself is not
among them because its licence is not an open-source one; --also takes it, or any other program that
makes the scene, where it is installed.

moviepy, Pillow and puppeteer-core are installed into out/peers; Python 3.10, npm, Chromium and ffmpeg
have to be there.
"""

import argparse
import json
import os
import resource
import shlex
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OUT = ROOT / "out/peers"
STORY = ROOT / "assets/stories/two-goats-on-the-bridge.txt"
FPS, LENGTH_S = 30, 10
PYTHON_PACKAGES = ["moviepy==2.2.1", "pillow==11.3.0"]
SAMPLE_S = 0.1


def say(text):
    print(text, file=sys.stderr, flush=True)


def process_tree(root):
    """The process and all that it started, directly or not."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    tree = {root}
    while True:
        found = {pid for pid, parent in parents.items() if parent in tree} - tree
        if not found:
            return tree
        tree |= found


def memory_kb(pid):
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def measured(command, film):
    """Runs a command that makes `film`."""
    film.unlink(missing_ok=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    peak_kb = 0

    def watch():
        nonlocal peak_kb
        while process.returncode is None:
            peak_kb = max(peak_kb, sum(map(memory_kb, process_tree(process.pid))))
            time.sleep(SAMPLE_S)

    watcher = threading.Thread(target=watch)
    watcher.start()
    complaint = process.communicate()[1].decode(errors="replace")
    wall_s = time.monotonic() - began
    watcher.join()
    if process.returncode != 0 or not film.exists():
        sys.exit(f"{command[0]} ended with {process.returncode}: {complaint}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    check(film)
    return {
        "wall_s": round(wall_s, 2),
        "cpu_s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 2),
        "peak_memory_mb": round(peak_kb / 1024),
        "size_bytes": film.stat().st_size,
        "frames_per_s": round(FPS * LENGTH_S / wall_s, 1),
    }


def check(film):
    """That it is the film that was asked for."""
    fields = "width,height,avg_frame_rate,nb_frames"
    probe = ["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", f"stream={fields}", "-of", "csv=p=0", film]
    found = subprocess.run(probe, capture_output=True, text=True, check=True).stdout.strip()
    wanted = f"1920,1080,{FPS}/1,{FPS * LENGTH_S}"
    if found != wanted:
        sys.exit(f"{film} is {found}, not {wanted}")


def acted_scene(fabula):
    """The first ten seconds of a sample story, most of its cards left out."""
    plan = subprocess.run([fabula, "-q", "storyboard", STORY, "-o", "-"], capture_output=True, text=True, check=True)
    board = json.loads(plan.stdout)
    cut = {"kind": "cut", "duration_s": 0.0}
    for card in (board["opening"], board["closing"]):
        card.update(duration_s=0.5, transition=cut)
    left_s = LENGTH_S - 1.0
    for scene in board["scenes"]:
        scene["transition"] = cut
        shots = []
        for shot in scene["shots"]:
            if left_s > 0.2:
                shot["duration_s"] = min(shot["duration_s"], left_s)
                left_s -= shot["duration_s"]
                shots.append(shot)
        scene["shots"] = shots
    board["scenes"] = [scene for scene in board["scenes"] if scene["shots"]]
    board["scenes"][-1]["shots"][-1]["duration_s"] += left_s
    path = OUT / "acted.json"
    path.write_text(json.dumps(board))
    return path


def peers(fabula, chromium):
    """Name, command without the film's path, and the arguments after it."""
    venv, browser = OUT / "venv", OUT / "browser"
    python = venv / "bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    say("installing moviepy and Pillow")
    subprocess.run([python, "-m", "pip", "install", "-q", *PYTHON_PACKAGES], check=True, stdout=sys.stderr)
    render = ["render", "--fps", str(FPS), "-q", "-o"]
    contestants = [
        ("fabula, simple scene", [fabula, *render], [HERE / "simple.json"]),
        ("fabula, acted scene", [fabula, *render], [acted_scene(fabula)]),
        ("moviepy, each frame drawn", [python, HERE / "simple.py"], ["drawn"]),
        ("moviepy, background cached", [python, HERE / "simple.py"], ["cached"]),
    ]
    if not chromium or not shutil.which("npm"):
        say("the browser is left out: it needs npm, and Chromium (--chromium)")
        return contestants
    say("installing puppeteer-core")
    browser.mkdir(exist_ok=True)
    for name in ("package.json", "render.mjs"):
        shutil.copy(HERE / "browser" / name, browser)
    # The page finds its font from where it lies.
    page = (HERE / "browser/scene.html").read_text().replace("../../../assets", str(ROOT / "assets"))
    (browser / "scene.html").write_text(page)
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=browser, check=True, stdout=sys.stderr)
    return [*contestants, ("browser, frame by frame", ["node", browser / "render.mjs"], [chromium])]


def table(figures):
    simple, acted = figures["fabula, simple scene"], figures["fabula, acted scene"]
    lines = [
        "| 10 s of 1920x1080 at 30 frames/s | time | CPU time | frames/s | peak memory | file | fabula simple | fabula acted |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, found in figures.items():
        ratios = [f"{found['wall_s'] / own['wall_s']:.2f}x" for own in (simple, acted)]
        if name.startswith("fabula"):
            ratios = ["", ""]
        lines.append(
            f"| {name} | {found['wall_s']:.1f} s | {found['cpu_s']:.1f} s | {found['frames_per_s']:.1f} |"
            f" {found['peak_memory_mb']} MB | {found['size_bytes'] / 1e6:.2f} MB | {ratios[0]} | {ratios[1]} |"
        )
    return "\n".join(lines) + "\n\nThe last two columns say how many times faster fabula is.\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fabula", type=Path, default=ROOT / "target/release/fabula")
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("google-chrome"))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--also", nargs=2, action="append", default=[], metavar=("NAME", "COMMAND"))
    parser.add_argument("--only", default="", help="those whose name has this in it, and fabula")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if not args.fabula.is_file():
        sys.exit(f"{args.fabula} is not there; `cargo build --release -p fabula` makes it, or name it with --fabula")
    # Without it a layer of Mesa's Vulkan asks for a display.
    os.environ.setdefault("XDG_RUNTIME_DIR", "/tmp")
    OUT.mkdir(parents=True, exist_ok=True)
    contestants = peers(args.fabula.resolve(), args.chromium)
    for name, command in args.also:
        before, _, after = command.partition("FILM")
        contestants.append((name, shlex.split(before), shlex.split(after)))
    rivals = [peer for peer in contestants if peer[0].startswith("fabula") or args.only in peer[0]]
    figures = {}
    # In turn, so that a busy minute of the machine does not hit one of them alone.
    for run in range(args.runs):
        for name, before, after in rivals:
            film = OUT / f"{name.replace(', ', '-').replace(' ', '-')}.mp4"
            found = measured([*before, film, *after], film)
            say(f"{run + 1}/{args.runs} {name}: {found['wall_s']} s")
            if name not in figures or found["wall_s"] < figures[name]["wall_s"]:
                figures[name] = found
    print(table(figures))
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
