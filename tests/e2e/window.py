#!/usr/bin/python3
"""Uses the real program in a real window, as a person would: real drops, keys and clicks.

    window.py PROGRAM BASE TARGET PICTURES

Starts a virtual display and a window manager, opens the program, drops the two snapshots on it,
sorts Comparison, opens the class that grew, selects a new object and follows its retainers. What
the window shows is read back through the clipboard: the program copies the selected row as text.
Screenshots are left in the folder PICTURES. Prints what it saw; fails with a sentence.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from urllib.parse import quote

from Xlib import X, Xatom, display
from Xlib.ext import xtest
from Xlib.protocol import event
from Xlib.XK import string_to_keysym

WIDTH, HEIGHT = 1280, 800
PATIENCE = 90  # seconds until the window must have done what it was asked
# Where things are in a window of this size.
FIRST_ROW = 126
DELTA_HEADER = (950, 105)
A_RETAINER = 740
# What the two snapshots are known to show.
OWN_NAME = "userAgentUsed"
GROWTH = 1000


class Failed(Exception):
    """The window did not show what it should."""


def start_display():
    """A virtual display of its own number, chosen by the server."""
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"],
        pass_fds=[write_end], stderr=subprocess.DEVNULL)
    os.close(write_end)
    number = b""
    while not number.endswith(b"\n"):
        got = os.read(read_end, 16)
        if not got:
            raise Failed("Xvfb did not start")
        number += got
    os.close(read_end)
    return server, ":" + number.decode().strip()


class Person:
    """Hands, eyes and a file manager."""

    def __init__(self, name, pictures):
        self.d = display.Display(name)
        self.name = name
        self.root = self.d.screen().root
        self.pictures = pictures
        # Owns the selections of drops and asks for the clipboard.
        self.own = self.root.create_window(0, 0, 1, 1, 0, X.CopyFromParent)

    def atom(self, name):
        return self.d.intern_atom(name)

    def wait_for(self, what, look):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = look()
            if found:
                return found
            time.sleep(0.2)
        self.picture("failed")
        raise Failed(f"waited {PATIENCE} s for {what}")

    def window(self, title):
        """The window with this title that takes drops."""
        aware = self.atom("XdndAware")
        below = [self.root]
        while below:
            window = below.pop()
            try:
                children = window.query_tree().children
                if window.get_wm_name() == title and window.get_full_property(aware, X.AnyPropertyType):
                    return window
            except Exception:  # closed while we looked
                continue
            below.extend(children)
        return None

    def key(self, *names):
        """Presses keys together: modifiers first."""
        codes = [self.d.keysym_to_keycode(string_to_keysym(n)) for n in names]
        for code in codes:
            xtest.fake_input(self.d, X.KeyPress, code)
        for code in reversed(codes):
            xtest.fake_input(self.d, X.KeyRelease, code)
        self.d.sync()
        time.sleep(0.25)

    def click(self, x, y):
        xtest.fake_input(self.d, X.MotionNotify, x=x, y=y)
        self.d.sync()
        time.sleep(0.15)
        xtest.fake_input(self.d, X.ButtonPress, 1)
        self.d.sync()
        time.sleep(0.05)
        xtest.fake_input(self.d, X.ButtonRelease, 1)
        self.d.sync()
        time.sleep(0.3)

    def picture(self, name):
        path = os.path.join(self.pictures, name + ".png")
        subprocess.run(["import", "-display", self.name, "-window", "root", path],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)

    def drop(self, window, files):
        """Speaks the XDND protocol: enter, position, drop, and the list of files when asked."""
        uris = "".join(f"file://{quote(os.path.abspath(f))}\r\n" for f in files).encode()
        uri_list, selection = self.atom("text/uri-list"), self.atom("XdndSelection")
        self.own.set_selection_owner(selection, X.CurrentTime)

        def tell(kind, data):
            message = event.ClientMessage(window=window, client_type=self.atom(kind), data=(32, data))
            window.send_event(message, event_mask=0)
            self.d.flush()

        middle = (WIDTH // 2) << 16 | HEIGHT // 2
        tell("XdndEnter", [self.own.id, 5 << 24, uri_list, 0, 0])
        tell("XdndPosition", [self.own.id, 0, middle, X.CurrentTime, self.atom("XdndActionCopy")])
        dropped = False
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if not self.d.pending_events():
                time.sleep(0.02)
                continue
            e = self.d.next_event()
            if e.type == X.SelectionRequest:
                e.requestor.change_property(e.property, e.target, 8, uris)
                answer = event.SelectionNotify(
                    time=e.time, requestor=e.requestor, selection=e.selection, target=e.target, property=e.property)
                e.requestor.send_event(answer)
                self.d.flush()
            elif e.type == X.ClientMessage and e.client_type == self.atom("XdndStatus") and not dropped:
                dropped = True
                time.sleep(0.3)
                tell("XdndDrop", [self.own.id, 0, X.CurrentTime, 0, 0])
            elif e.type == X.ClientMessage and e.client_type == self.atom("XdndFinished"):
                if not e.data[1][1] & 1:
                    raise Failed("the window refused the drop")
                return
        raise Failed("the window did not finish the drop")

    def clipboard(self):
        """The text on the clipboard; empty if nobody owns it."""
        target, store = self.atom("UTF8_STRING"), self.atom("HEAPGLASS_TEST")
        self.own.convert_selection(self.atom("CLIPBOARD"), target, store, X.CurrentTime)
        self.d.flush()
        until = time.monotonic() + 5
        while time.monotonic() < until:
            if not self.d.pending_events():
                time.sleep(0.02)
                continue
            e = self.d.next_event()
            if e.type == X.SelectionNotify:
                if e.property == X.NONE:
                    return ""
                got = self.own.get_full_property(store, X.AnyPropertyType)
                return got.value.decode() if got else ""
        return ""

    def forget_clipboard(self):
        self.own.set_selection_owner(self.atom("CLIPBOARD"), X.CurrentTime)
        self.root.set_selection_owner(self.atom("CLIPBOARD"), X.CurrentTime)
        self.d.sync()

    def copied_row(self):
        """The selected row as the program copies it, its cells as a list."""
        self.key("Control_L", "c")
        return [cell.replace("\u00a0", " ") for cell in self.clipboard().rstrip("\n").split("\t")]


def use(person, program, base, target):
    settings = tempfile.mkdtemp(prefix="heapglass-e2e-")
    environment = {**os.environ, "DISPLAY": person.name, "XDG_CONFIG_HOME": settings, "XDG_DATA_HOME": settings,
                   "HOME": settings, "LIBGL_ALWAYS_SOFTWARE": "1"}
    environment.pop("WAYLAND_DISPLAY", None)
    running = subprocess.Popen([program], env=environment)
    try:
        window = person.wait_for("the window", lambda: person.window("Heapglass"))
        time.sleep(2)
        window.configure(x=0, y=0, width=WIDTH, height=HEIGHT)
        person.d.sync()
        time.sleep(1)
        person.picture("1-welcome")
        person.drop(window, [base, target])

        def comparison_is_there():
            if running.poll() is not None:
                raise Failed(f"the program ended with status {running.returncode}")
            person.key("Control_L", "2")
            person.click(400, FIRST_ROW)
            row = person.copied_row()
            return row if len(row) == 7 else None

        person.wait_for("the comparison of the dropped files", comparison_is_there)
        time.sleep(2)  # the other file
        person.click(*DELTA_HEADER)
        person.click(400, FIRST_ROW)
        person.key("Home")
        least = person.copied_row()
        person.click(*DELTA_HEADER)
        person.click(400, FIRST_ROW)
        person.key("Home")
        most = person.copied_row()
        person.picture("2-comparison-by-delta")
        expect(number(least[3]) <= number(most[3]) and number(most[3]) >= GROWTH,
               f"sorted by # Delta, least {least} and most {most}, growth of {GROWTH}")

        row = most
        for _ in range(10):
            if OWN_NAME in row[0]:
                break
            person.key("Down")
            row = person.copied_row()
        expect(OWN_NAME in row[0] and number(row[3]) >= GROWTH, f"a row for {OWN_NAME} that grew, not {row}")
        person.key("Right")
        time.sleep(1)
        person.key("Down")
        instance = person.copied_row()
        expect("@" in instance[0] and instance[1] == "\u2022", f"a new object below the class, not {instance}")
        time.sleep(1)
        person.picture("3-expanded")

        person.click(400, A_RETAINER)
        person.key("Home")
        chain = []
        for _ in range(3):
            chain.append(person.copied_row()[0].strip())
            person.key("Down")
        person.picture("4-retainers")
        wanted = ["] in Array", "headersArray in system / Context"]
        expect(all(want in step for want, step in zip(wanted, chain)), f"the chain {wanted}, not {chain}")
        print(f"most grown: {row}\nnew object: {instance}\nretainers: {chain}")
    finally:
        running.kill()
        shutil.rmtree(settings, ignore_errors=True)


def expect(holds, what):
    if not holds:
        raise Failed(f"expected {what}")


def number(text):
    """A figure as the window writes it."""
    return int(text.replace(" ", "").replace("\u2212", "-").replace("+", "") or 0)


def on_display(pictures, act):
    """Lets a person act on a virtual display with a window manager; what fails ends the program."""
    server, name = start_display()
    manager = subprocess.Popen(["openbox"], env={**os.environ, "DISPLAY": name}, stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        act(Person(name, pictures))
    except Failed as problem:
        sys.exit(f"FAILED: {problem}")
    finally:
        manager.kill()
        server.kill()


def main():
    program, base, target, pictures = sys.argv[1:]
    os.makedirs(pictures, exist_ok=True)
    on_display(pictures, lambda person: use(person, program, base, target))


if __name__ == "__main__":
    main()
