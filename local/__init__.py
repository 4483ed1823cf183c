"""Laurel on one machine: an emulated AWS, the real template, and a demo store.

``python -m local up`` (or ``make up``) is the way in; see :mod:`local.__main__`. Nothing in this package
is deployed, and nothing that is deployed imports it.
"""
