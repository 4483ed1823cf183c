"""Laurel: loyalty leaderboards and engagement scores for online shops."""
