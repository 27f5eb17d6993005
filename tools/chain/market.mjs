// What is on the chain, as data: tokens and pools. docs/test-chain.md tells it to people.

// In the order of their addresses, so that WETH-USDC has its quote as token0 and WBTC-USDC its base. `each` is what an
// account gets, `manner` what the token becomes once its pools have liquidity.
export const TOKENS = [
  {symbol: 'REFUSE', decimals: 18, each: 1_000_000, manner: 'refuse'},
  {symbol: 'WBTC', decimals: 8, each: 1_000},
  {symbol: 'DAI', decimals: 18, each: 10_000_000},
  {symbol: 'TAX', decimals: 18, each: 1_000_000, manner: 'tax'},
  {symbol: 'GEM', decimals: 18, each: 1_000_000},
  {symbol: 'USDC', decimals: 6, each: 10_000_000},
  {symbol: 'STEP', decimals: 6, each: 1_000_000, manner: 'step'},
  {symbol: 'WETH', decimals: 18, each: 1_000},  // the published WETH9
  {symbol: 'MUTE', decimals: 18, each: 1_000_000, manner: 'mute'},
];

export const MANNERS = ['proper', 'refuse', 'tax', 'step', 'mute', 'pause'];

export const TICK_SPACING = {100: 1, 500: 10, 3000: 60, 10000: 200};
const MAX_TICK = 887272;

// Where a position of a pool can begin and end. `near(n)`: n tick spacings from the price. `edge(w, n)`: n spacings
// from the beginning of a word of the tick bitmap, which holds 256 spacings, w words from the one with the price.
function places(tick, fee) {
  const spacing = TICK_SPACING[fee];
  const compressed = Math.floor(tick / spacing);
  return {
    low: -Math.floor(MAX_TICK / spacing) * spacing,
    high: Math.floor(MAX_TICK / spacing) * spacing,
    near: (n) => (compressed + n) * spacing,
    edge: (w, n = 0) => ((Math.floor(compressed / 256) + w) * 256 + n) * spacing,
  };
}

// A position is [from, to, base, quote]: the most that goes in of each, in whole tokens.
const wide = (base, quote) => ({low, high}) => [[low, high, base, quote]];
const narrow = (base, quote) => ({low, high, near}) => [
  [low, high, base / 10, quote / 10], [near(-200), near(200), base, quote], [near(-20), near(21), base, quote],
  [near(-3), near(4), base / 2, quote / 2], [near(-80), near(-40), base, quote], [near(55), near(90), base, quote],
];
// Ticks in the last and first place of words, and words without any tick between them.
const sparse = (base, quote) => ({low, high, edge}) => [
  [low, high, base / 10, quote / 10], [edge(0), edge(1), base, quote], [edge(-1, 255), edge(1, 1), base, quote],
  [edge(-3), edge(-2, 255), base, quote], [edge(3, -1), edge(4), base, quote],
  [edge(-5, 17), edge(6, 200), base, quote],
];
// The liquidity ends on both sides of the price and begins again further away; beyond 60 spacings there is none.
const gaps = (base, quote) => ({near}) => [
  [near(-5), near(6), base, quote], [near(-60), near(-20), base, quote], [near(20), near(60), base, quote],
];
// None at the price itself, some on both sides.
const hole = (base, quote) => ({near}) => [[near(-20), near(-1), base, quote], [near(2), near(20), base, quote]];
const nothing = () => [];

// `price` is in quote per base. Without one a pool is made and nothing more: no price, no reserves.
export const V3_POOLS = [
  {base: 'WETH', quote: 'USDC', fee: 500, price: 2500, positions: narrow(400, 1_000_000)},
  {base: 'WETH', quote: 'USDC', fee: 3000, price: 2503.7, positions: wide(200, 500_000)},
  {base: 'WETH', quote: 'USDC', fee: 10000, price: 2491.25, positions: sparse(100, 250_000)},
  {base: 'WETH', quote: 'USDC', fee: 100, price: 2500, positions: nothing},
  {base: 'WBTC', quote: 'USDC', fee: 500, price: 60_000, positions: gaps(10, 600_000)},
  {base: 'WBTC', quote: 'USDC', fee: 3000, price: 60_120.5, positions: narrow(5, 300_000)},
  {base: 'WBTC', quote: 'USDC', fee: 10000, price: 59_900, positions: hole(3, 180_000)},
  {base: 'WETH', quote: 'DAI', fee: 3000, price: 2498, positions: sparse(50, 125_000)},
  {base: 'DAI', quote: 'USDC', fee: 100, price: 1, positions: narrow(2_000_000, 2_000_000)},
  {base: 'GEM', quote: 'WETH', fee: 3000, price: 0.004, positions: narrow(50_000, 200)},
  {base: 'GEM', quote: 'WETH', fee: 10000, price: 0.00401, positions: wide(10_000, 40)},
  {base: 'GEM', quote: 'USDC', fee: 10000, price: 10.4, positions: wide(500, 5_200)},  // for little the best way
  {base: 'GEM', quote: 'USDC', fee: 500},
  {base: 'REFUSE', quote: 'USDC', fee: 3000, price: 2, positions: wide(100_000, 200_000)},
  {base: 'TAX', quote: 'USDC', fee: 3000, price: 2, positions: wide(100_000, 200_000)},
  {base: 'STEP', quote: 'USDC', fee: 3000, price: 2, positions: wide(100_000, 200_000)},
  {base: 'MUTE', quote: 'USDC', fee: 3000, price: 2, positions: wide(100_000, 200_000)},
];
export const V2_POOLS = [
  {base: 'WETH', quote: 'USDC', reserves: [120, 300_240]},
  {base: 'WBTC', quote: 'USDC', reserves: [4, 240_900]},
  {base: 'WETH', quote: 'DAI', reserves: [300, 749_000]},
  {base: 'GEM', quote: 'WETH', reserves: [20_000, 80.3]},
  {base: 'DAI', quote: 'USDC'},
  {base: 'REFUSE', quote: 'USDC', reserves: [50_000, 100_000]},
  {base: 'TAX', quote: 'USDC', reserves: [50_000, 100_000]},
  {base: 'STEP', quote: 'USDC', reserves: [50_000, 100_000]},
  {base: 'MUTE', quote: 'USDC', reserves: [50_000, 100_000]},
];

export const positionsOf = (pool, tick) => pool.positions(places(tick, pool.fee));
