"""``python -m engine.layout IN.yaml OUT.bpmn``: lay one list of elements out as a BPMN file."""

import sys
from pathlib import Path

from engine.layout import SourceError, lay_out


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m engine.layout IN.yaml OUT.bpmn\n")
        return 2
    source, target = map(Path, arguments)
    try:
        target.write_bytes(lay_out(source.read_text("utf-8")))
    except SourceError as error:
        sys.stderr.write(f"{source.name} : {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
