"""Alerts to deliveries."""
