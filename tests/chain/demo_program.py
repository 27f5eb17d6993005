"""demo_program.py PROGRAM: `calypte demo uniswap` as a person runs it, and what must go wrong. The chain that it trades on
has to be gone afterwards."""
import os
import re
import socket
import subprocess
import sys
import tempfile

LIMIT_S = 100


def check(condition, what):
    if not condition:
        raise SystemExit(f"FAILED: {what}")
    print(f"ok   {what}")


def run(arguments, **environment):
    return subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_S,
                          env=dict(os.environ, **environment))


def listens(port):
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


def main(program):
    demo = run([program, "demo", "uniswap"])
    print(demo.stdout, demo.stderr, sep="\n")
    lines = demo.stdout.splitlines()
    check(demo.returncode == 0, "exit code 0")
    check(lines and lines[-1] == "RECONCILED: everything agrees with the chain", "the closing line")
    endings = dict(re.findall(r"^  (\w+Event) +(\d+)$", demo.stdout, re.M))
    check(endings == {"BuyOrderCompletedEvent": "2", "SellOrderCompletedEvent": "2", "MarketOrderFailureEvent": "1",
                      "OrderCancelledEvent": "1"}, f"every ending that was meant: {endings}")
    check(re.search(r"^4 fills, 6 other transactions, 3 balances compared$", demo.stdout, re.M), "all of it was compared")
    check(re.search(r"price [\d.]+, impact [\d.]+ %, pays at most [\d.]+ USDC, by WETH > USDC", demo.stdout)
          or re.search(r"price [\d.]+, impact [\d.]+ %, pays at most [\d.]+ USDC, by USDC > WETH", demo.stdout),
          "a quote with its route and impact")
    check(re.search(r"network fee of that buy: 0\.\d+ ETH expected, 0\.\d+ at most", demo.stdout), "the network fee")
    port = re.search(r"listens on http://127\.0\.0\.1:(\d+)$", demo.stdout, re.M)
    check(port and not listens(int(port[1])), "the chain has ended with the program")

    with tempfile.TemporaryDirectory() as empty:
        nowhere = run([program, "demo", "uniswap", "--chain-tools", empty])
        check(nowhere.returncode == 2 and "--chain-tools names tools/chain" in nowhere.stderr, "a folder without a chain")
        for tool in ("bash", "env", "cat", "sha256sum", "dirname", "mkdir", "cp", "rm"):
            path = subprocess.run(["which", tool], capture_output=True, text=True).stdout.strip()
            if path:
                os.symlink(path, os.path.join(empty, tool))
        no_node = run([program, "demo", "uniswap"], PATH=empty)
        check(no_node.returncode == 2 and "Node.js" in no_node.stderr, f"no Node.js: {no_node.stderr.strip()}")
        seeded = run([program, "demo", "uniswap", "--seed", "1"])
        check(seeded.returncode != 0 and "is for simulated venues" in seeded.stderr, "an option that has no effect")
        venues = run([program, "venues"])
        check(re.search(r"^uniswap +protocol +trading$", venues.stdout, re.M), "the protocol is among the venues")


main(sys.argv[1])
