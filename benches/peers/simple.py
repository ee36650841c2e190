"""The simple scene by moviepy and Pillow: a gradient, a title, a talking head that moves, a caption.

    python simple.py FILM.mp4 drawn|cached

`drawn` draws the gradient for every frame, `cached` copies it. Needs moviepy and pillow. What the
scene looks like is written here, in browser/scene.html and in simple.json alike.
"""

import math
import sys
from pathlib import Path

import numpy as np
from moviepy import VideoClip
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, FPS, LENGTH_S = 1920, 1080, 30, 10
TITLE_S, END_S = 2.0, 9.5
TOP, BOTTOM = (59, 47, 99), (226, 138, 94)
FONT = Path(__file__).parents[2] / "assets/fonts/Quicksand-Bold.ttf"
TITLE, END = "A Walk at Dusk", "The End"
CAPTION = "What a fine evening for a walk along the river!"


def gradient():
    picture = Image.new("RGB", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(picture)
    for y in range(HEIGHT):
        share = y / (HEIGHT - 1)
        color = tuple(round(a + (b - a) * share) for a, b in zip(TOP, BOTTOM))
        draw.line([(0, y), (WIDTH, y)], fill=color)
    return picture


def main():
    path, way = sys.argv[1:]
    large, small = (ImageFont.truetype(str(FONT), size) for size in (120, 44))
    still = gradient() if way == "cached" else None

    def frame(time_s):
        picture = still.copy() if still else gradient()
        draw = ImageDraw.Draw(picture, "RGBA")
        if time_s < TITLE_S or time_s >= END_S:
            text = TITLE if time_s < TITLE_S else END
            draw.text((WIDTH / 2, HEIGHT / 2), text, font=large, fill="white", anchor="mm")
            return np.asarray(picture)
        share = (time_s - TITLE_S) / (END_S - TITLE_S)
        x, y = WIDTH * (0.2 + 0.6 * share), HEIGHT * 0.5 + 20 * math.sin(time_s * 6)
        draw.ellipse([x - 150, y - 150, x + 150, y + 150], fill=(242, 196, 160))
        for side in (-1, 1):
            eye = x + side * 55
            draw.ellipse([eye - 16, y - 56, eye + 16, y - 24], fill=(58, 42, 26))
        opened = 6 + 24 * abs(math.sin(time_s * 9))
        draw.ellipse([x - 45, y + 60 - opened, x + 45, y + 60 + opened], fill=(120, 40, 50))
        box = draw.textbbox((WIDTH / 2, HEIGHT * 0.9), CAPTION, font=small, anchor="mm")
        around = [box[0] - 30, box[1] - 18, box[2] + 30, box[3] + 18]
        draw.rounded_rectangle(around, 24, fill=(0, 0, 0, 150))
        draw.text((WIDTH / 2, HEIGHT * 0.9), CAPTION, font=small, fill="white", anchor="mm")
        return np.asarray(picture)

    clip = VideoClip(frame_function=frame, duration=LENGTH_S)
    clip.write_videofile(path, fps=FPS, audio=False, logger=None)


if __name__ == "__main__":
    main()
