"""user_needs.py PAGE TESTS: every need of the page has its row, and every test that a row names exists below TESTS.

A name is "Suite.case" of GoogleTest, or a test of ctest that a CMakeLists.txt adds.
"""
import pathlib
import re
import sys

ROW = re.compile(r"\| (N\d\d) \| (.+) \| (.+) \|")
NAME = re.compile(r"`([a-zA-Z_]+\.\w+)`")
NEEDS = [f"N{number:02}" for number in range(1, 64)]


def known_tests(folder):
    """All test names that the sources below the folder define."""
    names = set()
    for path in sorted(folder.rglob("*_test.cpp")):
        names.update(f"{suite}.{case}" for suite, case in re.findall(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", path.read_text(), re.M))
    for path in sorted(folder.rglob("CMakeLists.txt")):
        text = path.read_text()
        names.update(re.findall(r"add_test\(NAME ([\w.]+)\s", text))
        names.update("interop." + name for name in re.findall(r"^calypte_interop_test\((\w+) ", text, re.M))
    for path in sorted((folder / "must_not_compile").glob("*.cpp")):
        names.add("must_not_compile." + path.stem)
    return names


def faults(page, names):
    """What is wrong with a page, in words."""
    found, rows = [], {}
    for line in page.split("\n"):
        if not line.startswith("| N"):
            continue
        row = ROW.fullmatch(line)
        if not row:
            found.append(f"not a row of three cells: {line}")
            continue
        need, _, proof = row.groups()
        if need in rows:
            found.append(f"{need} stands twice")
        rows[need] = proof
        for name in NAME.findall(proof):
            if name not in names:
                found.append(f"{need}: there is no test {name}")
    found += [f"{need} is missing" for need in NEEDS if need not in rows]
    found += [f"{need} is no need" for need in rows if need not in NEEDS]
    return found


def main(arguments):
    names = known_tests(pathlib.Path(arguments[2]))
    found = faults(pathlib.Path(arguments[1]).read_text(), names)
    for each in found:
        print(each)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
