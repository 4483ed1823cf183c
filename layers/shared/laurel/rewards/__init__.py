"""Rewards: programmes, coupons, tiers, and what they bring."""
