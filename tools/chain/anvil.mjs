// The chain itself: a process of anvil on a free loopback port, which cannot outlive this one.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdirSync} from 'node:fs';
import {join} from 'node:path';

const START_LIMIT_MS = 15_000;
const STOP_LIMIT_MS = 2_000;
const ACCOUNTS = 11;
// The kernel sends the signal when we die, also if we are killed. If we are gone before it knows, the second check ends
// the start: `$PPID` is then another one. Both programs become the next, so the process that we know is anvil.
const LEASH = 'if [ "$PPID" != "$1" ]; then exit 1; fi; shift; exec "$@"';

export class Anvil {
  // `packages` is where npm put them; anvil writes below a home of its own there and not into the user's.
  static async start({packages, arguments: more}) {
    const program = join(packages, 'node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil');
    if (!existsSync(program)) throw new Error(`there is no ${program}: run tools/npm-packages tools/chain ${packages}`);
    mkdirSync(join(packages, 'home'), {recursive: true});
    const words = ['--host', '127.0.0.1', '--port', '0', '--accounts', String(ACCOUNTS), '--slots-in-an-epoch', '1',
      '--no-request-size-limit', ...more];
    const process_ = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'sh', '-c', LEASH, 'sh', String(process.pid),
      program, ...words], {stdio: ['ignore', 'pipe', 'pipe'], env: {...process.env, HOME: join(packages, 'home')}});
    const anvil = new Anvil(process_);
    try {
      anvil.port = await anvil.#listening();
      anvil.accounts = anvil.#publishedAccounts();
      await anvil.rpc('anvil_setLoggingEnabled', [false]);
    } catch (error) {
      await anvil.stop();
      throw error;
    }
    return anvil;
  }

  #process;
  #said = '';
  #id = 0;
  port = 0;
  accounts = [];

  constructor(process_) {
    this.#process = process_;
    this.ended = new Promise((resolve) => {
      process_.once('exit', (code, signal) => resolve(code ?? signal));
      process_.once('error', (error) => resolve(error.message));
    });
    for (const stream of [process_.stdout, process_.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => { this.#said = (this.#said + text).slice(-50_000); });
    }
  }

  get pid() { return this.#process.pid; }

  async #listening() {
    const until = Date.now() + START_LIMIT_MS;
    let ended;
    this.ended.then((how) => { ended = how; });
    for (;;) {
      const port = /Listening on 127\.0\.0\.1:(\d+)/.exec(this.#said)?.[1];
      if (port) return Number(port);
      if (ended !== undefined) throw new Error(`anvil ended with ${ended}: ${this.#said}`);
      if (Date.now() > until) throw new Error(`anvil did not start in ${START_LIMIT_MS} ms: ${this.#said}`);
      const more = Promise.race([once(this.#process.stdout, 'data'), this.ended]);
      await Promise.race([more, new Promise((resolve) => setTimeout(resolve, 200).unref())]);
    }
  }

  // Those of everybody's test chain, which anvil prints at its start: ten to give away and one that deploys.
  #publishedAccounts() {
    const listed = (pattern) => [...this.#said.matchAll(pattern)].map(([, text]) => text.toLowerCase());
    const addresses = listed(/^\(\d+\) (0x[0-9a-f]{40})\b/gim);
    const keys = listed(/^\(\d+\) (0x[0-9a-f]{64})\b/gim);
    if (addresses.length !== ACCOUNTS || keys.length !== ACCOUNTS) {
      throw new Error(`anvil does not list its accounts as it did: ${this.#said}`);
    }
    return addresses.map((address, i) => ({address, private_key: keys[i]}));
  }

  async rpc(method, params = []) {
    const response = await fetch(`http://127.0.0.1:${this.port}`, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify({jsonrpc: '2.0', id: ++this.#id, method, params}),
    });
    const {result, error} = await response.json();
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  async stop() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null || !this.pid) return;
    this.#process.kill('SIGTERM');
    const late = setTimeout(() => this.#process.kill('SIGKILL'), STOP_LIMIT_MS);
    await this.ended;
    clearTimeout(late);
  }
}
