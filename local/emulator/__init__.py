"""MiniStack, started with the AWS behaviour that Laurel relies on and the stock release lacks.

Each module here is one change and says why it is needed; :mod:`local.emulator.changes` lists them. They
replace private functions of MiniStack, so its version is pinned in ``requirements/emulator.txt`` and
checked at start.

The emulator runs in a virtual environment of its own, because the functions that it runs can import
whatever is installed beside it. Outside of that environment only modules can be imported that say they are
plain Python.
"""
