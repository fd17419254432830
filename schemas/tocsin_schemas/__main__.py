"""Write, or with `--check` compare, what is generated from the contracts (see `catalogue`)."""

import sys
from pathlib import Path

from tocsin_schemas.catalogue import files


def main(arguments: list[str]) -> int:
    """`FOLDER [--check]`; 0 in step, 1 out of step, 2 wrong usage."""
    check = "--check" in arguments
    folders = [a for a in arguments if a != "--check"]
    if len(folders) != 1:
        sys.stderr.write("usage: python -m tocsin_schemas FOLDER [--check]\n")
        return 2
    root, stale = Path(folders[0]), []
    for name, content in files():
        path = root / name
        if path.exists() and path.read_text("utf-8") == content:
            continue
        stale.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")
    verb = "out of step, run `make schemas`" if check else "written"
    for name in stale:
        sys.stdout.write(f"{name}: {verb}\n")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
