"""Run the emulator in the foreground: ``python -m local.emulator --state FOLDER``.

``python -m local up`` does this in the background, in the emulator's own virtual environment.
"""

import argparse
import sys
from pathlib import Path

from local.emulator import environment, version
from local.lock import AlreadyRunningError, hold

DEFAULT_PORT = 4566
DEFAULT_SAVE_SECONDS = 15.0


def main(arguments: list[str] | None = None) -> int:
    """Start the emulator; return when it was told to stop by SIGTERM or SIGINT."""
    options = _parser().parse_args(arguments)
    state: Path = options.state
    state.mkdir(parents=True, exist_ok=True)
    try:
        version.check()
        with hold(state / "emulator.lock", port=options.port):
            environment.enter(port=options.port, state=state)
            _serve(options.save_every, options.without)
    except (version.WrongVersionError, AlreadyRunningError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _serve(save_every: float, without: list[str]) -> None:
    # MiniStack reads its settings as it is imported, so not before the environment is set.
    from ministack import app  # noqa: PLC0415

    from local.emulator import changes  # noqa: PLC0415

    changes.make(save_every, without)
    sys.argv = ["ministack"]
    app.main()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.emulator", description="Run Laurel's emulated AWS.")
    parser.add_argument("--state", type=Path, required=True, help="folder that keeps its data")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="port on 127.0.0.1 (default: %(default)s)")
    parser.add_argument(
        "--save-every", type=float, default=DEFAULT_SAVE_SECONDS, metavar="SECONDS", help="default: %(default)s"
    )
    parser.add_argument(
        "--without", action="append", default=[], metavar="CHANGE", help="leave a change out; all: stock MiniStack"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
