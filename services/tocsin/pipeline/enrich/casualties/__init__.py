"""People killed, wounded, missing or kidnapped, as told: ranges with who says so and of which event."""
