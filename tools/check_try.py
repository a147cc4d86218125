#!/usr/bin/python3
"""Finds PACS_TRY inside a braced list, where leaving early leaks what the list had made so far.

Usage: tools/check_try.py [ROOT]             (ROOT: the repository, by default the one of this script)
Exit code: 0 when there is none, 1 with a line for each, 2 when there is nothing to check.

PACS_TRY returns from the middle of an expression. GCC destroys the temporaries of that expression
then, but not the members of an aggregate of which some are initialised and some are not.
"""

import re
import sys
from pathlib import Path

OPENING = {")": "(", "]": "[", "}": "{"}
NO_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', re.S)
# What may stand before the brace of a block of statements.
BLOCK = re.compile(r"(\)|\]|;|\{|\}|:|\b(else|do|try|const|noexcept|override|mutable)|->\s*[\w:<>,&* ]+)\s*$")


def is_in_braced_list(text: str, at: int) -> bool:
    """Whether the statement around `at` reaches it through the brace of an initialiser."""
    depth = 0
    for i in range(at - 1, -1, -1):
        c = text[i]
        if c in OPENING:
            depth += 1
        elif c in "([{":
            if depth > 0:
                depth -= 1
            elif c == "{":
                return BLOCK.search(text[max(0, i - 80) : i]) is None
        elif c == ";" and depth == 0:
            return False
    return False


def braced_uses(text: str):
    """The line numbers of the uses of PACS_TRY inside a braced list."""
    code = NO_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), text)
    for match in re.finditer(r"\bPACS_TRY\(", code):
        if is_in_braced_list(code, match.start()):
            yield code.count("\n", 0, match.start()) + 1


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[1])
    files = sorted(
        path for top in ("src", "tests", "bench") for path in (root / top).rglob("*")
        if path.suffix in (".h", ".cc")
    )
    if not files:
        print(f"{root}: no sources")
        return 2
    found = 0
    for path in files:
        for line in braced_uses(path.read_text(encoding="utf-8", errors="replace")):
            found += 1
            print(
                f"{path.relative_to(root)}:{line}: PACS_TRY inside a braced list leaks when it leaves;"
                " name the value before the list"
            )
    print(f"{len(files)} files, {found} uses of PACS_TRY inside a braced list")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
