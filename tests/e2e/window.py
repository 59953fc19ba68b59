#!/usr/bin/python3
"""Uses the real program in a real window, as a person would: real drops, keys and clicks.

    window.py PROGRAM BASE TARGET PICTURES

Drops the two snapshots on the program, reads what leaks, sorts Comparison, opens the class that grew, selects a new object
and follows its retainers. Everything is found by what it is, as a screen reader finds it; figures are read through the
clipboard, to which the program copies the selected row. Leaves screenshots in the folder PICTURES; prints what it saw, and
fails with a sentence.
"""

import sys
import time

from desktop import Running, expect, on_desktop

# What the two snapshots are known to show.
LEAK = "headersArray"
OWN_NAME = "{userAgentUsed}"
GROWTH = 1000
RETAINERS = ["] in Array", f"{LEAK} in system / Context"]


def number(text):
    """A figure as the window writes it."""
    return int(text.replace(" ", "").replace(",", "").replace("\u2212", "-").replace("+", "") or 0)


def row_named(person, table, name):
    """Selects the row of this name and returns its cells."""

    def selected():
        # Rows move while others open above them.
        person.click(person.find("tree item", name, person.find("tree table", table)))
        row = person.copied_row()
        return row if row[0].startswith(name) else None

    return person.wait_for(f"the row '{name}' to be selected", selected)


def first_row(person, table):
    """Selects the first row, by way of one that the header does not half cover, and returns its cells."""
    tree = person.find("tree table", table)
    person.find("tree item", "", tree)
    person.click(person.look_for_all("tree item", "", tree)[:2][-1])
    person.key("Home")
    return person.copied_row()


def read_leaks(person):
    person.click(person.find("page tab", "Leaks"))
    sentence = person.find("label", f"{LEAK} in headers-array.js grew by").name()
    person.picture("2-leaks")
    print(f"leak: {sentence}")


def sort_comparison(person):
    person.click(person.find("page tab", "Comparison"))
    person.find("tree item", OWN_NAME, person.find("tree table", "Comparison"))
    delta = lambda: number(first_row(person, "Comparison")[3])
    person.click(person.find("column header", "# Delta"))
    least = delta()
    person.click(person.find("column header", "# Delta"))
    most = delta()
    expect(least <= most and most >= GROWTH, f"sorted by # Delta a growth of {GROWTH}, not {least} and {most}")


def open_grown_class(person):
    row = row_named(person, "Comparison", OWN_NAME)
    expect(number(row[3]) >= GROWTH, f"{OWN_NAME} to have grown, not {row}")
    person.key("Right")
    instance = row_named(person, "Comparison", f"{OWN_NAME} @")
    expect("@" in instance[0] and instance[1] == "\u2022", f"a new object below the class, not {instance}")
    print(f"most grown: {row}\nnew object: {instance}")


def follow_retainers(person):
    chain = [first_row(person, "Retainers")[0].strip()]
    for _ in RETAINERS[1:]:
        person.key("Down")
        chain.append(person.copied_row()[0].strip())
    person.picture("4-retainers")
    expect(all(want in step for want, step in zip(RETAINERS, chain)), f"the retainers {RETAINERS}, not {chain}")
    print(f"retainers: {chain}")


def search(person):
    person.click(person.find("push button", "Find objects"))
    time.sleep(0.5)
    person.write("loadtest")
    person.key("Return")
    person.wait_for("objects found", lambda: [row for row in person.look_for_all("list item") if "loadtest" in row.name()])
    person.picture("5-search")


def use(person, program, base, target):
    with Running(person, program) as window:
        person.find("push button", "Open the sample")
        person.picture("1-welcome")
        person.drop(window, [base, target])
        read_leaks(person)
        sort_comparison(person)
        person.picture("3-comparison-by-delta")
        open_grown_class(person)
        follow_retainers(person)
        search(person)


def main():
    program, base, target, pictures = sys.argv[1:]
    on_desktop(pictures, lambda person: use(person, program, base, target))


if __name__ == "__main__":
    main()
