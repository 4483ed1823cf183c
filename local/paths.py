"""Where things are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".local"
"""All that the local run makes; removing it starts over."""

STATE = FOLDER / "state"
LOCK = STATE / "emulator.lock"
LOG = FOLDER / "emulator.log"
EMULATOR_VENV = FOLDER / "emulator-venv"
EMULATOR_REQUIREMENTS = ROOT / "requirements" / "emulator.txt"
SAM_VENV = FOLDER / "sam-venv"
STACK_JSON = FOLDER / "stack.json"
STACK_ENV = FOLDER / "stack.env"
DEMO = STATE / "demo.json"
"""Beside the data it describes, so that both go together."""
