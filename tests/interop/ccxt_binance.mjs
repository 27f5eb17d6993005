// ccxt_binance.mjs PACKAGES: ccxt's clients of Binance spot, REST, streams and WebSocket API, against the simulated
// venue that CALYPTE_VENUE describes. Only addresses and credentials are set; everything else is as ccxt does it.
// Amounts of money are texts throughout (`number: String`) and are compared exactly.
import assert from 'node:assert/strict';
import {resolve} from 'node:path';
import {pathToFileURL} from 'node:url';

import {eventually, finish, sleep, step} from './steps.mjs';

const {default: ccxt} = await import(pathToFileURL(resolve(process.argv[2], 'node_modules/ccxt/js/ccxt.js')));
const venue = JSON.parse(process.env.CALYPTE_VENUE);
const SYMBOL = 'BTC/USDT';
const {Precise} = ccxt;
const same = (a, b, what) => assert.ok(Precise.stringEq(String(a), String(b)), `${what}: ${a} and ${b} differ`);

function create(type) {
  const client = new type({
    apiKey: venue.api_key,
    secret: venue.api_secret,
    number: String,
    timeout: 10_000,
    newUpdates: true,
  });
  client.options.fetchMarkets = {types: ['spot']};
  const rest = venue.rest_url;
  const socket = rest.replace('https', 'wss');
  Object.assign(client.urls.api, {
    public: `${rest}/api/v3`,
    private: `${rest}/api/v3`,
    v1: `${rest}/api/v1`,
    sapi: `${rest}/sapi/v1`,
  });
  if (client.urls.api.ws) {
    client.urls.api.ws.spot = `${socket}/ws`;
    client.urls.api.ws['ws-api'].spot = `${socket}/ws-api/v3`;
  }
  return client;
}
const rest = create(ccxt.binance);
const pro = create(ccxt.pro.binance);
const levels = (side) => side.map((level) => level.slice(0, 2).map(Number));
const best = async () => {
  const book = await rest.fetchOrderBook(SYMBOL, 5);
  return {bid: String(book.bids[0][0]), ask: String(book.asks[0][0])};
};
const away = async (factor) => rest.priceToPrecision(SYMBOL, Precise.stringMul((await best()).bid, factor));

await step('markets and their rules', async () => {
  const markets = await rest.loadMarkets();
  same(markets[SYMBOL].precision.price, '0.01', 'tick');
  same(markets[SYMBOL].precision.amount, '0.00001', 'lot');
  same(markets[SYMBOL].limits.cost.min, '5', 'least value');
  assert.equal(markets[SYMBOL].active, true);
  assert.equal(markets['LUNA/USDT'].active, false);
});

await step('public data', async () => {
  const book = await rest.fetchOrderBook(SYMBOL, 20);
  assert.equal(book.bids.length, 20);
  assert.ok(book.nonce > 0);
  const [bids, asks] = [levels(book.bids), levels(book.asks)];
  for (let i = 1; i < 20; i++) assert.ok(bids[i - 1][0] > bids[i][0] && asks[i - 1][0] < asks[i][0]);
  assert.ok(bids[0][0] < asks[0][0]);
  assert.ok(Number((await rest.fetchTicker(SYMBOL)).last) > 0);
  assert.equal(Object.keys(await rest.fetchTickers([SYMBOL, 'ETH/USDT'])).length, 2);
  const trades = await eventually(() => rest.fetchTrades(SYMBOL), (list) => list.length > 1, 'trades');
  const ids = trades.map((trade) => Number(trade.id)).sort((x, y) => x - y); // ccxt sorts them as texts
  for (let i = 1; i < ids.length; i++) assert.equal(ids[i], ids[i - 1] + 1);
  assert.ok((await rest.fetchOHLCV(SYMBOL, '1m')).length > 0);
  assert.ok(Math.abs((await rest.fetchTime()) - Date.now()) < 5_000);
});

await step('a limit order lives and is cancelled', async () => {
  const price = await away('0.98');
  const placed = await rest.createOrder(SYMBOL, 'limit', 'buy', '0.001', price);
  assert.equal(placed.status, 'open');
  const balance = await rest.fetchBalance();
  same(balance.USDT.used, Precise.stringMul(price, '0.001'), 'held');
  assert.ok((await rest.fetchOpenOrders(SYMBOL)).some((order) => order.id === placed.id));
  assert.equal((await rest.cancelOrder(placed.id, SYMBOL)).status, 'canceled');
  assert.equal((await rest.fetchOrder(placed.id, SYMBOL)).status, 'canceled');
  same((await rest.fetchBalance()).USDT.used, '0', 'held');
});

await step('orders that trade, and what they cost', async () => {
  const before = await rest.fetchBalance();
  const bought = await rest.createOrder(SYMBOL, 'market', 'buy', '0.002');
  assert.equal(bought.status, 'closed');
  same(bought.filled, '0.002', 'filled');
  const mine = (await rest.fetchMyTrades(SYMBOL)).filter((trade) => trade.order === bought.id);
  same(mine.reduce((sum, trade) => Precise.stringAdd(sum, trade.amount), '0'), '0.002', 'fills');
  same(mine.reduce((sum, trade) => Precise.stringAdd(sum, trade.fee.cost), '0'), '0.000002', 'fees');
  const after = await rest.fetchBalance();
  same(Precise.stringSub(after.BTC.total, before.BTC.total), '0.001998', 'received');
  same(Precise.stringSub(before.USDT.total, after.USDT.total), bought.cost, 'paid');
  assert.equal((await rest.createMarketBuyOrderWithCost(SYMBOL, '100')).status, 'closed');
  assert.equal((await rest.createOrder(SYMBOL, 'market', 'sell', '0.001')).status, 'closed');
  const ioc = await rest.createOrder(SYMBOL, 'limit', 'buy', '0.001', await away('0.98'), {timeInForce: 'IOC'});
  assert.equal(ioc.status, 'expired');
});

await step('refusals are understood', async () => {
  const price = await away('0.98');
  const crossing = Precise.stringMul((await best()).ask, '1.01');
  const post = {postOnly: true};
  await assert.rejects(rest.createOrder(SYMBOL, 'limit', 'buy', '0.001', crossing, post), ccxt.OrderImmediatelyFillable);
  await assert.rejects(rest.createOrder(SYMBOL, 'limit', 'buy', '100', price), ccxt.InsufficientFunds);
  await assert.rejects(rest.cancelOrder('1', SYMBOL), ccxt.OrderNotFound);
  await assert.rejects(rest.fetchOrder('1', SYMBOL), ccxt.OrderNotFound);
  await assert.rejects(rest.cancelAllOrders(SYMBOL), ccxt.OrderNotFound);
  await assert.rejects(rest.createOrder('LUNA/USDT', 'limit', 'buy', '100', '0.5'), ccxt.BaseError);
});

await step('a streamed book keeps step with the snapshots', async () => {
  for (let i = 0; i < 10; i++) {
    const book = await pro.watchOrderBook(SYMBOL);
    assert.ok(Number(book.bids[0][0]) < Number(book.asks[0][0]), 'crossed');
  }
  const fresh = await rest.fetchOrderBook(SYMBOL, 100);
  await eventually(async () => pro.orderbooks[SYMBOL].nonce, (nonce) => nonce >= fresh.nonce, 'the stream catches up');
});

await step('other streams', async () => {
  assert.ok((await pro.watchTrades(SYMBOL)).length > 0);
  assert.ok(Number((await pro.watchTicker(SYMBOL)).last) > 0);
  assert.ok((await pro.watchOHLCV(SYMBOL, '1m')).length > 0);
  assert.ok(Number((await pro.watchBidsAsks([SYMBOL]))[SYMBOL].bid) > 0);
});

await step('the account is told what happens to it', async () => {
  const orders = pro.watchOrders(SYMBOL);
  const trades = pro.watchMyTrades(SYMBOL);
  const balances = pro.watchBalance();
  await eventually(async () => Object.keys(pro.clients).filter((url) => url.includes('ws-api')).length,
    (count) => count > 0, 'the user stream is open');
  await sleep(1_000); // ccxt does not say when its subscription stands.
  const placed = await rest.createOrder(SYMBOL, 'market', 'buy', '0.001');
  assert.equal((await orders)[0].id, placed.id);
  const [trade] = await trades;
  assert.equal(trade.order, placed.id);
  assert.equal(trade.fee.currency, 'BTC');
  await balances;
  const book = await rest.fetchBalance();
  await eventually(async () => pro.balance.spot.BTC.total, (total) => Precise.stringEq(total, book.BTC.total), 'balance');
});

await step('orders over the WebSocket API', async () => {
  const placed = await pro.createOrderWs(SYMBOL, 'limit', 'buy', '0.001', await away('0.98'));
  assert.equal(placed.status, 'open');
  assert.equal((await pro.fetchOrderWs(placed.id, SYMBOL)).id, placed.id);
  assert.ok((await pro.fetchOpenOrdersWs(SYMBOL)).some((order) => order.id === placed.id));
  assert.equal((await pro.cancelOrderWs(placed.id, SYMBOL)).status, 'canceled');
  assert.ok((await pro.fetchMyTradesWs(SYMBOL)).length > 0);
  const {info} = await pro.fetchBalanceWs(); // of the spot account ccxt hands on what came
  assert.ok(info.balances.some(({asset, free}) => asset === 'BTC' && Precise.stringGt(free, '0')));
});

await pro.close();
finish();
