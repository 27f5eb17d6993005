// Writes what the published SDKs compute for seeded inputs, one JSON object a line, numbers as text:
//   node generate.mjs PACKAGES_FOLDER OUTPUT_FILE
// A file that this very script wrote from the same packages is left as it is.
import {createRequire} from 'node:module';
import {createHash} from 'node:crypto';
import {createWriteStream, existsSync, readFileSync, renameSync} from 'node:fs';
import {once} from 'node:events';
import {resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

const [packages, output] = process.argv.slice(2);
const stamp = createHash('sha256')
                  .update(readFileSync(fileURLToPath(import.meta.url)))
                  .update(readFileSync(resolve(packages, 'package-lock.json')))
                  .digest('hex');
if (existsSync(output) && readFileSync(output, 'latin1').trimEnd().endsWith(`"stamp":"${stamp}"}`)) process.exit(0);

const require = createRequire(resolve(packages, 'package.json'));
const JSBI = require('jsbi');
const {CurrencyAmount, Token} = require('@uniswap/sdk-core');
const {FullMath, Pool, SqrtPriceMath, SwapMath, Tick, TickMath} = require('@uniswap/v3-sdk');
const {Pair} = require('@uniswap/v2-sdk');

const big = (value) => JSBI.BigInt(value.toString());
const out = createWriteStream(output + '.part');
const counts = {};
async function write(vector) {
  counts[vector.kind] = (counts[vector.kind] ?? 0) + 1;
  if (!out.write(JSON.stringify(vector) + '\n')) await once(out, 'drain');
}

// SplitMix64: the same on every machine.
let state = 20260117n;
const mask = (1n << 64n) - 1n;
function next() {
  state = (state + 0x9e3779b97f4a7c15n) & mask;
  let z = state;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask;
  return z ^ (z >> 31n);
}
const below = (bound) => Number(next() % BigInt(bound));
const between = (low, high) => low + below(high - low + 1);
const chance = (percent) => below(100) < percent;
/** Uniform in the number of bits, so that small and large numbers are as frequent; at least 1. */
function bits(most) {
  const size = between(1, most);
  let value = 0n;
  for (let i = 0; i < 5; ++i) value = (value << 64n) | next();
  return (value & ((1n << BigInt(size)) - 1n)) | (1n << BigInt(size - 1));
}

const MIN = TickMath.MIN_TICK;
const MAX = TickMath.MAX_TICK;
const ratioAt = (tick) => BigInt(TickMath.getSqrtRatioAtTick(tick).toString());
const MIN_RATIO = BigInt(TickMath.MIN_SQRT_RATIO.toString());
const MAX_RATIO = BigInt(TickMath.MAX_SQRT_RATIO.toString());

async function ticks() {
  const chosen = new Set([MIN, MIN + 1, -1, 0, 1, MAX - 1, MAX]);
  for (let i = 0; i < 20; ++i) for (const d of [-1, 0, 1]) chosen.add((1 << i) + d).add(-(1 << i) + d);
  while (chosen.size < 1500) chosen.add(between(MIN, MAX));
  for (const tick of chosen) {
    if (tick < MIN || tick > MAX) continue;
    await write({kind: 'ratio', tick, ratio: ratioAt(tick).toString()});
  }
  for (let i = 0; i < 1500; ++i) {
    let ratio = i % 3 === 0 ? bits(160) : ratioAt(between(MIN, MAX)) + BigInt(between(-2, 2));
    if (ratio < MIN_RATIO) ratio = MIN_RATIO + BigInt(below(1000));
    if (ratio >= MAX_RATIO) ratio = MAX_RATIO - 1n;
    await write({kind: 'tick', ratio: ratio.toString(), tick: TickMath.getTickAtSqrtRatio(big(ratio))});
  }
}

async function steps() {
  for (let i = 0; i < 4000; ++i) {
    const tick = between(-400000, 400000);
    const price = ratioAt(tick) + bits(30);
    const target = chance(10) ? price : ratioAt(tick + between(-3000, 3000)) + bits(20);
    const liquidity = bits(chance(90) ? 100 : 127);
    const exactIn = chance(50);
    const remaining = bits(130);
    const fee = [0, 100, 500, 3000, 10000, 999999][below(6)];
    let row;
    try {
      row = SwapMath.computeSwapStep(big(price), big(target), big(liquidity), big(exactIn ? remaining : -remaining), big(fee));
    } catch (error) {
      row = null;
    }
    await write({
      kind: 'step', price: price.toString(), target: target.toString(), liquidity: liquidity.toString(), exact_in: exactIn,
      remaining: remaining.toString(), fee, result: row && row.map((x) => x.toString()),
    });
  }
}

async function deltas() {
  for (let i = 0; i < 1500; ++i) {
    const a = ratioAt(between(MIN, MAX - 1)) + bits(20);
    const b = chance(50) ? ratioAt(between(MIN, MAX)) : a + bits(60);
    const liquidity = bits(128);
    const up = chance(50);
    await write({
      kind: 'delta', a: a.toString(), b: b.toString(), liquidity: liquidity.toString(), up,
      amount0: SqrtPriceMath.getAmount0Delta(big(a), big(b), big(liquidity), up).toString(),
      amount1: SqrtPriceMath.getAmount1Delta(big(a), big(b), big(liquidity), up).toString(),
    });
    const x = bits(200), y = bits(200), z = bits(256);
    if ((x * y) / z < 1n << 255n) {
      await write({
        kind: 'mul_div', a: x.toString(), b: y.toString(), divisor: z.toString(),
        up: FullMath.mulDivRoundingUp(big(x), big(y), big(z)).toString(),
      });
    }
  }
}

const token0 = new Token(1, '0x0000000000000000000000000000000000000001', 6, 'ZERO');
const token1 = new Token(1, '0x0000000000000000000000000000000000000002', 18, 'ONE');
const spacings = {100: 1, 500: 10, 3000: 60, 10000: 200};

/** Positions as [lower, upper, liquidity]; every layout is centred on a tick. */
const layouts = {
  full: (spacing) => [[Math.ceil(MIN / spacing) * spacing, Math.floor(MAX / spacing) * spacing, bits(90)]],
  // A tick at every multiple of the spacing.
  dense: (spacing, centre) => {
    const positions = [];
    for (let i = -120; i < 120; ++i) positions.push([centre + i * spacing, centre + (i + between(1, 4)) * spacing, bits(80)]);
    return positions;
  },
  // Several words between one tick and the next.
  sparse: (spacing, centre) => {
    const positions = [[centre - 4000 * spacing, centre + 4000 * spacing, bits(85)]];
    for (let i = 0; i < 6; ++i) {
      const lower = centre + between(-3000, 2000) * spacing;
      positions.push([lower, lower + between(1, 900) * spacing, bits(85)]);
    }
    return positions;
  },
  // Ranges with nothing between them.
  islands: (spacing, centre) => {
    const positions = [];
    for (let i = -5; i <= 5; ++i) {
      const lower = centre + i * between(300, 400) * spacing;
      positions.push([lower, lower + between(1, 200) * spacing, bits(80)]);
    }
    return positions;
  },
  // Ticks on the first and the last bit of words.
  edges: (spacing, centre) => {
    const positions = [];
    const word = Math.floor(centre / spacing / 256);
    for (let i = -4; i <= 4; ++i) {
      const edge = (word + i) * 256 * spacing;
      positions.push([edge, edge + 255 * spacing, bits(80)], [edge - spacing, edge + spacing, bits(80)]);
    }
    return positions;
  },
};

function makePool(fee, layout) {
  const spacing = spacings[fee];
  const bound = Math.floor(MAX / spacing) - 6000;
  const centre = layout === 'full' ? between(-bound, bound) * spacing
                                   : between(-Math.min(bound, 300000 / spacing), Math.min(bound, 300000 / spacing)) * spacing;
  const usable = (tick) => Math.min(Math.max(tick, Math.ceil(MIN / spacing) * spacing), Math.floor(MAX / spacing) * spacing);
  const byTick = new Map();
  const add = (tick, net, gross) => {
    const [n, g] = byTick.get(tick) ?? [0n, 0n];
    byTick.set(tick, [n + net, g + gross]);
  };
  for (let [lower, upper, liquidity] of layouts[layout](spacing, Math.trunc(centre))) {
    lower = usable(lower);
    upper = usable(upper);
    if (lower >= upper) continue;
    add(lower, liquidity, liquidity);
    add(upper, -liquidity, liquidity);
  }
  const list = [...byTick].sort((x, y) => x[0] - y[0]);
  let tick = usable(Math.trunc(centre) + between(-100, 100) * spacing) + (chance(50) ? 0 : between(0, spacing - 1));
  tick = Math.min(Math.max(tick, MIN), MAX - 2);
  let price = ratioAt(tick);
  const room = ratioAt(tick + 1) - price;
  // In the middle of a tick, exactly on it, or below it as after a swap that ended on it.
  const place = below(3);
  if (place === 0) price += room / BigInt(between(2, 9));
  if (place === 2 && tick > MIN) tick -= 1;
  let liquidity = 0n;
  for (const [index, [net]] of list) if (index <= tick) liquidity += net;
  return {fee, spacing, tick, price, liquidity, list};
}

async function pools() {
  let id = 0;
  for (const fee of [100, 500, 3000, 10000]) {
    for (const layout of Object.keys(layouts)) {
      for (let variant = 0; variant < 3; ++variant) {
        const p = makePool(fee, layout);
        const ticks = p.list.map(([index, [net, gross]]) =>
          new Tick({index, liquidityGross: big(gross), liquidityNet: big(net)}));
        const pool = new Pool(token0, token1, fee, p.price.toString(), p.liquidity.toString(), p.tick, ticks);
        await write({
          kind: 'pool', id, layout, fee, spacing: p.spacing, price: p.price.toString(), tick: p.tick,
          liquidity: p.liquidity.toString(),
          ticks: p.list.map(([index, [net, gross]]) => [index, net.toString(), gross.toString()]),
        });
        for (let i = 0; i < 90; ++i) await quote(id, p, pool);
        ++id;
      }
    }
  }
}

async function quote(id, p, pool) {
  const exactIn = chance(50);
  const zeroForOne = chance(50);
  const amount = bits([66, 66, 66, 66, 78, 78, 78, 78, 90, 120][below(10)]);
  const fixed = exactIn === zeroForOne ? token0 : token1;
  let limit = null;
  if (chance(20)) {
    const at = Math.min(Math.max(p.tick + (zeroForOne ? -1 : 1) * between(1, 2000) * (chance(50) ? 1 : p.spacing), MIN + 1), MAX - 1);
    limit = ratioAt(at) + BigInt(chance(50) ? 0 : between(-3, 3));
    if (zeroForOne ? limit >= p.price || limit <= MIN_RATIO : limit <= p.price || limit >= MAX_RATIO) limit = null;
  }
  const asked = CurrencyAmount.fromRawAmount(fixed, big(amount));
  let other, after;
  try {
    [other, after] = exactIn ? await pool.getOutputAmount(asked, limit === null ? undefined : big(limit))
                             : await pool.getInputAmount(asked, limit === null ? undefined : big(limit));
  } catch (error) {
    await write({kind: 'refused', pool: id, exact_in: exactIn, zero_for_one: zeroForOne, amount: amount.toString(),
                 limit: limit === null ? null : limit.toString(), error: error.message});
    return;
  }
  const end = limit ?? (zeroForOne ? MIN_RATIO + 1n : MAX_RATIO - 1n);
  const price = BigInt(after.sqrtRatioX96.toString());
  await write({
    kind: 'quote', pool: id, exact_in: exactIn, zero_for_one: zeroForOne, amount: amount.toString(),
    limit: limit === null ? null : limit.toString(), other: other.quotient.toString(), price: price.toString(),
    liquidity: after.liquidity.toString(), tick: after.tickCurrent, at_limit: price === end,
  });
}

async function pairs() {
  for (let i = 0; i < 3000; ++i) {
    const reserves = [bits(chance(90) ? 100 : 112), bits(chance(90) ? 100 : 112)];
    const pair = new Pair(CurrencyAmount.fromRawAmount(token0, big(reserves[0])),
                          CurrencyAmount.fromRawAmount(token1, big(reserves[1])));
    const exactIn = chance(50);
    const zeroForOne = chance(50);
    const amount = chance(5) ? reserves[below(2)] : bits(100);
    const asked = CurrencyAmount.fromRawAmount(exactIn === zeroForOne ? token0 : token1, big(amount));
    let other = null;
    let error = null;
    try {
      other = (exactIn ? pair.getOutputAmount(asked) : pair.getInputAmount(asked))[0].quotient.toString();
    } catch (e) {
      error = e.isInsufficientReservesError ? 'reserves' : e.isInsufficientInputAmountError ? 'input' : e.message;
    }
    await write({kind: 'pair', reserves: reserves.map(String), exact_in: exactIn, zero_for_one: zeroForOne,
                 amount: amount.toString(), other, error});
  }
}

await ticks();
await steps();
await deltas();
await pools();
await pairs();
await write({kind: 'end', counts: {...counts}, stamp});
out.end();
await once(out, 'finish');
// Only a complete file gets the name that the test reads.
renameSync(output + '.part', output);
console.log(counts);
