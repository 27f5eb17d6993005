"""symbols.py LIBRARY...: fails if a static library of a pure room needs a socket, clock, thread, file, environment or
random number. Undefined weak symbols count too: they are calls as well."""
import subprocess
import sys

import rules

C_NAMES = {name: kind for kind, names in rules.IMPURE_SYMBOLS.items() for name in names.split()}


def judge(symbol):
    """The kind of outside world that an undefined symbol, demangled, stands for; or nothing."""
    symbol = symbol.split("@")[0]
    if symbol in C_NAMES:
        return C_NAMES[symbol]
    for kind, beginnings in rules.IMPURE_CPP_SYMBOLS.items():
        if any(part in symbol for part in beginnings):
            return kind
    return None


def undefined_symbols(library):
    """Pairs of object file and symbol."""
    text = subprocess.run(["nm", "-C", "--undefined-only", library], check=True, capture_output=True, text=True).stdout
    found, member = [], ""
    for line in text.splitlines():
        if line.endswith(".o:"):
            member = line[:-1]
        elif line.strip():
            found.append((member, line.strip().split(" ", 1)[1]))
    return found


def main(libraries):
    findings = []
    for library in libraries:
        symbols = undefined_symbols(library)
        if not symbols:
            findings.append(f"{library}: no symbols; is this a library?")
        for member, symbol in symbols:
            kind = judge(symbol)
            if kind:
                findings.append(f"{library}({member}): {symbol}: {kind}")
        print(f"{library}: {len(symbols)} undefined symbols read")
    print("\n".join(findings + [f"{len(findings)} findings"]))
    return 1 if findings or not libraries else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
