"""includes.py ROOT: reads every #include below src and include, and fails on one that the arrows do not allow. Also on
a source that could leave a certificate unverified."""
import pathlib
import re
import sys

import rules

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
ROOM_LINE = re.compile(r"^calypte_room\((\w+)(?:\s+DEPENDS((?:\s+[a-z]+)+?))?(?:\s+LIBRARIES[^)]*)?\)", re.M)


def judge(path, quote, included):
    """Says what is wrong with one include of a file ("src/engine/x.hpp"), or nothing."""
    parts = pathlib.PurePosixPath(path).parts
    first = included.split("/")[0]
    if parts[0] == "include":
        if quote == "<" and "." not in included and "/" not in included:
            return None
        if quote == '"' and first == "calypte":
            return None
        return "a public header includes the standard library and calypte/ only"
    room = parts[1]
    if room not in rules.ARROWS:
        return "the room is not in the table of arrows"
    if quote == '"':
        if first in ("calypte", room):
            return other_venue(parts, included)
        if first in rules.ARROWS[room]:
            return None
        return f"there is no arrow from {room} to {first}"
    for prefix, rooms in rules.THIRD_PARTY.items():
        if included.startswith(prefix):
            if room not in rooms:
                return f"{prefix} belongs to {', '.join(sorted(rooms))}"
            if prefix == "fmt/" and not path.endswith(".cpp"):
                return "fmt belongs in .cpp files"
            return None
    if room in rules.PURE_ROOMS:
        for header in rules.IMPURE_HEADERS:
            if included == header or (header.endswith("/") and included.startswith(header)):
                return f"{room} has no clock, thread, file or socket"
    return None


def other_venue(parts, included):
    """connector/<kind>/<venue>/ sees itself, the houses, and what lies directly in connector/."""
    target = included.split("/")
    if target[0] != "connector" or parts[1] != "connector" or len(parts) < 5 or len(target) < 4:
        return None
    if target[1] == "house" or tuple(target[:3]) == parts[1:4]:
        return None
    return "a venue does not include another venue"


def unverified(text):
    """The ways around the verification of certificates that a source names."""
    return [way for way in rules.UNVERIFIED if way in text]


def arrows_of_cmake(text):
    direct = {name: (depends or "").split() for name, depends in ROOM_LINE.findall(text)}

    def closure(room):
        reached = set()
        for other in direct[room]:
            reached |= {other} | closure(other)
        return reached

    return {room: closure(room) for room in direct}


def main(root):
    findings = []
    seen = 0
    for folder in ("src", "include"):
        for file in sorted((root / folder).rglob("*.?pp")):
            path = file.relative_to(root).as_posix()
            text = file.read_text(encoding="utf-8")
            findings += [f"{path}: {way}: certificates are always verified" for way in unverified(text)]
            for quote, included in INCLUDE.findall(text):
                seen += 1
                wrong = judge(path, quote, included)
                if wrong:
                    findings.append(f"{path}: {included}: {wrong}")
    cmake = arrows_of_cmake((root / "CMakeLists.txt").read_text())
    for room in sorted(set(cmake) | set(rules.ARROWS)):
        if cmake.get(room) != rules.ARROWS.get(room):
            findings.append(f"CMakeLists.txt: {room} reaches {cmake.get(room)}, the table says {rules.ARROWS.get(room)}")
    print("\n".join(findings + [f"{seen} includes read, {len(findings)} findings"]))
    return 1 if findings or seen == 0 else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
