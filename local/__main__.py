"""Run Laurel on this machine: ``python -m local up | run | down | status | logs | warm | token``."""

import argparse
import sys
from collections.abc import Callable

from local.errors import LocalError

NOT_RUNNING = 3


def main(arguments: list[str] | None = None) -> int:
    """Run one command."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except LocalError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


# Each command imports what it uses: `token` runs often, and boto3 takes longer to import than it to run.


def _up(options: argparse.Namespace) -> int:
    from local.run import up  # noqa: PLC0415

    up(built=options.built)
    return 0


def _run(options: argparse.Namespace) -> int:
    from local.run import run  # noqa: PLC0415

    run(built=options.built)
    return 0


def _down(_options: argparse.Namespace) -> int:
    from local.run import down  # noqa: PLC0415

    print("Stopped; all data stays." if down() else "Laurel is not running.")
    return 0


def _status(_options: argparse.Namespace) -> int:
    from local import stack_file  # noqa: PLC0415
    from local.run import emulator  # noqa: PLC0415

    running = emulator().running()
    if running is None:
        print("Laurel is not running.")
        return NOT_RUNNING
    print(f"Laurel runs on port {running.port} (process {running.pid}).")
    stack = stack_file.read()
    if stack.get("dashboard_url"):
        print(f"  Dashboard {stack['dashboard_url']}")
    print(f"  API       {stack['api_url']}\n  Sign-in   {stack['email']} / {stack['password']}")
    return 0


def _logs(options: argparse.Namespace) -> int:
    from local.logs import show_emulator, show_function  # noqa: PLC0415
    from local.run import endpoint  # noqa: PLC0415

    if options.function:
        show_function(endpoint(), options.function, follow=options.follow)
    else:
        show_emulator(follow=options.follow)
    return 0


def _warm(_options: argparse.Namespace) -> int:
    from local.run import endpoint  # noqa: PLC0415
    from local.warm import warm  # noqa: PLC0415

    failures = warm(endpoint())
    print("\n".join(failures) or "All functions are started.")
    return 1 if failures else 0


def _token(_options: argparse.Namespace) -> int:
    from local import stack_file  # noqa: PLC0415
    from local.sign_in import id_token  # noqa: PLC0415

    stack = stack_file.read()
    try:
        print(id_token(stack["endpoint"], stack["client_id"], stack["email"], stack["password"]))
    except OSError as error:
        raise LocalError(f"Cannot sign in at {stack['endpoint']}: {error}. Is Laurel up? make up") from None
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description="Run Laurel on this machine.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, do: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text.capitalize() + ".")
        added.set_defaults(command=do)
        return added

    for name, do, text in (
        ("up", _up, "start, or deploy the present code to what runs; stays in the background"),
        ("run", _run, "the same in the foreground, until Ctrl-C"),
    ):
        command(name, do, text).add_argument("--built", action="store_true", help="do not build, that is done")
    command("down", _down, "stop; all data stays")
    command("status", _status, "say what runs where")
    logs = command("logs", _logs, "show the emulator's log, or a function's")
    logs.add_argument("function", nargs="?", help="logical id, such as ProjectFunction")
    logs.add_argument("-f", "--follow", action="store_true", help="wait for more")
    command("warm", _warm, "start all functions, so that first requests are quick")
    command("token", _token, "print a fresh bearer token of the demo user")
    return parser


if __name__ == "__main__":
    sys.exit(main())
