// with_venue.mjs PROGRAM VENUE SCRIPT ARGUMENT...
//
// Starts `PROGRAM venue VENUE`, which prints one line of JSON about itself, and runs SCRIPT with that line in the
// environment as CALYPTE_VENUE. The script trusts the venue's throw-away CA and verifies its certificate as any client
// does. At the end the venue gets SIGTERM and must be gone with exit code 0 within five seconds.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';

const START_LIMIT_MS = 20_000;
const SCRIPT_LIMIT_MS = 210_000;
const STOP_LIMIT_MS = 5_000;
const [program, name, script, ...rest] = process.argv.slice(2);

const after = (ms, what) =>
  new Promise((_, reject) => setTimeout(() => reject(new Error(`${what} took more than ${ms} ms`)), ms).unref());

const venue = spawn(program, ['venue', name], {stdio: ['ignore', 'pipe', 'pipe']});
let complaints = '';
venue.stderr.on('data', (text) => { complaints = (complaints + text).slice(-20_000); });
const ended = once(venue, 'exit');
ended.catch(() => {});

async function firstLine() {
  const lines = createInterface({input: venue.stdout});
  const line = await new Promise((resolve, reject) => {
    lines.once('line', resolve);
    ended.then(([code, signal]) => reject(new Error(`the venue said nothing and ended with ${code ?? signal}`)), reject);
  });
  lines.on('line', (extra) => { complaints += `more on stdout: ${extra}\n`; });
  return line;
}

async function runScript(line) {
  const description = JSON.parse(line);
  for (const key of ['venue', 'rest_url', 'market_stream_url', 'user_stream_url', 'ca_file', 'api_key', 'api_secret']) {
    if (typeof description[key] !== 'string' || description[key] === '') throw new Error(`no ${key} in ${line}`);
  }
  const child = spawn(process.execPath, [script, ...rest], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {...process.env, NODE_EXTRA_CA_CERTS: description.ca_file, CALYPTE_VENUE: line},
  });
  try {
    const [code, signal] = await Promise.race([once(child, 'exit'), after(SCRIPT_LIMIT_MS, 'the script')]);
    if (code !== 0) throw new Error(`the script ended with ${code ?? signal}`);
  } finally {
    child.kill('SIGKILL');
  }
}

let failure;
try {
  await runScript(await Promise.race([firstLine(), after(START_LIMIT_MS, 'the start of the venue')]));
} catch (error) {
  failure = error.message;
}
if (venue.exitCode === null && venue.signalCode === null) {
  const began = Date.now();
  venue.kill('SIGTERM');
  try {
    const [code, signal] = await Promise.race([ended, after(STOP_LIMIT_MS, 'the end of the venue after SIGTERM')]);
    if (code !== 0) failure ??= `the venue ended with ${code ?? signal} after SIGTERM`;
    else console.log(`ok   the venue ends on SIGTERM (${Date.now() - began} ms)`);
  } catch (error) {
    venue.kill('SIGKILL');
    failure ??= error.message;
  }
} else {
  failure ??= `the venue ended by itself with ${venue.exitCode ?? venue.signalCode}`;
}
if (failure) {
  console.error(`FAILED: ${failure}`);
  if (complaints) console.error(`what the venue said:\n${complaints}`);
  process.exit(1);
}
process.exit(0);
