"""In memory: the fakes of the tests."""
