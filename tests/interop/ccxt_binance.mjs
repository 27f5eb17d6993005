// ccxt_binance.mjs PACKAGES: ccxt's clients of Binance spot, REST, streams and WebSocket API, against the simulated
// venue that CALYPTE_VENUE describes. Only addresses and credentials are set; everything else is as ccxt does it.
import assert from 'node:assert/strict';

import {eventually, finish, step} from './steps.mjs';
import * as steps from './trading_steps.mjs';
import {Trader, ccxt, mul, recording, same, sub, sum, venue} from './trading_steps.mjs';

const {Precise} = ccxt;
const SYMBOL = 'BTC/USDT';

function create(type, options = {}) {
  const client = new type({
    apiKey: venue.api_key,
    secret: venue.api_secret,
    number: String,
    timeout: 10_000,
    newUpdates: true,
    ...options,
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
const fillIdsOf = ({event}) => (event?.e === 'executionReport' && event.x === 'TRADE' ? [event.t] : []);
const Pro = recording(ccxt.pro.binance, SYMBOL, fillIdsOf);

const trader = new Trader({
  symbol: SYMBOL,
  amount: '0.001',
  fresh: (kind, options) => create(kind === 'pro' ? Pro : ccxt.binance, options),
  /// What the order would cost, exactly: the fee is taken from what is received.
  async held(before, now, order) {
    same(now.USDT.total, before.USDT.total, 'an open order moves nothing');
    same(sub(now.USDT.used, before.USDT.used), mul(order.price, order.amount), 'held');
  },
  /// A thousandth of what is received is the fee.
  async moved(before, after, order, fills) {
    const cost = sum(fills.map((fill) => mul(fill.price, fill.amount)));
    const fees = sum(fills.map((fill) => fill.fee.cost));
    const moved = (asset) => sub(after[asset].total, before[asset].total);
    const [received, paid] = order.side === 'buy' ? ['BTC', 'USDT'] : ['USDT', 'BTC'];
    const [much, price] = order.side === 'buy' ? [order.amount, cost] : [cost, order.amount];
    assert.ok(fills.every((fill) => fill.fee.currency === received));
    same(fees, mul(much, '0.001'), 'fees');
    same(moved(received), sub(much, fees), `${received} received`);
    same(moved(paid), sub('0', price), `${paid} paid`);
  },
});
const rest = (trader.rest = create(ccxt.binance));
const pro = (trader.pro = create(Pro));
trader.own = create(Pro);

await step('loadMarkets', async () => {
  const markets = await rest.loadMarkets();
  same(markets[SYMBOL].precision.price, '0.01', 'tick');
  same(markets[SYMBOL].precision.amount, '0.00001', 'lot');
  same(markets[SYMBOL].limits.cost.min, '5', 'least value');
  assert.equal(markets[SYMBOL].active, true);
  assert.equal(markets['LUNA/USDT'].active, false);
  await Promise.all([pro.loadMarkets(), trader.own.loadMarkets()]);
});

await step('fetchOrderBook', () => steps.readsTheBook(trader));
await step('watchOrderBook, equal to fetchOrderBook', () => steps.keepsTheBook(trader, create(Pro), 12), 60_000);
await step('fetchTicker', () => steps.readsTheTicker(trader));
await step('fetchTrades and watchTrades', () => steps.readsTrades(trader), 60_000);

await step('other public data', async () => {
  assert.equal(Object.keys(await rest.fetchTickers([SYMBOL, 'ETH/USDT'])).length, 2);
  assert.ok((await rest.fetchOHLCV(SYMBOL, '1m')).length > 0);
  assert.ok(Math.abs((await rest.fetchTime()) - Date.now()) < 5_000);
  assert.ok(Number((await pro.watchTicker(SYMBOL)).last) > 0);
  assert.ok((await pro.watchOHLCV(SYMBOL, '1m')).length > 0);
  const {bid, ask} = (await pro.watchBidsAsks([SYMBOL]))[SYMBOL];
  assert.ok(Number(bid) > 0 && Number(bid) < Number(ask));
});

const wallets = []; // what watchBalance told of BTC
await step('the user stream opens', () =>
  steps.listens(trader, [() => trader.own.watchBalance(), (balance) => wallets.push(balance.BTC?.total)]));

await step('a limit order lives and is cancelled', () => steps.aLimitOrderLivesAndIsCancelled(trader), 45_000);

await step('market orders: stream, history, order and balances agree', async () => {
  await steps.aMarketOrderAddsUp(trader, 'buy', '0.02');
  await steps.aMarketOrderAddsUp(trader, 'sell', '0.01');
  assert.equal((await rest.createMarketBuyOrderWithCost(SYMBOL, '100')).status, 'closed');
  const {BTC} = await rest.fetchBalance();
  await eventually(() => wallets.at(-1), (told) => told && Precise.stringEq(told, BTC.total), 'watchBalance');
}, 60_000);

await step('post-only', async () => {
  const crossing = await trader.priceAt('1.01');
  await assert.rejects(rest.createOrder(SYMBOL, 'limit', 'buy', '0.001', crossing, {postOnly: true}),
                       ccxt.OrderImmediatelyFillable);
  const resting = await trader.limitBuy({postOnly: true});
  assert.equal(resting.status, 'open');
  await rest.cancelOrder(resting.id, SYMBOL);
});

await step('immediate or cancel', () => steps.anOrderThatFindsNothingExpires(trader));
await step('cancelAllOrders', () => steps.allOrdersAreCancelled(trader));

await step('orders over the WebSocket API', async () => {
  await steps.ordersGoOverASocket(trader);
  assert.deepEqual(await pro.fetchOpenOrdersWs(SYMBOL), []);
  assert.ok((await pro.fetchMyTradesWs(SYMBOL)).length > 0);
  const {info} = await pro.fetchBalanceWs(); // of the spot account ccxt hands on what came
  const {BTC} = await rest.fetchBalance();
  same(info.balances.find(({asset}) => asset === 'BTC').free, BTC.free, 'balance');
}, 45_000);

await step('refusals are understood', async () => {
  await steps.aStrangerIsRefused(trader);
  await steps.unknownOrdersAreNotFound(trader, '1');
  await assert.rejects(trader.limitBuy({}, '100'), ccxt.InsufficientFunds);
  await assert.rejects(rest.cancelAllOrders(SYMBOL), ccxt.OrderNotFound);
  await assert.rejects(rest.createOrder('LUNA/USDT', 'limit', 'buy', '100', '0.5'), ccxt.BaseError);
  await assert.rejects(create(Pro, {secret: 'not the secret'}).fetchBalanceWs(), ccxt.AuthenticationError);
  assert.deepEqual(await rest.fetchOpenOrders(SYMBOL), []);
});

finish();
