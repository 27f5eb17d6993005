"""repository.py ROOT: what every file of the project must keep to, whatever its language."""
import pathlib
import re
import subprocess
import sys

import rules

# Written in pieces, so that this file does not find itself.
MACHINE_PATHS = re.compile(r"(?<![\w.~}])/(?:wor" + r"k|hom" + r"e|roo" + r"t)/\w|/tmp/b" + r"-\w")
REGISTRY_HOSTS = re.compile(r"registry\.(?:npm" + r"js|yarn" + r"pkg)|(?:deb|security)\.deb" + r"ian\.org|pypi\.(?:o" +
                            r"rg|python)|files\.python" + r"hosted|proxy\.gol" + r"ang|crates\.i" + r"o|npm\.pkg\.git" + r"hub")
SOURCES = {".cpp", ".hpp", ".h", ".py", ".mjs", ".js", ".cmake", ".sh", ".in", ".md", ".txt", ""}
LIMITED = {".cpp", ".hpp", ".h", ".py", ".mjs", ".cmake"}
# What a venue says may hold any character; it is data.
DATA = ("tests/venues/", "tests/recordings/", "tests/fuzz/corpus/")


def judge(path, data):
    """What is wrong with one file, as (line, sentence) pairs."""
    suffix = pathlib.PurePosixPath(path).suffix
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return [] if path.startswith(DATA) else [(0, "is not text")]
    wrong = []
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if MACHINE_PATHS.search(line):
            wrong.append((number, "names a path of one machine"))
        if REGISTRY_HOSTS.search(line):
            wrong.append((number, "names the host of a package registry"))
        if suffix in SOURCES and not path.startswith(DATA) and path != "LICENSE" and not line.isascii():
            wrong.append((number, "holds a character outside ASCII"))
    if suffix in LIMITED and len(lines) > rules.MAX_LINES:
        wrong.append((len(lines), f"is longer than {rules.MAX_LINES} lines: does it have one subject?"))
    return wrong


def files_of(root):
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            capture_output=True, check=False)
    if listed.returncode == 0:
        return [name.decode() for name in listed.stdout.split(b"\0") if name]
    skipped = {"build", ".git", "node_modules"}  # an unpacked archive, not a clone
    return [f.relative_to(root).as_posix() for f in root.rglob("*")
            if f.is_file() and not skipped & set(f.relative_to(root).parts)]


def main(root):
    findings = []
    files = [f for f in sorted(files_of(root)) if (root / f).is_file()]
    for path in files:
        findings += [f"{path}:{line}: {wrong}" for line, wrong in judge(path, (root / path).read_bytes())]
    print("\n".join(findings + [f"{len(files)} files read, {len(findings)} findings"]))
    return 1 if findings or not files else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
