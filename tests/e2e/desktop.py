"""A desktop of its own to use the program on: a virtual display, a window manager, a session bus, and a person.

The person finds things by what they are, as a screen reader does (AT-SPI): a button by its name, a row by its text. It acts
on them with the keyboard, the mouse and drops of the display.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from urllib.parse import quote

from Xlib import X, display
from Xlib.ext import xtest
from Xlib.protocol import event
from Xlib.XK import string_to_keysym

WIDTH, HEIGHT = 1280, 800
PATIENCE = 90  # seconds until the window must have done what it was asked


class Failed(Exception):
    """The window did not show what it should."""


def expect(holds, what):
    if not holds:
        raise Failed(f"expected {what}")


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


def start_bus(display_name):
    """A session bus on which programs are told that somebody reads the screen; its address is left in the environment."""
    environment = {**os.environ, "DISPLAY": display_name}
    bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address=1"], env=environment,
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    os.environ["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
    os.environ.pop("AT_SPI_BUS_ADDRESS", None)
    from gi.repository import Gio, GLib
    session = Gio.bus_get_sync(Gio.BusType.SESSION, None)
    for status in ("IsEnabled", "ScreenReaderEnabled"):
        session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.freedesktop.DBus.Properties", "Set",
                          GLib.Variant("(ssv)", ("org.a11y.Status", status, GLib.Variant("b", True))),
                          None, Gio.DBusCallFlags.NONE, -1, None)
    return bus


class Thing:
    """Something on the screen, as a screen reader sees it."""

    def __init__(self, accessible):
        self.accessible = accessible

    def role(self):
        return self.accessible.get_role_name()

    def name(self):
        return (self.accessible.get_name() or "").replace("\u00a0", " ")

    def children(self):
        count = self.accessible.get_child_count()
        found = [self.accessible.get_child_at_index(i) for i in range(count)]
        return [Thing(child) for child in found if child]

    def below(self):
        for child in self.children():
            yield child
            yield from child.below()

    def middle(self):
        from gi.repository import Atspi
        box = Atspi.Component.get_extents(self.accessible, Atspi.CoordType.SCREEN)
        return box.x + box.width // 2, box.y + box.height // 2

    def __repr__(self):
        return f"{self.role()} '{self.name()}'"


class Person:
    """Hands, eyes and a file manager."""

    def __init__(self, name, pictures):
        self.d = display.Display(name)
        self.name = name
        self.root = self.d.screen().root
        self.pictures = pictures
        # Owns the selections of drops and asks for the clipboard.
        self.own = self.root.create_window(0, 0, 1, 1, 0, X.CopyFromParent)

    # ---- eyes

    def application(self):
        """The program's tree of things; nothing before it has a window."""
        import gi
        gi.require_version("Atspi", "2.0")
        from gi.repository import Atspi
        desktop = Atspi.get_desktop(0)
        desktop.clear_cache()
        found = [desktop.get_child_at_index(i) for i in range(desktop.get_child_count())]
        named = [app for app in found if app and "eapglass" in (app.get_name() or "")]
        return Thing(named[0]) if named else None

    def look_for(self, role, name="", within=None):
        """The first thing of this role whose name begins so; nothing if there is none now."""
        return next(iter(self.look_for_all(role, name, within)), None)

    def look_for_all(self, role, name="", within=None):
        try:
            top = within or self.application()
            return [t for t in top.below() if t.role() == role and t.name().startswith(name)] if top else []
        except Exception as problem:  # it went away while we looked
            if os.environ.get("HEAPGLASS_E2E_VERBOSE"):
                print(f"looking for {role} {name}: {problem}")
            return []

    def find(self, role, name="", within=None):
        return self.wait_for(f"the {role} '{name}'", lambda: self.look_for(role, name, within))

    def wait_for(self, what, look):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = look()
            if found:
                return found
            time.sleep(0.2)
        self.picture("failed")
        raise Failed(f"waited {PATIENCE} s for {what}")

    def picture(self, name):
        path = os.path.join(self.pictures, name + ".png")
        subprocess.run(["import", "-display", self.name, "-window", "root", path],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)

    def atom(self, name):
        return self.d.intern_atom(name)

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

    # ---- hands

    def key(self, *names):
        """Presses keys together: modifiers first."""
        codes = [self.d.keysym_to_keycode(string_to_keysym(n)) for n in names]
        for code in codes:
            xtest.fake_input(self.d, X.KeyPress, code)
        for code in reversed(codes):
            xtest.fake_input(self.d, X.KeyRelease, code)
        self.d.sync()
        time.sleep(0.25)

    def write(self, letters):
        for letter in letters:
            self.key(letter)

    def click(self, thing):
        x, y = thing.middle()
        xtest.fake_input(self.d, X.MotionNotify, x=x, y=y)
        self.d.sync()
        time.sleep(0.15)
        xtest.fake_input(self.d, X.ButtonPress, 1)
        self.d.sync()
        time.sleep(0.05)
        xtest.fake_input(self.d, X.ButtonRelease, 1)
        self.d.sync()
        time.sleep(0.3)

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

    def copied_row(self):
        """The selected row as the program copies it, its cells as a list."""
        self.key("Control_L", "c")
        return [cell.replace("\u00a0", " ") for cell in self.clipboard().rstrip("\n").split("\t")]


def environment_of_its_own(display_name, home):
    """Of a program that keeps its settings in `home` and has no other display."""
    environment = {**os.environ, "DISPLAY": display_name, "HOME": home, "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home,
                   "LIBGL_ALWAYS_SOFTWARE": "1"}
    for other in ("WAYLAND_DISPLAY", "WAYLAND_SOCKET"):
        environment.pop(other, None)
    return environment


class Running:
    """The program with its window, all over the screen, and settings of its own."""

    def __init__(self, person, program, *files):
        self.person = person
        self.home = tempfile.mkdtemp(prefix="heapglass-e2e-")
        self.process = subprocess.Popen([program, *files], env=environment_of_its_own(person.name, self.home))

    def __enter__(self):
        window = self.person.wait_for("the window", lambda: self.is_alive() and self.person.window("Heapglass"))
        window.configure(x=0, y=0, width=WIDTH, height=HEIGHT)
        self.person.d.sync()
        time.sleep(1)
        return window

    def is_alive(self):
        if self.process.poll() is not None:
            raise Failed(f"the program ended with status {self.process.returncode}")
        return True

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


def on_desktop(pictures, act):
    """Lets a person act on a desktop of its own; what fails ends the program with a sentence."""
    os.makedirs(pictures, exist_ok=True)
    helpers = []
    try:
        server, name = start_display()
        helpers.append(server)
        helpers.append(start_bus(name))
        helpers.append(subprocess.Popen(["openbox"], env={**os.environ, "DISPLAY": name}, stderr=subprocess.DEVNULL))
        time.sleep(1)
        act(Person(name, pictures))
    except Failed as problem:
        sys.exit(f"FAILED: {problem}")
    finally:
        for helper in reversed(helpers):
            helper.kill()
            helper.wait()
