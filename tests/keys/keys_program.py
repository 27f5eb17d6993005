"""keys_program.py PROGRAM PAGE: runs every command of PAGE (docs/keys.md) on a terminal of its own, in its order, against
a simulated venue behind real TLS; then what a user can do wrong. Nothing secret may appear in any output."""
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import termios
import time

PASSWORD = "correct horse battery"
OTHER_KEY = "Ab3dEfGh1jKlMnOpQrStUvWx"
PEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIPJ8aRwhXHHkJrwRtVqUZmJqYl9o\n-----END PRIVATE KEY-----\n"
LIMIT_S = 60


def check(condition, what):
    if not condition:
        raise SystemExit(f"FAILED: {what}")
    print(f"ok   {what}")


def commands_of(page):
    blocks = re.findall(r"^```sh\n(.*?)^```", page, re.M | re.S)
    return [line for block in blocks for line in block.splitlines() if line]


def on_terminal(command, answers, folder, environment, interrupt_at=None):
    """Runs a command on a new terminal. `answers` are (question, answer) in the order in which they must be asked."""
    child, screen_end = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvpe("bash", ["bash", "-c", "exec " + command], environment)
    shown, typed_from, waiting = "", 0, list(answers)
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        if waiting and waiting[0][0] in shown[typed_from:]:
            question, answer = waiting.pop(0)
            typed_from = len(shown)
            if answer is None:
                assert not termios.tcgetattr(screen_end)[3] & termios.ECHO, "echo is off"
                os.kill(child, signal.SIGINT)
            else:
                os.write(screen_end, answer.encode() + b"\n")
        if not select.select([screen_end], [], [], 0.5)[0]:
            continue
        try:
            data = os.read(screen_end, 4096)
        except OSError:  # the terminal's last user has gone
            break
        if not data:
            break
        shown += data.decode()
    else:
        os.kill(child, signal.SIGKILL)
        raise SystemExit(f"FAILED: {command} did not end; it showed: {shown}")
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(screen_end)
    return code, shown, waiting


def main(program, page):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="calypte-keys-"))
    (folder / "bin").mkdir()
    (folder / "bin" / "calypte").symlink_to(program)
    environment = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "HOME": str(folder)}
    for name in ("XDG_CONFIG_HOME", "CALYPTE_KEYS_PASSWORD"):
        environment.pop(name, None)
    store = folder / ".config" / "calypte" / "keys"
    commands = commands_of(pathlib.Path(page).read_text())
    start = commands.pop(0)
    check(start.startswith("calypte venue ") and start.endswith(" > venue.json &"), "the page begins with a venue")
    said = (folder / "venue.json").open("w")
    venue = subprocess.Popen(["calypte", *start.split()[1:3]], stdout=said, env=environment, executable=program)
    try:
        deadline = time.monotonic() + LIMIT_S
        while not (folder / "venue.json").read_text().endswith("\n"):
            assert venue.poll() is None and time.monotonic() < deadline, "the venue says where it is"
            time.sleep(0.05)
        account = json.loads((folder / "venue.json").read_text())
        run_all(folder, environment, store, commands, account)
    finally:
        venue.send_signal(signal.SIGTERM)
        venue.wait(10)
        shutil.rmtree(folder)
    check(venue.returncode == 0, "the venue ends")


def run_all(folder, environment, store, commands, account):
    secrets = [PASSWORD, OTHER_KEY, account["api_key"], account["api_secret"], *PEM.split("\n")[1:2]]

    def says_no_secret(text):
        return not any(secret in text for secret in secrets)

    (folder / "password").write_text(PASSWORD + "\n")
    (folder / "key").write_text(OTHER_KEY + "\n")
    (folder / "secret.pem").write_text(PEM)
    ask = ("Password of the key store: ", PASSWORD)
    # What each command of the page is asked, and what it must show.
    script = {
        "calypte keys add crypto_com/main": (
            [("New password of the key store: ", PASSWORD), ("The same again: ", PASSWORD),
             ("API key: ", account["api_key"]), ("END lines: ", account["api_secret"])], r"added crypto_com/main\r\n$"),
        "calypte keys list": ([ask], r"crypto_com/main +crypto_com +20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ "),
        "calypte keys test crypto_com/main": ([ask], r"ok: crypto_com \(local\) accepts crypto_com/main; [1-9]\d* balances"),
        "calypte keys add binance/hedge": ([], r"^added binance/hedge\r\n$"),
        "calypte keys list --password-fd": (
            [], rf"^binance/hedge +binance +\S+ {OTHER_KEY[:4]}\.\.\.\r\ncrypto_com/main +crypto_com .*\r\n$"),
        "calypte keys remove binance/hedge": ([], r"^removed binance/hedge\r\n$"),
        "calypte keys remove crypto_com/main": ([ask, ("Type yes: ", "yes")], r"removed crypto_com/main\r\n$"),
    }

    def run(command, answers):
        code, shown, left = on_terminal(command, answers, folder, environment)
        check(says_no_secret(shown), f"nothing secret is shown by: {command}")
        check(not left, f"{len(answers)} questions, and the echo of no answer: {command}")
        return code, shown

    venue_name = account["venue"]
    for number, command in enumerate(commands):
        key = max((k for k in script if command.startswith(k)), key=len, default=None)
        check(key is not None, f"this test knows the command of the page: {command}")
        answers, pattern = script[key]
        code, shown = run(command, answers)
        check(code == 0 and re.search(pattern, shown), f"works: {command}" if code == 0 else f"{command}: {shown}")
        if number == 0:
            check(stat.S_IMODE(store.stat().st_mode) == 0o600, "the file has mode 0600")
            check(stat.S_IMODE(store.parent.stat().st_mode) == 0o700, "its folder has mode 0700")
        if command.startswith("calypte keys add"):
            check(says_no_secret(store.read_bytes().decode("latin-1")), "nothing secret is readable in the file")

    def quietly(arguments, text="", **more):
        """Without a terminal: a session of its own."""
        ended = subprocess.run(["calypte", "keys", *arguments], input=text, text=True, capture_output=True, timeout=LIMIT_S,
                               env={**environment, **more}, start_new_session=True, executable=folder / "bin" / "calypte")
        check(says_no_secret(ended.stdout + ended.stderr), f"nothing secret is shown by: keys {' '.join(arguments)}")
        return ended

    wrong = f"{PASSWORD}\n{account['api_key']}\nnot-the-secret-of-this-account\n"
    ended = quietly(["add", "wrong", "--venue", venue_name, "--password-fd", "0", "--api-key-fd", "0", "--api-secret-fd",
                     "0"], wrong)
    check(ended.returncode == 0, "all parts come from one descriptor" if ended.returncode == 0 else ended.stderr)
    local = ["--environment", "local", "--local-venue", str(folder / "venue.json")]
    ended = quietly(["test", "wrong", *local], CALYPTE_KEYS_PASSWORD=PASSWORD)
    check(ended.returncode == 1 and re.search(r"unauthenticated \(\d+\).*: \w+", ended.stderr),
          "a refused key is told with the venue's code and text: " + ended.stderr.strip())
    private_key = "5a" * 32
    ended = quietly(["add", "chain", "--venue", "uniswap", "--password-fd", "0", "--api-secret-fd", "0"],
                    f"{PASSWORD}\n{private_key}\n")
    check(ended.returncode == 0 and private_key not in ended.stdout + ended.stderr, "a protocol has a private key only")
    ended = quietly(["list"], CALYPTE_KEYS_PASSWORD=PASSWORD)
    check(re.search(r"^chain +uniswap ", ended.stdout, re.M) and private_key[:4] not in ended.stdout, "and it is listed")
    ended = quietly(["test", "chain", *local], CALYPTE_KEYS_PASSWORD=PASSWORD)
    check(ended.returncode == 2 and "no log-in" in ended.stderr, "which cannot be tested by a log-in")
    before = store.read_bytes()
    ended = quietly(["list"], CALYPTE_KEYS_PASSWORD="not the password")
    check(ended.returncode == 2 and "password of the key store is wrong" in ended.stderr, "a wrong password is told")
    ended = quietly(["list"])
    check(ended.returncode == 2 and "no password" in ended.stderr, "no password and no terminal is told")
    ended = quietly(["remove", "wrong"], CALYPTE_KEYS_PASSWORD=PASSWORD)
    check(ended.returncode == 2 and "--yes" in ended.stderr, "removing without a terminal needs --yes")
    ended = quietly(["add", "wrong", "--venue", venue_name, "--password-fd", "0"], PASSWORD + "\n")
    check(ended.returncode == 2 and "already" in ended.stderr, "a name is not given twice")
    ended = quietly(["add", "x", "--venue", "nowhere", "--password-fd", "0"], PASSWORD + "\n")
    check(ended.returncode == 2 and "nowhere" in ended.stderr, "an unknown venue is told")
    code, shown = run("calypte keys remove wrong", [ask, ("Type yes: ", "y")])
    check(code == 2 and "nothing was removed" in shown, "anything but yes removes nothing")
    code, shown, left = on_terminal("calypte keys list", [("Password of the key store: ", None)], folder, environment)
    check(code == -signal.SIGINT and not left, "an interrupt at the question ends the program")
    code, shown = run("calypte keys --file new/keys add a --venue " + venue_name,
                      [("New password of the key store: ", PASSWORD), ("The same again: ", PASSWORD + "x")])
    check(code == 2 and "differ" in shown and not (folder / "new").exists(), "two different passwords make nothing")
    check(store.read_bytes() == before, "no failure has changed the file")
    store.chmod(0o644)
    ended = quietly(["list"], CALYPTE_KEYS_PASSWORD=PASSWORD)
    check(ended.returncode == 2 and f"chmod 600 '{store}'" in ended.stderr, "a readable file is refused with the remedy")
    store.chmod(0o600)

    # A venue that shows a certificate of an authority which is not trusted never hears of the key.
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=stranger", "-days", "2",
                    "-keyout", os.devnull, "-out", folder / "stranger.pem"], capture_output=True, check=True)
    (folder / "mixed.json").write_text(json.dumps({**account, "ca_file": str(folder / "stranger.pem")}))
    ended = quietly(["test", "wrong", "--environment", "local", "--local-venue", str(folder / "mixed.json"),
                     "--seconds", "3"], CALYPTE_KEYS_PASSWORD=PASSWORD)
    check(ended.returncode == 1 and "certificate verify failed" in ended.stderr, "an untrusted certificate is refused")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
