// What the scripts of this folder share: steps with names, waiting with a limit, and arithmetic on decimal texts.
import assert from 'node:assert/strict';

let failures = 0;

/// Runs one named step. A failure is told and counted; the next step runs nevertheless.
export async function step(name, run, limitMs = 30_000) {
  const began = Date.now();
  try {
    await within(limitMs, run(), name);
    console.log(`ok   ${name} (${Date.now() - began} ms)`);
  } catch (error) {
    failures += 1;
    console.log(`FAIL ${name}: ${error.stack ?? error}`);
  }
}

export function finish() {
  console.log(failures === 0 ? 'all steps passed' : `${failures} steps failed`);
  process.exit(failures === 0 ? 0 : 1);
}

export function within(limitMs, promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: more than ${limitMs} ms`)), limitMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/// Asks again until `good` is true of the answer; the answer.
export async function eventually(ask, good, what, limitMs = 10_000, pauseMs = 150) {
  const until = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (good(answer)) return answer;
    assert.ok(Date.now() < until, `${what}: still ${JSON.stringify(answer)?.slice(0, 600)}`);
    await sleep(pauseMs);
  }
}
