"""Events to documents."""
