"""judge.py SELF_TEST CALYPTE CONFORMANCE: what the conformance kit says of cases of which it is known how they end."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

self_test, calypte, conformance = sys.argv[1:4]
faults = []


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def check(what, holds, output=""):
    if not holds:
        faults.append(what)
        print(f"FAILED: {what}\n{output}")


def row(output, ids):
    """The words of the row that begins with this id, and the line below it."""
    lines = output.split("\n")
    for number, line in enumerate(lines):
        if line.startswith(ids + " "):
            return line.split(), lines[number + 1]
    return [], ""


def results(words):
    return next((word for word in words if word in ("passed", "FAILED", "skipped", "n/a")), "no result")


# As an ordinary GoogleTest program its own tests pass, those of the kit's names among them.
code, out, _ = run(self_test)
check("GoogleTest runs it as ever", code == 0 and "[  PASSED  ]" in out and "CaseName.ids_and_words" in out, out)

code, out, err = run(self_test, "toy")
check("without a failure it ends with 0", code == 0, out + err)
check("a row for what passed", results(row(out, "EX-01")[0]) == "passed" and "ms" in row(out, "EX-01")[0], out)
check("both ids of a case", "EX-02 H-06" in out, out)
words, below = row(out, "H-07")
check("what was skipped says why", results(words) == "skipped" and "needs a stream for orders" in below, out)
words, below = row(out, "N05")
check("what does not apply is listed", results(words) == "n/a" and "what OfOne is about" in below, out)
check("a case of no list", "stands in no list" in out, out)
check("the sums", "3 passed, 0 failed, 1 skipped, 1 not applicable" in out, out)
check("what other programs run", "H-57" in out and "H-34" in out, out)
check("no word of GoogleTest", "[ RUN" not in out, out)

with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "table.json"
    code, out, err = run(self_test, "toy", "--seed", "13", "--json", str(path))
    check("a failed case ends it with 1", code == 1, out + err)
    check("the reason and the place", "an unlucky number" in out and "cases.cpp:" in out, out)
    check("how to run it alone", "--gtest_filter=Venues/Neutral.EX_02_H_06_fails_where_the_seed_is_thirteen/toy" in out, out)
    table = json.loads(path.read_text())
    of = {case["test"]: case["result"] for case in table["cases"]}
    check("the same in JSON", table["failed"] == 1 and table["seed"] == 13 and len(of) == 5 and
          sorted(of.values()) == ["failed", "not applicable", "passed", "passed", "skipped"], path.read_text())
    code, _, err = run(self_test, "toy", "--json", str(pathlib.Path(folder) / "no" / "table.json"))
    check("a file that cannot be written", code == 2 and "cannot be written" in err, err)

code, out, _ = run(self_test, "toy_two", "--case", "N05")
check("one case, in both its ways", code == 0 and "(rest)" in out and "(stream)" in out and "2 passed" in out, out)
check("and no other", "EX-01" not in out, out)
code, out, _ = run(self_test, "toy", "--case", "EX", "--case", "N05", "--seed", "13")
check("a group", code == 1 and "1 passed, 1 failed, 0 skipped, 1 not applicable" in out, out)
code, out, _ = run(self_test, "toy", "--list")
check("a list runs nothing", code == 0 and "EX-01" in out and "passed" not in out, out)
code, _, err = run(self_test, "toy", "--case", "EX-99")
check("no such case", code == 2 and "EX-99" in err, err)
code, _, err = run(self_test, "nobody")
check("no such venue, and which there are", code == 2 and "toy, toy_two" in err, err)
code, _, err = run(self_test, "toy", "--recording", "x")
check("no recordings here", code == 2, err)

# Through the program, which finds it beside itself.
code, out, err = run(calypte, "conformance", "crypto_com", "--case", "EX-01")
check("calypte conformance", code == 0 and "1 passed, 0 failed" in out and results(row(out, "EX-01")[0]) == "passed", out + err)
code, _, err = run(calypte, "conformance", "kraken")
check("a connector without a simulated venue", code == 2 and "no simulated venue kraken" in err, err)
code, _, err = run(calypte, "conformance", "crypto_com", "--recording", "/nonexistent/recording")
check("a recording that is not there", code == 2 and "neither a file nor a folder" in err, err)
with tempfile.TemporaryDirectory() as folder:
    alone = shutil.copy(calypte, folder)
    code, _, err = run(alone, "conformance", "crypto_com")
    check("alone it says what to build", code == 2 and "calypte-conformance" in err and "--target conformance" in err, err)
check("the two stand together", os.path.dirname(calypte) == os.path.dirname(conformance), conformance)

print(f"{len(faults)} faults")
sys.exit(1 if faults else 0)
