"""What the path needs of the world, as Protocols: adapters keep these promises, tests hold them to it."""
