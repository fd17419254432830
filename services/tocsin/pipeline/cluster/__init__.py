"""Articles of one event into stories that keep their ids."""
