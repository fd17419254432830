"""docker-compose.yml as a value: what each service is and is told, with the variables of a run filled in.

So that a test can start the very commands the file declares, with the very environment, as processes.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Service:
    """One service of the file; `raw` is all that is said of it, anchors resolved."""

    name: str
    raw: Mapping[str, Any]

    @property
    def command(self) -> list[str]:
        """Program and arguments, unresolved; empty where the image decides."""
        return [str(word) for word in self.raw.get("command", [])]

    @property
    def healthcheck(self) -> Mapping[str, Any]:
        """As written; empty where there is none."""
        return self.raw.get("healthcheck", {})

    @property
    def replicas(self) -> int:
        """How many are started when no variable is set."""
        return int(resolve(str(self.raw.get("deploy", {}).get("replicas", 1)), {}))

    @property
    def profiles(self) -> list[str]:
        """Empty: started always."""
        return list(self.raw.get("profiles", []))

    def environment(self, values: Mapping[str, str]) -> dict[str, str]:
        """Its environment: `values` for the variables they name, the file's defaults for the others."""
        written = self.raw.get("environment", {})
        return {name: resolve(str(value), values) for name, value in written.items()}


@dataclass(frozen=True, slots=True)
class Compose:
    """The whole file."""

    raw: Mapping[str, Any]

    @property
    def services(self) -> dict[str, Service]:
        """By name, in the order of the file."""
        return {name: Service(name, raw) for name, raw in self.raw["services"].items()}

    def service(self, name: str) -> Service:
        """KeyError where there is none of that name."""
        return self.services[name]

    def variables(self) -> dict[str, str]:
        """Every `${NAME:-default}` of the services, with its default unresolved. Raises ValueError where
        one name has two defaults.
        """
        found: dict[str, str] = {}
        for text in _texts(self.raw["services"]):
            for name, default in _references(text):
                if found.setdefault(name, default) != default:
                    raise ValueError(f"{name} has two defaults: {found[name]!r} and {default!r}")
        return found


def load(path: Path) -> Compose:
    """Read a compose file. Raises what yaml raises."""
    return Compose(yaml.safe_load(path.read_text("utf-8")))


def resolve(text: str, values: Mapping[str, str]) -> str:
    """`${NAME:-default}`, also inside a default, as compose does it: a value that is empty counts as
    unset. Raises ValueError for any other form, which the file does not use.
    """
    made, at = [], 0
    while (start := text.find("${", at)) >= 0:
        end = _closing(text, start)
        name, default = _parts(text[start : end + 1])
        made += [text[at:start], values.get(name) or resolve(default, values)]
        at = end + 1
    return "".join([*made, text[at:]])


def _references(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while (start := text.find("${", at)) >= 0:
        end = _closing(text, start)
        name, default = _parts(text[start : end + 1])
        yield name, default
        yield from _references(default)
        at = end + 1


def _closing(text: str, start: int) -> int:
    depth = 0
    for at in range(start, len(text)):
        if text.startswith("${", at):
            depth += 1
        elif text[at] == "}":
            depth -= 1
            if not depth:
                return at
    raise ValueError(f"no closing brace: {text[start:]}")


def _parts(reference: str) -> tuple[str, str]:
    name = NAME.match(reference)
    if not name or not reference[name.end() :].startswith(":-"):
        raise ValueError(f"not of the form ${{NAME:-default}}: {reference}")
    return name[1], reference[name.end() + 2 : -1]


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from _texts(inner)
        case list():
            for inner in value:
                yield from _texts(inner)
