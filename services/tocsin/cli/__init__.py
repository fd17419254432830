"""The commands. One file each."""


def main() -> None:
    """Entry point of `tocsin`."""
