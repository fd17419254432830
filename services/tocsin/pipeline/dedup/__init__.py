"""Identity, versions, sightings and copies."""
