#!/usr/bin/python3
"""Takes the pictures of the README from the real program, which finds the leak of the sample.

    pictures.py PROGRAM BASE TARGET PICTURES

Leaves leaks.png, comparison.png and chain.png.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time

from window import DELTA_HEADER, FIRST_ROW, HEIGHT, OWN_NAME, WIDTH, expect, on_display

COLORS = 64  # of a picture, so that it stays small


def walk(person, program, base, target):
    settings = tempfile.mkdtemp(prefix="heapglass-pictures-")
    environment = {**os.environ, "DISPLAY": person.name, "XDG_CONFIG_HOME": settings, "XDG_DATA_HOME": settings,
                   "HOME": settings, "LIBGL_ALWAYS_SOFTWARE": "1"}
    environment.pop("WAYLAND_DISPLAY", None)
    running = subprocess.Popen([program, base, target], env=environment)
    try:
        window = person.wait_for("the window", lambda: person.window("Heapglass"))
        time.sleep(2)
        window.configure(x=0, y=0, width=WIDTH, height=HEIGHT)
        person.d.sync()

        def comparison_is_there():
            person.key("Control_L", "2")
            person.click(400, FIRST_ROW)
            return len(person.copied_row()) == 7

        person.wait_for("the comparison", comparison_is_there)
        time.sleep(2)  # the other file
        person.click(*DELTA_HEADER)
        person.click(*DELTA_HEADER)
        person.click(400, FIRST_ROW)
        person.key("Home")
        for _ in range(10):
            if OWN_NAME in person.copied_row()[0]:
                break
            person.key("Down")
        person.key("Right")
        time.sleep(1)
        person.key("Down")
        expect("@" in person.copied_row()[0], "a new object below the class that grew")
        time.sleep(1)
        person.picture("comparison")
        crop(person, "comparison", "chain", f"{WIDTH - 220}x240+220+562")
        person.key("Control_L", "7")
        time.sleep(4)
        person.picture("leaks")
    finally:
        running.kill()
        shutil.rmtree(settings, ignore_errors=True)


def crop(person, source, name, geometry):
    source, path = (os.path.join(person.pictures, n + ".png") for n in (source, name))
    subprocess.run(["convert", source, "-crop", geometry, "+repage", path], check=True)


def shrink(pictures):
    for name in ("comparison", "chain", "leaks"):
        path = os.path.join(pictures, name + ".png")
        subprocess.run(["convert", path, "+dither", "-colors", str(COLORS), "-strip", path], check=True)


def main():
    program, base, target, pictures = sys.argv[1:]
    os.makedirs(pictures, exist_ok=True)
    on_display(pictures, lambda person: walk(person, program, base, target))
    shrink(pictures)


if __name__ == "__main__":
    main()
