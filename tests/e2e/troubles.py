#!/usr/bin/python3
"""What may befall a window: two programs at once, settings that cannot be written, a display that goes away.

    troubles.py PROGRAM FILE

Two programs share their settings, a third has no place for any. Each opens the file. Then the display is taken away:
each must end by itself with a sentence, not with a backtrace or a signal, and the settings must be whole.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

from desktop import Failed, Person, environment_of_its_own, expect, start_display

PATIENCE = 60  # seconds until a window is there, or a program has ended


def start(program, file, display, home):
    return subprocess.Popen([program, file], env=environment_of_its_own(display, home), stderr=subprocess.PIPE, text=True)


def windows(person):
    tree = [w for top in person.root.query_tree().children for w in [top, *top.query_tree().children]]
    return [w for w in tree if w.get_wm_name() == "Heapglass"]


def wait_for(what, look):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if look():
            return
        time.sleep(0.2)
    raise Failed(f"waited {PATIENCE} s for {what}")


def endure(program, file, home):
    server, display = start_display()
    running = []
    try:
        person = Person(display, home)
        for place in (home, home, "/proc/heapglass"):
            running.append(start(program, file, display, place))
        wait_for("three windows", lambda: len(windows(person)) == 3)
        # Settings are written when a file has opened.
        settings = os.path.join(home, "heapglass", "settings.json")
        wait_for("settings", lambda: os.path.exists(settings))
        time.sleep(2)
        ended = [process.poll() for process in running]
        expect(ended == [None] * 3, f"three programs that run on, not {ended}")
        server.kill()
        server.wait()
        for process in running:
            told = process.communicate(timeout=PATIENCE)[1]
            expect(process.returncode == 1, f"the status 1 of a program without display, not {process.returncode}: {told}")
            expect("panicked" not in told and told.strip(), f"a sentence about the display, not {told!r}")
        with open(settings, encoding="utf-8") as text:
            json.load(text)
        left = [name for name in os.listdir(os.path.dirname(settings)) if name != "settings.json"]
        expect(not left, f"no drafts of settings, not {left}")
        print(f"ended with: {told.strip()}")
    finally:
        for process in running:
            process.kill()
        server.kill()


def main():
    program, file = sys.argv[1:]
    home = tempfile.mkdtemp()
    try:
        endure(program, file, home)
    except (Failed, subprocess.TimeoutExpired) as problem:
        sys.exit(f"FAILED: {problem}")
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
