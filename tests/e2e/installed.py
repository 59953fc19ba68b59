#!/usr/bin/python3
"""Opens a snapshot as a double click in a file manager does, through whatever is installed for its type.

    installed.py FILE PICTURES

The window must be known to the desktop by the name of its .desktop file, and must show what the command line says is
the greatest class of the file.
"""

import os
import signal
import subprocess
import sys

from desktop import HEIGHT, WIDTH, environment_of_its_own, expect, on_desktop

APP_ID = "heapglass"


def greatest_class(file):
    table = subprocess.run([APP_ID, "summary", file, "--limit", "1", "--format", "csv"],
                           check=True, stdout=subprocess.PIPE, text=True).stdout
    return table.splitlines()[1].split(",")[0]


def double_click(person, file):
    wanted = greatest_class(file)
    environment = environment_of_its_own(person.name, os.environ["HOME"])
    subprocess.run(["gio", "open", file], env=environment, check=True)
    window = person.wait_for("the window", lambda: person.window("Heapglass"))
    process = window.get_full_property(person.atom("_NET_WM_PID"), 0).value[0]
    try:
        expect(APP_ID in window.get_wm_class(), f"the window class {APP_ID}, not {window.get_wm_class()}")
        icon = window.get_full_property(person.atom("_NET_WM_ICON"), 0)
        expect(icon is not None and icon.value[0] == 256, "an icon of 256 pixels on the window")
        window.configure(x=0, y=0, width=WIDTH, height=HEIGHT)
        person.d.sync()
        person.click(person.find("page tab", "Summary"))
        row = person.find("tree item", "", person.find("tree table", "Summary"))
        person.picture("installed")
        expect(row.name().startswith(wanted), f"{wanted} as the first row, not {row}")
        print(f"{os.path.basename(file)} opened: {row}")
    finally:
        os.kill(process, signal.SIGTERM)


def main():
    file, pictures = sys.argv[1:]
    on_desktop(pictures, lambda person: double_click(person, file))


if __name__ == "__main__":
    main()
