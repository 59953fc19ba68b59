#!/usr/bin/python3
"""Takes the pictures of the README from the real program, which finds the leak of the sample.

    pictures.py PROGRAM BASE TARGET PICTURES

Leaves leaks.png, comparison.png and chain.png.
"""

import os
import subprocess
import sys
import time

from desktop import WIDTH, Running, on_desktop
from window import open_grown_class, sort_comparison

COLORS = 64  # of a picture, so that it stays small


def walk(person, program, base, target):
    with Running(person, program, base, target):
        sort_comparison(person)
        open_grown_class(person)
        time.sleep(1)
        person.picture("comparison")
        crop(person, "comparison", "chain", f"{WIDTH - 220}x240+220+562")
        person.click(person.find("page tab", "Leaks"))
        person.find("push button", "Show owner")
        time.sleep(1)
        person.picture("leaks")


def crop(person, source, name, geometry):
    source, path = (os.path.join(person.pictures, n + ".png") for n in (source, name))
    subprocess.run(["convert", source, "-crop", geometry, "+repage", path], check=True)


def shrink(pictures):
    for name in ("comparison", "chain", "leaks"):
        path = os.path.join(pictures, name + ".png")
        subprocess.run(["convert", path, "+dither", "-colors", str(COLORS), "-strip", path], check=True)


def main():
    program, base, target, pictures = sys.argv[1:]
    on_desktop(pictures, lambda person: walk(person, program, base, target))
    shrink(pictures)


if __name__ == "__main__":
    main()
