// What ccxt's clients are asked to do on every venue, whatever its market: each function is the body of a step, and
// what differs is a field of the `Trader` that it is given. Amounts of money are texts throughout (`number: String`)
// and are compared exactly. Reads PACKAGES from the command line and the venue from CALYPTE_VENUE.
import assert from 'node:assert/strict';
import {resolve} from 'node:path';
import {pathToFileURL} from 'node:url';

import {eventually, sleep, within} from './steps.mjs';

export const {default: ccxt} = await import(pathToFileURL(resolve(process.argv[2], 'node_modules/ccxt/js/ccxt.js')));
export const venue = JSON.parse(process.env.CALYPTE_VENUE);
const {Precise} = ccxt;
export const add = (a, b) => Precise.stringAdd(a, b);
export const sub = (a, b) => Precise.stringSub(a, b);
export const mul = (a, b) => Precise.stringMul(a, b);
export const sum = (texts) => texts.reduce(add, '0');
export const atLeast = (a, b, what) => assert.ok(Precise.stringGe(String(a), String(b)), `${what}: ${a} is below ${b}`);
export const same = (a, b, what) => assert.ok(Precise.stringEq(String(a), String(b)), `${what}: ${a} and ${b} differ`);

/// How a step trades on one market. The defaults are those of Binance.
///   rest, pro   a client for requests and one for streams, the latter made of `recording`
///   symbol, amount, far   what is traded, and the factor of a price below the market that will not be reached
///   fresh       a new client of a type, with options over those of the script: fresh('rest' | 'pro', {secret: ...})
///   allowance   waited for before a socket is opened
///   expired     what has become of an order of which nothing could be filled at once
///   held        (before, now, order): checks what an open order holds of the balance
///   moved       (before, after, order, fills): checks what an order has cost
export class Trader {
  far = '0.98';
  expired = 'expired';
  allowance = async () => {};

  constructor(fields) { Object.assign(this, fields); }

  book(limit = 10) { return this.rest.fetchOrderBook(this.symbol, limit); }
  async priceAt(factor) {
    return this.rest.priceToPrecision(this.symbol, mul(String((await this.book()).bids[0][0]), factor));
  }
  farPrice() { return this.priceAt(this.far); }
  async limitBuy(params = {}, amount = this.amount) {
    return this.rest.createOrder(this.symbol, 'limit', 'buy', amount, await this.farPrice(), params);
  }
  /// The order once it has ended, asked for until then.
  ended(id) {
    return eventually(() => this.rest.fetchOrder(id, this.symbol),
                      ({status}) => ['closed', 'canceled', 'rejected', 'expired'].includes(status), `order ${id} ends`);
  }
}

/// The best five levels of both sides as one text.
export const touch = (book) =>
  JSON.stringify([book.bids, book.asks].map((side) => side.slice(0, 5).map((level) => level.slice(0, 2).map(Number))));

/// A client of ccxt that also keeps what it was sent: every state of a symbol's book, also those that followed faster
/// than a promise is awaited, and the ids of fills, of which ccxt itself drops those that came twice.
export const recording = (Base, symbol, fillIdsOf) => class extends Base {
  bookStates = new Set();
  fillIds = [];

  handleMessage(client, message) {
    this.fillIds.push(...fillIdsOf(message));
    super.handleMessage(client, message);
    if (this.orderbooks[symbol]?.bids.length) this.bookStates.add(touch(this.orderbooks[symbol]));
  }
};

export function assertBook(book, what) {
  const [bids, asks] = [book.bids, book.asks].map((side) => side.map((level) => level.slice(0, 2).map(Number)));
  assert.ok(bids.length > 0 && asks.length > 0, `${what}: a side is empty`);
  for (const [price, amount] of [...bids, ...asks]) assert.ok(price > 0 && amount > 0, `${what}: ${price} ${amount}`);
  for (let i = 1; i < bids.length; i++) assert.ok(bids[i - 1][0] > bids[i][0], `${what}: bids are not sorted`);
  for (let i = 1; i < asks.length; i++) assert.ok(asks[i - 1][0] < asks[i][0], `${what}: asks are not sorted`);
  assert.ok(bids[0][0] < asks[0][0], `${what}: crossed, ${bids[0][0]} and ${asks[0][0]}`);
}

/// The next updates of a stream until one of them is `good`; that one.
export async function watchUntil(watch, good, what, limitMs = 15_000) {
  const until = Date.now() + limitMs;
  for (;;) {
    const found = (await within(Math.max(1, until - Date.now()), watch(), what)).find(good);
    if (found) return found;
  }
}

// --- Market data -----------------------------------------------------------------------------------------------------

export async function readsTheBook(trader) {
  const book = await trader.book();
  assertBook(book, 'REST book');
  assert.ok(book.bids.length <= 10 && book.asks.length <= 10, 'no deeper than asked');
  if (book.timestamp) assert.ok(Math.abs(book.timestamp - Date.now()) < 60_000, `time of the book: ${book.timestamp}`);
}

/// A book that `client` keeps from a stream is, again and again, the one that REST shows. The stream tells where the
/// book stands at intervals: of the answers of REST some fall between two of them, at most `misses`, and three are
/// to be found.
export async function keepsTheBook(trader, client, misses, params = {}) {
  await trader.allowance();
  const nonces = new Set();
  let watching = true;
  let broken;
  const watcher = (async () => {
    while (watching) {
      const book = await client.watchOrderBook(trader.symbol, undefined, params);
      assertBook(book, 'book kept by deltas');
      nonces.add(book.nonce);
    }
  })().catch((error) => { broken = error; });
  try {
    await eventually(() => { if (broken) throw broken; return nonces.size; }, (n) => n >= 10, 'ten deltas', 20_000);
    let found = 0;
    const missed = [];
    while (found < 3) {
      const asked = touch(await trader.book());
      const until = Date.now() + 1_500;
      while (!client.bookStates.has(asked) && Date.now() < until) await sleep(50);
      if (broken) throw broken;
      if (client.bookStates.has(asked)) found += 1;
      else missed.push(asked);
      assert.ok(missed.length <= misses, `the stream shows none of ${missed.join('\n')}`);
    }
  } finally {
    watching = false;
  }
  await client.close();
  await watcher;
}

export async function readsTheTicker(trader) {
  const ticker = await trader.rest.fetchTicker(trader.symbol);
  assert.equal(ticker.symbol, trader.symbol);
  const best = Number((await trader.book()).bids[0][0]);
  assert.ok(Math.abs(Number(ticker.last) / best - 1) < 0.1, `last ${ticker.last} is near the bid ${best}`);
  if (ticker.bid !== undefined) assert.ok(Number(ticker.bid) > 0 && Number(ticker.bid) < Number(ticker.ask));
}

export async function readsTrades(trader) {
  const {rest, pro, symbol} = trader;
  const trades = await eventually(() => rest.fetchTrades(symbol, undefined, 50), (list) => list.length >= 3,
                                  'public trades', 20_000);
  const check = (trade) => {
    assert.equal(trade.symbol, symbol);
    assert.ok(['buy', 'sell'].includes(trade.side));
    assert.ok(Number(trade.price) > 0 && Number(trade.amount) > 0 && trade.id);
  };
  trades.forEach(check);
  assert.equal(new Set(trades.map((trade) => trade.id)).size, trades.length, 'trade ids are unique');
  const known = new Set(trades.map((trade) => trade.id));
  const isNew = (trade) => !known.has(trade.id);
  check(await watchUntil(() => pro.watchTrades(symbol), isNew, 'a trade that is new', 25_000));
}

// --- The account -----------------------------------------------------------------------------------------------------

/// Keeps what the user stream of `trader.own` tells from now on of orders and fills, and of what else is given as pairs
/// of a function that watches and one that takes. Returns once it is known to tell: no client of ccxt says when its
/// subscription stands, so orders are placed until one is told.
export async function listens(trader, ...others) {
  const {own, rest, symbol} = trader;
  const told = (trader.told = {orders: [], fills: new Map(), broken: undefined});
  const keep = async (watch, take) => { for (;;) take(await watch()); };
  const all = [
    // Fills first: once an order was told, they are subscribed to as well.
    [() => own.watchMyTrades(symbol), (fills) => fills.forEach((fill) => told.fills.set(fill.id, fill))],
    [() => own.watchOrders(symbol), (orders) => told.orders.push(...orders.map(({id, status}) => ({id, status})))],
    ...others,
  ];
  await trader.allowance();
  for (const [watch, take] of all) keep(watch, take).catch((error) => { told.broken ??= error; });
  await eventually(async () => {
    const {id} = await trader.limitBuy();
    await rest.cancelOrder(id, symbol);
    await trader.ended(id);
    return toldUntilNow(trader).orders.length;
  }, (count) => count > 0, 'an order on the stream');
}

function toldUntilNow({told}) {
  if (told.broken) throw told.broken;
  return told;
}

function toldOf(trader, id, status) {
  const wanted = (order) => order.id === id && order.status === status;
  return eventually(() => toldUntilNow(trader).orders, (list) => list.some(wanted), `the stream: ${status}`);
}

export async function aLimitOrderLivesAndIsCancelled(trader) {
  const {rest, symbol, amount} = trader;
  const before = await rest.fetchBalance();
  const price = await trader.farPrice();
  const {id} = await rest.createOrder(symbol, 'limit', 'buy', amount, price);
  assert.match(id, /^\d+$/);
  const order = await rest.fetchOrder(id, symbol);
  assert.equal(order.id, id);
  assert.equal(order.status, 'open');
  assert.equal(order.type, 'limit');
  assert.equal(order.side, 'buy');
  same(order.price, price, 'price');
  same(order.amount, amount, 'amount');
  same(order.filled, '0', 'filled');
  assert.deepEqual((await rest.fetchOpenOrders(symbol)).map((open) => open.id), [id]);
  await trader.held(before, await rest.fetchBalance(), order);
  await toldOf(trader, id, 'open');

  assert.equal((await rest.cancelOrder(id, symbol)).id, id);
  await toldOf(trader, id, 'canceled');
  const gone = await trader.ended(id);
  assert.equal(gone.status, 'canceled');
  same(gone.filled, '0', 'filled');
  assert.deepEqual(await rest.fetchOpenOrders(symbol), []);
  const after = await rest.fetchBalance();
  for (const asset of Object.keys(before.free)) same(after[asset].used, before[asset].used, `${asset} is free again`);
  await assert.rejects(rest.cancelOrder(id, symbol), ccxt.ExchangeError, 'a second cancel');
}

/// A market order: its fills on the stream, in the history and in the order agree, each told once, and the balances
/// moved by exactly what they and their fees say. The fills.
export async function aMarketOrderAddsUp(trader, side, amount, params = {}) {
  const {rest, symbol, told, own} = trader;
  const before = await rest.fetchBalance();
  const {id} = await rest.createOrder(symbol, 'market', side, amount, undefined, params);
  const order = await trader.ended(id);
  assert.equal(order.status, 'closed');
  same(order.filled, amount, 'filled');
  const ofOrder = () => [...told.fills.values()].filter((fill) => fill.order === id);
  const fills = await eventually(
    () => toldUntilNow(trader) && ofOrder(),
    (list) => Precise.stringEq(sum(list.map((fill) => fill.amount)), amount), 'the fills on the stream');
  await sleep(500);
  assert.equal(ofOrder().length, fills.length, 'no fill more than that');
  assert.equal(new Set(own.fillIds).size, own.fillIds.length, 'no fill is sent twice');

  const listed = (await rest.fetchMyTrades(symbol)).filter((trade) => trade.order === id);
  assert.deepEqual(listed.map((trade) => trade.id).sort(), fills.map((fill) => fill.id).sort());
  for (const fill of fills) {
    const trade = listed.find((each) => each.id === fill.id);
    assert.equal(fill.side, side);
    assert.equal(trade.side, side);
    assert.equal(fill.takerOrMaker, 'taker');
    assert.equal(trade.fee.currency, fill.fee.currency);
    same(trade.price, fill.price, 'price');
    same(trade.amount, fill.amount, 'amount');
    same(trade.fee.cost, fill.fee.cost, 'fee');
    assert.ok(Precise.stringGt(fill.fee.cost, '0'), `a taker pays: ${fill.fee.cost}`);
  }
  same(order.cost, sum(fills.map((fill) => mul(fill.price, fill.amount))), 'cost of the order');
  await trader.moved(before, await rest.fetchBalance(), order, fills);
  return fills;
}

export async function anOrderThatFindsNothingExpires(trader) {
  const {id} = await trader.limitBuy({timeInForce: 'IOC'});
  const order = await trader.ended(id);
  assert.equal(order.status, trader.expired);
  same(order.filled, '0', 'filled');
}

export async function allOrdersAreCancelled(trader) {
  const {rest, symbol} = trader;
  const ids = [];
  for (let i = 0; i < 3; i++) ids.push((await trader.limitBuy()).id);
  assert.deepEqual((await rest.fetchOpenOrders(symbol)).map((order) => order.id).sort(), [...ids].sort());
  await rest.cancelAllOrders(symbol);
  await eventually(() => rest.fetchOpenOrders(symbol), (orders) => orders.length === 0, 'no order is open');
  for (const id of ids) assert.equal((await trader.ended(id)).status, 'canceled');
}

export async function ordersGoOverASocket(trader) {
  const {pro, symbol, amount} = trader;
  const placed = await pro.createOrderWs(symbol, 'limit', 'buy', amount, await trader.farPrice());
  assert.equal(placed.status, 'open');
  await toldOf(trader, placed.id, 'open');
  assert.equal((await pro.fetchOrderWs(placed.id, symbol)).status, 'open');
  assert.equal((await pro.cancelOrderWs(placed.id, symbol)).status, 'canceled');
  await toldOf(trader, placed.id, 'canceled');
  await assert.rejects(pro.cancelOrderWs(placed.id, symbol), ccxt.OrderNotFound);
}

// --- Refusals --------------------------------------------------------------------------------------------------------

export async function aStrangerIsRefused(trader) {
  await assert.rejects(trader.fresh('rest', {secret: 'not the secret'}).fetchBalance(), ccxt.AuthenticationError);
  const late = trader.fresh('rest');
  late.nonce = () => Date.now() - 120_000;
  await assert.rejects(late.fetchBalance(), ccxt.InvalidNonce);
}

export async function unknownOrdersAreNotFound(trader, id) {
  await assert.rejects(trader.rest.cancelOrder(id, trader.symbol), ccxt.OrderNotFound);
  await assert.rejects(trader.rest.fetchOrder(id, trader.symbol), ccxt.OrderNotFound);
}
