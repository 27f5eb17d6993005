// ccxt_crypto_com.mjs PACKAGES: ccxt's clients of Crypto.com, REST and WebSocket, against the simulated venue that
// CALYPTE_VENUE describes. Only addresses and credentials are set; everything else is as ccxt does it. Amounts of money
// are texts throughout (`number: String`) and are compared exactly.
import assert from 'node:assert/strict';
import {resolve} from 'node:path';
import {pathToFileURL} from 'node:url';

import {eventually, finish, sleep, step, within} from './steps.mjs';

const {default: ccxt} = await import(pathToFileURL(resolve(process.argv[2], 'node_modules/ccxt/js/ccxt.js')));
const venue = JSON.parse(process.env.CALYPTE_VENUE);
const SYMBOL = 'BTC/USDT';
const {Precise} = ccxt;
const add = (a, b) => Precise.stringAdd(a, b);
const sub = (a, b) => Precise.stringSub(a, b);
const mul = (a, b) => Precise.stringMul(a, b);
const sum = (texts) => texts.reduce(add, '0');
const same = (a, b, what) => assert.ok(Precise.stringEq(a, b), `${what}: ${a} and ${b} differ`);

/// Counts what it is sent: the messages of each channel of a book (a break of their chain is ccxt's ChecksumError), and
/// the ids of fills.
class Pro extends ccxt.pro.cryptocom {
  bookChannels = {};
  bookStates = new Set(); // every state of the book, also those that followed faster than a promise is awaited
  fillIds = [];

  handleMessage(client, message) {
    const {channel, data} = message.result ?? {};
    if (channel?.startsWith('user.trade')) this.fillIds.push(...data.map((fill) => fill.trade_id));
    super.handleMessage(client, message);
    if (channel?.startsWith('book')) {
      this.bookChannels[channel] = (this.bookChannels[channel] ?? 0) + 1;
      if (this.orderbooks[SYMBOL]) this.bookStates.add(touch(this.orderbooks[SYMBOL]));
    }
  }
}

const clients = [];
function create(type, options = {}) {
  const client = new type({
    apiKey: venue.api_key,
    secret: venue.api_secret,
    number: String,
    timeout: 10_000,
    // The list of networks for deposits is no part of trading, and the venue does not simulate it.
    options: {fetchCurrencies: {skipFetchCurrencies: true}},
    ...options,
  });
  const {rest_url: url, market_stream_url: market, user_stream_url: user} = venue;
  client.urls.api = {base: url, v1: url, v2: url, derivatives: url, ws: {public: market, private: user}};
  clients.push(client);
  return client;
}
const rest = create(ccxt.cryptocom);
const pro = create(Pro);

/// ccxt sends as soon as a socket is open, and in the calendar second of connecting the venue grants only the part of
/// its allowance that is left of that second: nothing is left at its very end. So a client connects before that.
async function untilThereIsAllowance() {
  const passed = Date.now() % 1000;
  if (passed > 750) await sleep(1000 - passed);
}

function assertBook(book, what) {
  const [bids, asks] = [book.bids, book.asks].map((side) => side.map((level) => level.slice(0, 2).map(Number)));
  assert.ok(bids.length > 0 && asks.length > 0, `${what}: a side is empty`);
  for (const [price, amount] of [...bids, ...asks]) assert.ok(price > 0 && amount > 0, `${what}: ${price} ${amount}`);
  for (let i = 1; i < bids.length; i++) assert.ok(bids[i - 1][0] > bids[i][0], `${what}: bids are not sorted`);
  for (let i = 1; i < asks.length; i++) assert.ok(asks[i - 1][0] < asks[i][0], `${what}: asks are not sorted`);
  assert.ok(bids[0][0] < asks[0][0], `${what}: crossed, ${bids[0][0]} and ${asks[0][0]}`);
}
const touch = (book) =>
  JSON.stringify([book.bids, book.asks].map((side) => side.slice(0, 5).map((level) => level.slice(0, 2).map(Number))));
const bestBid = async () => String((await rest.fetchOrderBook(SYMBOL, 10)).bids[0][0]);
const priceBelow = async (factor) => rest.priceToPrecision(SYMBOL, mul(await bestBid(), factor));
const isFinal = (order) => ['closed', 'canceled', 'rejected', 'expired'].includes(order.status);
const ended = (id) => eventually(() => rest.fetchOrder(id, SYMBOL), isFinal, `order ${id} ends`);

/// The next updates of a stream until one of them is `good`; that one.
async function watchUntil(watch, good, what, limitMs = 15_000) {
  const until = Date.now() + limitMs;
  for (;;) {
    const found = (await within(Math.max(1, until - Date.now()), watch(), what)).find(good);
    if (found) return found;
  }
}

await step('loadMarkets: pairs, precision, tradable', async () => {
  const markets = Object.values(await rest.loadMarkets());
  assert.ok(markets.filter((m) => m.spot && m.active).length >= 2, 'at least two pairs can be traded');
  for (const m of markets.filter((each) => each.spot)) {
    assert.equal(m.symbol, `${m.base}/${m.quote}`);
    assert.equal(m.active, m.info.tradable);
    assert.ok(Precise.stringGt(m.precision.price, '0') && Precise.stringGt(m.precision.amount, '0'), m.symbol);
    same(m.precision.price, m.info.price_tick_size, `tick of ${m.symbol}`);
    same(m.precision.amount, m.info.qty_tick_size, `lot of ${m.symbol}`);
  }
  assert.equal(rest.market(SYMBOL).id, 'BTC_USDT');
  assert.equal(rest.market(SYMBOL).active, true);
  await pro.loadMarkets();
});

await step('an instrument that does not exist is a bad request', async () => {
  await assert.rejects(rest.v1PublicGetPublicGetBook({instrument_name: 'NOPE_USDT', depth: 10}), ccxt.BadRequest);
});

await step('fetchOrderBook', async () => {
  const book = await rest.fetchOrderBook(SYMBOL, 10);
  assertBook(book, 'REST book');
  assert.ok(book.bids.length <= 10 && book.asks.length <= 10, 'no deeper than asked');
  assert.ok(Math.abs(book.timestamp - Date.now()) < 60_000, `time of the book: ${book.timestamp}`);
});

await step('watchOrderBook as ccxt subscribes', async () => {
  await untilThereIsAllowance();
  let nonce = 0;
  for (let i = 0; i < 4; i++) {
    const book = await within(10_000, pro.watchOrderBook(SYMBOL), 'an update of the book');
    assertBook(book, `update ${i}`);
    assert.ok(book.nonce >= nonce, `the sequence falls from ${nonce} to ${book.nonce}`);
    nonce = book.nonce;
  }
});

const deltas = create(Pro);
await step('watchOrderBook by deltas, equal to fetchOrderBook', async () => {
  const params = {params: {book_subscription_type: 'SNAPSHOT_AND_UPDATE', book_update_frequency: 10}};
  await untilThereIsAllowance();
  const nonces = new Set();
  let watching = true;
  let broken;
  const watcher = (async () => {
    while (watching) {
      const book = await deltas.watchOrderBook(SYMBOL, undefined, params);
      assertBook(book, 'book kept by deltas');
      nonces.add(book.nonce);
    }
  })().catch((error) => { broken = error; });
  try {
    await eventually(() => { if (broken) throw broken; return nonces.size; }, (n) => n >= 10, 'ten deltas', 20_000);
    // The stream tells where the book stands every 10 ms: most answers of REST are one of its states, a few fall
    // between two of them. Of six answers at least three must be found.
    const found = [];
    const missed = [];
    while (found.length < 3) {
      const asked = touch(await rest.fetchOrderBook(SYMBOL, 10));
      const until = Date.now() + 3_000;
      while (!deltas.bookStates.has(asked) && Date.now() < until) await sleep(50);
      if (broken) throw broken;
      (deltas.bookStates.has(asked) ? found : missed).push(asked);
      assert.ok(missed.length <= 3, `the stream shows none of ${missed.join('\n')}`);
    }
  } finally {
    watching = false;
  }
  assert.ok(deltas.bookChannels.book >= 1, 'a snapshot came first');
  assert.ok(deltas.bookChannels['book.update'] >= 9, `deltas came: ${JSON.stringify(deltas.bookChannels)}`);
  await deltas.close();
  await watcher;
}, 60_000);

await step('fetchTicker', async () => {
  const ticker = await rest.fetchTicker(SYMBOL);
  assert.equal(ticker.symbol, SYMBOL);
  const [bid, ask, last] = [ticker.bid, ticker.ask, ticker.last].map(Number);
  assert.ok(bid > 0 && bid < ask, `bid ${bid}, ask ${ask}`);
  assert.ok(Math.abs(last / bid - 1) < 0.1, `last ${last} is near the bid ${bid}`);
});

await step('fetchTrades and watchTrades', async () => {
  const trades = await eventually(() => rest.fetchTrades(SYMBOL, undefined, 50), (list) => list.length >= 3,
                                  'public trades', 20_000);
  const check = (trade) => {
    assert.equal(trade.symbol, SYMBOL);
    assert.ok(['buy', 'sell'].includes(trade.side));
    assert.ok(Number(trade.price) > 0 && Number(trade.amount) > 0 && trade.id);
  };
  trades.forEach(check);
  assert.equal(new Set(trades.map((trade) => trade.id)).size, trades.length, 'trade ids are unique');
  const known = new Set(trades.map((trade) => trade.id));
  check(await watchUntil(() => pro.watchTrades(SYMBOL), (trade) => !known.has(trade.id), 'a trade that is new', 25_000));
}, 60_000);

let before;
await step('fetchBalance', async () => {
  before = await rest.fetchBalance();
  for (const asset of ['BTC', 'USDT']) {
    assert.ok(Precise.stringGt(before[asset].total, '0'), `${asset}: ${before[asset].total}`);
    same(before[asset].total, add(before[asset].free, before[asset].used), `${asset} adds up`);
    same(before[asset].used, '0', `nothing of ${asset} is reserved yet`);
  }
});

// Both subscriptions go over one socket in this order: once an order was seen, the fills are subscribed to as well.
// ccxt keeps public and own trades in one place, and each fill twice: hence a client of its own, and a map.
const own = create(Pro, {newUpdates: false});
const fills = new Map();
let fillsBroken;
await untilThereIsAllowance();
(async () => {
  for (;;) for (const fill of await own.watchMyTrades(SYMBOL)) fills.set(fill.id, fill);
})().catch((error) => { fillsBroken = error; });

await step('createOrder limit, fetchOrder, fetchOpenOrders, watchOrders, fetchBalance, cancelOrder', async () => {
  const [amount, price] = ['0.01', await priceBelow('0.8')];
  const watched = []; // every state that the stream told
  (async () => {
    for (;;) watched.push(...(await own.watchOrders(SYMBOL)).map((each) => ({id: each.id, status: each.status})));
  })().catch((error) => watched.push(error.message));
  const {id} = await rest.createOrder(SYMBOL, 'limit', 'buy', amount, price);
  assert.match(id, /^\d+$/);

  const order = await rest.fetchOrder(id, SYMBOL);
  assert.equal(order.id, id);
  assert.equal(order.status, 'open');
  assert.equal(order.type, 'limit');
  assert.equal(order.side, 'buy');
  same(order.price, price, 'price');
  same(order.amount, amount, 'amount');
  same(order.filled, '0', 'filled');
  assert.deepEqual((await rest.fetchOpenOrders(SYMBOL)).map((open) => open.id), [id]);
  const held = await rest.fetchBalance();
  same(held.USDT.total, before.USDT.total, 'an open order moves nothing');
  assert.ok(Precise.stringGe(held.USDT.used, mul(amount, price)), `reserved: ${held.USDT.used}`);
  assert.ok(Precise.stringLe(held.USDT.used, mul(mul(amount, price), '1.01')), `reserved: ${held.USDT.used}`);
  const told = (status) => eventually(() => watched, (list) => list.some((o) => o.id === id && o.status === status),
                                      `watchOrders: ${status}`);
  await told('open');

  assert.equal((await rest.cancelOrder(id, SYMBOL)).id, id);
  await told('canceled');
  const gone = await ended(id);
  assert.equal(gone.status, 'canceled');
  same(gone.filled, '0', 'filled');
  assert.deepEqual(await rest.fetchOpenOrders(SYMBOL), []);
  const after = await rest.fetchBalance();
  for (const asset of ['BTC', 'USDT']) same(after[asset].free, before[asset].free, `${asset} is free again`);
  await assert.rejects(rest.cancelOrder(id, SYMBOL), ccxt.ExchangeError, 'a second cancel');
}, 45_000);

/// A market order: its fills on the stream, in fetchMyTrades and in the order agree, and the balances moved by exactly
/// price times amount and the fees.
async function marketOrder(side, amount) {
  const start = await rest.fetchBalance();
  const {id} = await rest.createOrder(SYMBOL, 'market', side, amount);
  const order = await ended(id);
  assert.equal(order.status, 'closed');
  same(order.filled, amount, 'filled');
  const mine = await eventually(
    () => { if (fillsBroken) throw fillsBroken; return [...fills.values()].filter((fill) => fill.order === id); },
    (list) => Precise.stringEq(sum(list.map((fill) => fill.amount)), amount), 'the fills on the stream');
  await sleep(500);
  assert.equal([...fills.values()].filter((fill) => fill.order === id).length, mine.length, 'no fill more than that');
  assert.equal(new Set(own.fillIds).size, own.fillIds.length, 'no fill is sent twice');

  const told = (await rest.fetchMyTrades(SYMBOL)).filter((trade) => trade.order === id);
  assert.deepEqual(told.map((trade) => trade.id).sort(), mine.map((fill) => fill.id).sort());
  for (const fill of mine) {
    const trade = told.find((each) => each.id === fill.id);
    assert.equal(fill.side, side);
    assert.equal(trade.side, side);
    assert.equal(fill.takerOrMaker, 'taker');
    assert.equal(trade.fee.currency, fill.fee.currency);
    same(trade.price, fill.price, 'price');
    same(trade.amount, fill.amount, 'amount');
    same(trade.fee.cost, fill.fee.cost, 'fee');
    assert.ok(Precise.stringGt(fill.fee.cost, '0'), `a taker pays: ${fill.fee.cost}`);
  }
  const cost = sum(mine.map((fill) => mul(fill.price, fill.amount)));
  const fee = (asset) => sum(mine.filter((fill) => fill.fee.currency === asset).map((fill) => fill.fee.cost));
  same(order.cost, cost, 'cost of the order');
  const end = await rest.fetchBalance();
  const moved = (asset) => sub(end[asset].total, start[asset].total);
  const [base, quote] = side === 'buy' ? [amount, sub('0', cost)] : [sub('0', amount), cost];
  same(moved('BTC'), sub(base, fee('BTC')), 'BTC moved');
  same(moved('USDT'), sub(quote, fee('USDT')), 'USDT moved');
  same(end.USDT.used, '0', 'nothing stays reserved');
}
await step('createOrder market buy: stream, history, order and balances agree', () => marketOrder('buy', '0.02'), 45_000);
await step('createOrder market sell: likewise', () => marketOrder('sell', '0.01'), 45_000);

await step('a post-only order that would take ends without a fill', async () => {
  const price = rest.priceToPrecision(SYMBOL, mul(await bestBid(), '1.01'));
  const {id} = await rest.createOrder(SYMBOL, 'limit', 'buy', '0.01', price, {postOnly: true});
  const order = await ended(id);
  assert.ok(['canceled', 'rejected'].includes(order.status), order.status);
  same(order.filled, '0', 'filled');
});

await step('an immediate-or-cancel order that finds nothing is canceled', async () => {
  const {id} = await rest.createOrder(SYMBOL, 'limit', 'buy', '0.01', await priceBelow('0.9'), {timeInForce: 'IOC'});
  const order = await ended(id);
  assert.equal(order.status, 'canceled');
  same(order.filled, '0', 'filled');
});

await step('cancelAllOrders', async () => {
  const price = await priceBelow('0.8');
  const ids = [];
  for (let i = 0; i < 3; i++) ids.push((await rest.createOrder(SYMBOL, 'limit', 'buy', '0.01', price)).id);
  assert.deepEqual((await rest.fetchOpenOrders(SYMBOL)).map((order) => order.id).sort(), [...ids].sort());
  await rest.cancelAllOrders(SYMBOL);
  await eventually(() => rest.fetchOpenOrders(SYMBOL), (orders) => orders.length === 0, 'no order is open');
  for (const id of ids) assert.equal((await ended(id)).status, 'canceled');
});

await step('a client order id is taken once', async () => {
  const [price, options] = [await priceBelow('0.8'), {client_oid: `interop-${Date.now()}`}];
  const {id} = await rest.createOrder(SYMBOL, 'limit', 'buy', '0.01', price, options);
  await assert.rejects(rest.createOrder(SYMBOL, 'limit', 'buy', '0.01', price, options), /"code":\s*"?204\b/);
  assert.deepEqual((await rest.fetchOpenOrders(SYMBOL)).map((order) => order.id), [id]);
  await rest.cancelOrder(id, SYMBOL);
  await ended(id);
});

await step('errors: wrong secret, old nonce, no funds, no such order', async () => {
  const stranger = create(ccxt.cryptocom, {secret: 'not the secret'});
  await assert.rejects(stranger.fetchBalance(), ccxt.AuthenticationError);
  const late = create(ccxt.cryptocom);
  late.nonce = () => Date.now() - 120_000;
  await assert.rejects(late.fetchBalance(), ccxt.InvalidNonce);

  const price = await priceBelow('0.9');
  const all = (await rest.fetchBalance()).USDT.total;
  const tooMuch = rest.amountToPrecision(SYMBOL, Precise.stringDiv(mul(all, '2'), price, 8));
  await assert.rejects(rest.createOrder(SYMBOL, 'limit', 'buy', tooMuch, price), ccxt.InsufficientFunds);
  await assert.rejects(rest.cancelOrder('6530219477767564494', SYMBOL), ccxt.OrderNotFound);
  await assert.rejects(rest.fetchOrder('6530219477767564494', SYMBOL), ccxt.OrderNotFound);
  assert.deepEqual(await rest.fetchOpenOrders(SYMBOL), []);
});

await step('errors: a wrong secret on the user stream', async () => {
  const stranger = create(Pro, {secret: 'not the secret'});
  await untilThereIsAllowance();
  await assert.rejects(within(10_000, stranger.watchOrders(SYMBOL), 'an answer to the login'), ccxt.AuthenticationError);
});

for (const client of clients) await client.close?.();
finish();
