"""The daemon's memory on a small machine: one heap for all threads, and back what is not needed.

Only where the C library is glibc; elsewhere nothing is done and nothing is lost.
"""

from __future__ import annotations

import ctypes
import gc

_ARENA_MAX = -8
"""M_ARENA_MAX of mallopt(3)."""


def one_heap() -> None:
    """Call before the first thread: by default each gets a heap of its own, mostly empty."""
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(_ARENA_MAX, 1)


def settle() -> None:
    """After the start: give back what only the start needed (malloc_trim(3)).

    What is there by now stays for good, so it is not looked through again either.
    """
    gc.collect()
    gc.freeze()
    give_back = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if give_back is not None:
        give_back(0)
