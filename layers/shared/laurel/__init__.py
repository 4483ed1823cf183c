"""Laurel: loyalty leaderboards and engagement scores for online shops."""

import gc
import os

if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # Importing makes many objects and no garbage. Looking for some is a sixteenth of a cold start, so a function starts
    # without; its ``laurel.telemetry.entry_point`` turns collection on.
    gc.disable()
