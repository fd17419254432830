"""Subscriptions met, and what is worth ringing for."""
