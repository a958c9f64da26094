"""kill -9 of the scheduling process: mutations run exactly once, actions at most once."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ROUNDS = 4
LONGEST_ROUND = 40


def worker(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tests.scheduler.kill_worker", *arguments]


def record_and_kill(folder: Path, round_number: int, kill_after: int) -> list[str]:
    """Keys that were acknowledged as durable before the process was killed."""
    acknowledged: list[str] = []
    with subprocess.Popen(
        worker(str(folder), str(round_number)), cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            acknowledged.append(line.strip())
            if len(acknowledged) == kill_after:
                process.kill()
    assert len(acknowledged) >= kill_after
    return [key for key in acknowledged if key]


def test_scheduled_functions_survive_kills(tmp_path: Path) -> None:
    chance = random.Random(7)
    acknowledged: list[str] = []
    for round_number in range(ROUNDS):
        acknowledged += record_and_kill(tmp_path, round_number, chance.randint(1, LONGEST_ROUND))
    finished = subprocess.run(
        worker(str(tmp_path)),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    outcome = json.loads(finished.stdout)
    texts = Counter(outcome["texts"])
    recorded = {text.split()[1] for text in texts if text.startswith("recorded")}
    assert set(acknowledged) <= recorded
    assert max(texts.values()) == 1
    states = {(name, key): kind for name, key, kind in outcome["states"]}
    for key in recorded:
        assert texts[f"settled {key}"] == 1
        assert states["m.js:settle", key] == "success"
        announced = texts[f"announced {key}"]
        kind = states["m.js:announce", key]
        assert kind in ("success", "failed")
        assert announced == 1 if kind == "success" else announced <= 1
