"""Scripted sessions that are killed: python killed_sessions.py STUDY FOLDER COUNT.

Each session is a process that draws, renames, undoes and redoes, and tells after each edit that it was committed. It is
killed at a moment by chance. Prints a JSON list with, for each, how many edits it had told of, and after how many the
set is what was recovered.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from rtvis.app.opening import open_study
from rtvis.app.roi_edits import rename_roi
from rtvis.app.session import Session
from rtvis.editing.journal_folder import JournalFolder
from rtvis.model.digest_tree import tree_digest

MOST_EDITS = 400


def edit(session: Session, chance: random.Random) -> None:
    """One edit; which one depends on `chance` alone."""
    kind = chance.random()
    steps = session.history
    assert steps is not None
    if kind < 0.15 and steps.can_undo:
        session.undo()
    elif kind < 0.25 and steps.can_redo:
        session.redo()
    elif kind < 0.4:
        rename_roi(session, chance.randint(1, 4), f"Name {chance.random()}")
    else:
        session.activate_roi(chance.randint(1, 4))
        corners = [[chance.uniform(2, 28), chance.uniform(2, 20), 3.0] for _ in range(chance.randint(3, 60))]
        session.add_contour(session.volume.grid.to_patient(corners), closed=True)


def states(session: Session, seed: int, edits: int) -> list[bytes]:
    """Digests after each edit of a session that nobody kills."""
    chance = random.Random(seed)
    found = [tree_digest(session.structure_set)]
    for _ in range(edits):
        edit(session, chance)
        found.append(tree_digest(session.structure_set))
    return found


def killed(study: object, folder: Path, seed: int) -> int:
    """Start a session, kill it; how many edits it told of."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        session = Session(JournalFolder(folder))
        session.show(study)
        chance = random.Random(seed)
        for _ in range(MOST_EDITS):
            edit(session, chance)
            os.write(write, b".")
        signal.pause()
    os.close(write)
    chance = random.Random(seed + 1000)
    told, wanted = 0, chance.randint(1, 60)
    while told < wanted:
        told += len(os.read(read, wanted - told))
    until = time.perf_counter() + chance.uniform(0.0, 0.004)
    while time.perf_counter() < until:  # somewhere within an edit
        pass
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    told += len(os.read(read, 100_000))
    os.close(read)
    return told


def main() -> None:
    """Kill, recover, and tell."""
    study = open_study([sys.argv[1]])
    results = []
    for seed in range(int(sys.argv[3])):
        folder = Path(sys.argv[2]) / str(seed)
        told = killed(study, folder, seed)
        plain = Session()
        plain.show(study)
        expected = states(plain, seed, told + 1)
        session = Session(JournalFolder(folder))
        session.show(study)
        (found,) = session.recoverable() or [None]
        value = session.structure_set if found is None else session.recover(found)
        digest = tree_digest(value)
        # All that was told of, and at most the edit that was just written and not yet told of.
        recovered = [n for n in (told, told + 1) if expected[n] == digest]
        results.append({"told": told, "recovered": recovered})
        session.close()
    print(json.dumps(results))


if __name__ == "__main__":
    main()
