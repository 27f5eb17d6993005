// ccxt_binanceusdm.mjs PACKAGES: ccxt's clients of Binance's USD-M perpetuals, REST, streams and WebSocket API, against
// the simulated venue that CALYPTE_VENUE describes. Only addresses and credentials are set.
import assert from 'node:assert/strict';

import {eventually, finish, step} from './steps.mjs';
import * as steps from './trading_steps.mjs';
import {Trader, atLeast, ccxt, mul, recording, same, sub, sum, venue} from './trading_steps.mjs';

const {Precise} = ccxt;
const SYMBOL = 'BTC/USDT:USDT';
const LEVERAGE = 10;

function create(type, options = {}) {
  const client = new type({
    apiKey: venue.api_key,
    secret: venue.api_secret,
    number: String,
    timeout: 10_000,
    newUpdates: true,
    ...options,
  });
  const rest = venue.rest_url;
  const socket = rest.replace('https', 'wss');
  for (const [suffix, version] of [['', 'v1'], ['V2', 'v2'], ['V3', 'v3']]) {
    client.urls.api[`fapiPublic${suffix}`] = `${rest}/fapi/${version}`;
    client.urls.api[`fapiPrivate${suffix}`] = `${rest}/fapi/${version}`;
  }
  client.urls.api.sapi = `${rest}/sapi/v1`;
  if (client.urls.api.ws) {
    client.urls.api.ws.future = `${socket}/ws`; // ccxt puts the routes of 2026 between host and /ws
    client.urls.api.ws['ws-api'].future = `${socket}/ws-fapi/v1`;
  }
  return client;
}
const fillIdsOf = ({e, o}) => (e === 'ORDER_TRADE_UPDATE' && o.x === 'TRADE' ? [o.t] : []);
const Pro = recording(ccxt.pro.binanceusdm, SYMBOL, fillIdsOf);

const trader = new Trader({
  symbol: SYMBOL,
  amount: '0.002',
  fresh: (kind, options) => create(kind === 'pro' ? Pro : ccxt.binanceusdm, options),
  /// The initial margin of the order, and nothing of the wallet.
  async held(before, now, order) {
    same(wallet(now), wallet(before), 'an open order moves nothing');
    const margin = Precise.stringDiv(mul(order.price, order.amount), String(LEVERAGE), 8);
    atLeast(sub(now.USDT.used, before.USDT.used), margin, 'reserved');
    atLeast(mul(margin, '1.01'), sub(now.USDT.used, before.USDT.used), 'reserved at most');
  },
  /// The wallet changes by what was realized, less the fees.
  async moved(before, after, order, fills) {
    assert.ok(fills.every((fill) => fill.fee.currency === 'USDT'));
    const value = sum(fills.map((fill) => mul(fill.price, fill.amount)));
    same(sum(fills.map((fill) => fill.fee.cost)), mul(value, '0.0005'), 'fees');
    const realized = sum((await rest.fetchMyTrades(SYMBOL)).filter((trade) => trade.order === order.id)
      .map((trade) => trade.info.realizedPnl));
    same(realized, sum(fills.map((fill) => fill.info.rp)), 'realized on the stream');
    const paid = sum(fills.map((fill) => fill.fee.cost));
    same(sub(wallet(after), wallet(before)), sub(realized, paid), 'the wallet moved');
  },
});
const rest = (trader.rest = create(ccxt.binanceusdm));
const pro = (trader.pro = create(Pro));
trader.own = create(Pro);
const refusal = (code) => (error) => error instanceof ccxt.ExchangeError && error.message.includes(`"code":${code},`);
/// ccxt's total is the wallet with what open positions would bring.
const wallet = (balance) => balance.info.assets.find(({asset}) => asset === 'USDT').walletBalance;
const position = async () => (await rest.fetchPositions([SYMBOL]))[0];

await step('loadMarkets', async () => {
  const markets = await rest.loadMarkets();
  const market = markets[SYMBOL];
  assert.ok(market.swap && market.linear && market.active && market.settle === 'USDT');
  same(market.precision.price, '0.1', 'tick');
  same(market.precision.amount, '0.001', 'lot');
  same(market.limits.cost.min, '5', 'least value');
  same(market.contractSize, '1', 'contract');
  assert.equal(markets['BTC/USDC:USDC'].settle, 'USDC');
  assert.equal(markets['LUNA/USDT:USDT'].active, false);
  await Promise.all([pro.loadMarkets(), trader.own.loadMarkets()]);
});

await step('fetchOrderBook', () => steps.readsTheBook(trader));
await step('watchOrderBook, equal to fetchOrderBook', () => steps.keepsTheBook(trader, create(Pro), 12), 60_000);
await step('fetchTicker', () => steps.readsTheTicker(trader));
await step('fetchTrades and watchTrades', () => steps.readsTrades(trader), 60_000);

await step('watchTicker, watchBidsAsks, watchOHLCV', async () => {
  assert.ok(Number((await pro.watchTicker(SYMBOL)).last) > 0);
  const {bid, ask} = (await pro.watchBidsAsks([SYMBOL]))[SYMBOL];
  assert.ok(Number(bid) > 0 && Number(bid) < Number(ask));
  assert.ok((await pro.watchOHLCV(SYMBOL, '1m')).length > 0);
  assert.ok((await rest.fetchOHLCV(SYMBOL, '1m')).length > 0);
});

await step('mark price and funding rate', async () => {
  const rate = await rest.fetchFundingRate(SYMBOL);
  assert.ok(Math.abs(Number(rate.fundingRate)) <= 0.02, rate.fundingRate);
  const wait = rate.fundingTimestamp - Date.now();
  assert.ok(wait > -60_000 && wait <= 8 * 3_600_000 + 60_000 && rate.fundingTimestamp % 3_600_000 === 0);
  assert.equal((await rest.fetchFundingIntervals())['SOL/USDT:USDT'].interval, '4h');
  const told = await pro.watchMarkPrice(SYMBOL);
  const best = Number((await trader.book()).bids[0][0]);
  for (const mark of [told.markPrice, rate.markPrice]) assert.ok(Math.abs(Number(mark) / best - 1) < 0.02, mark);
  assert.equal(told.info.T, rate.fundingTimestamp);
});

await step('fetchBalance', async () => {
  const balance = await rest.fetchBalance();
  assert.ok(Precise.stringGt(balance.USDT.total, '0'));
  same(balance.USDT.free, balance.USDT.total, 'nothing is used yet');
  assert.equal(await position(), undefined);
});

await step('leverage, margin mode, position mode', async () => {
  const leverage = async () => (await rest.fetchLeverages([SYMBOL]))[SYMBOL];
  for (const value of [25, LEVERAGE]) {
    assert.equal((await rest.setLeverage(value, SYMBOL)).leverage, value);
    assert.equal((await leverage()).longLeverage, value);
  }
  await assert.rejects(rest.fapiPrivatePostLeverage({symbol: 'BTCUSDT', leverage: 126}), refusal(-4028));
  for (const mode of ['isolated', 'cross']) {
    await rest.setMarginMode(mode, SYMBOL);
    assert.equal((await leverage()).marginMode, mode);
  }
  await assert.rejects(rest.setMarginMode('cross', SYMBOL), ccxt.MarginModeAlreadySet);
  for (const hedged of [true, false]) {
    await rest.setPositionMode(hedged, SYMBOL);
    assert.equal((await rest.fetchPositionMode(SYMBOL)).hedged, hedged);
    if (hedged) await assert.rejects(trader.limitBuy(), refusal(-4061));
  }
  await assert.rejects(rest.setPositionMode(false, SYMBOL), refusal(-4059));
});

const seen = {positions: [], wallets: []}; // what watchPositions and watchBalance told
await step('the user stream opens', () => steps.listens(trader,
  [() => trader.own.watchPositions([SYMBOL]), (list) => seen.positions.push(...list)],
  [() => trader.own.watchBalance(), (balance) => seen.wallets.push(balance.USDT.total)]));
const toldPosition = (amount) => eventually(() => seen.positions.at(-1),
  (last) => last && Precise.stringEq(last.contracts ?? '0', amount), `watchPositions: ${amount}`);

await step('a limit order lives and is cancelled', () => steps.aLimitOrderLivesAndIsCancelled(trader), 45_000);

await step('market orders: fills, wallet and position add up', async () => {
  const fills = await steps.aMarketOrderAddsUp(trader, 'buy', '0.02');
  const open = await position();
  assert.equal(open.side, 'long');
  same(open.contracts, '0.02', 'position');
  const value = sum(fills.map((fill) => mul(fill.price, fill.amount)));
  assert.ok(Math.abs(Number(mul(open.entryPrice, '0.02')) - Number(value)) < 1e-6, `entry ${open.entryPrice}`);
  await toldPosition('0.02');
  await steps.aMarketOrderAddsUp(trader, 'sell', '0.008', {reduceOnly: true});
  same((await position()).contracts, '0.012', 'position');
  await toldPosition('0.012');
  await steps.aMarketOrderAddsUp(trader, 'sell', '0.03');
  assert.equal((await position()).side, 'short');
  same((await position()).contracts, '0.018', 'position');
  await toldPosition('0.018');
  assert.equal(seen.positions.at(-1).side, 'short');
  const now = wallet(await rest.fetchBalance());
  await eventually(() => seen.wallets.at(-1), (told) => told && Precise.stringEq(told, now), 'watchBalance');
}, 60_000);

await step('only what reduces the position is taken as reduce-only', async () => {
  const only = {reduceOnly: true};
  await assert.rejects(rest.createOrder(SYMBOL, 'market', 'sell', '0.002', undefined, only), refusal(-2022));
  const resting = await trader.limitBuy(only);
  assert.equal(resting.reduceOnly, true);
  assert.equal((await rest.cancelOrder(resting.id, SYMBOL)).status, 'canceled');
});

await step('post-only', async () => {
  const crossing = await trader.priceAt('1.01');
  const post = {postOnly: true};
  await assert.rejects(rest.createOrder(SYMBOL, 'limit', 'buy', '0.002', crossing, post), ccxt.InvalidOrder);
  const resting = await trader.limitBuy(post);
  assert.equal(resting.status, 'open');
  assert.equal(resting.postOnly, true);
  await rest.cancelOrder(resting.id, SYMBOL);
});

await step('immediate or cancel', () => steps.anOrderThatFindsNothingExpires(trader));

await step('editOrder', async () => {
  const {id} = await trader.limitBuy();
  const price = await trader.priceAt('0.97');
  assert.equal((await rest.editOrder(id, SYMBOL, 'limit', 'buy', '0.003', price)).id, id);
  const edited = await rest.fetchOrder(id, SYMBOL);
  same(edited.price, price, 'price');
  same(edited.amount, '0.003', 'amount');
  await rest.cancelOrder(id, SYMBOL);
});

await step('createOrders and cancelOrders', async () => {
  const price = await trader.farPrice();
  const order = {symbol: SYMBOL, type: 'limit', side: 'buy', amount: '0.002', price};
  const tooSmall = {...order, amount: '0.001', price: rest.priceToPrecision(SYMBOL, '3000')};
  const placed = await rest.createOrders([order, tooSmall, order]);
  assert.equal(placed.length, 3);
  assert.equal(placed[0].status, 'open');
  assert.equal(placed[1].id, undefined);
  assert.ok(placed[1].info.code < -1000, JSON.stringify(placed[1].info));
  const ids = [placed[0].id, placed[2].id];
  assert.deepEqual((await rest.fetchOpenOrders(SYMBOL)).map((open) => open.id).sort(), [...ids].sort());
  assert.deepEqual((await rest.cancelOrders(ids, SYMBOL)).map(({id, status}) => [id, status]),
                   ids.map((id) => [id, 'canceled']));
  assert.deepEqual(await rest.fetchOpenOrders(SYMBOL), []);
});

await step('cancelAllOrders', () => steps.allOrdersAreCancelled(trader));

await step('orders over the WebSocket API', async () => {
  await steps.ordersGoOverASocket(trader);
  const [open] = await pro.fetchPositionsWs([SYMBOL]);
  same(open.contracts, '0.018', 'position');
  same(wallet(await pro.fetchBalanceWs()), wallet(await rest.fetchBalance()), 'wallet');
}, 45_000);

await step('the income adds up to the wallet', async () => {
  const ledger = await rest.fetchLedger('USDT');
  const signed = ({direction, amount}) => (direction === 'out' ? sub('0', amount) : amount);
  same(sum(ledger.map(signed)), wallet(await rest.fetchBalance()), 'wallet');
  const paid = await rest.fetchFundingHistory(SYMBOL);
  same(sum(paid.map((each) => each.amount)),
       sum(ledger.filter((each) => each.info.incomeType === 'FUNDING_FEE').map(signed)), 'funding');
});

await step('refusals are understood', async () => {
  await steps.aStrangerIsRefused(trader);
  await steps.unknownOrdersAreNotFound(trader, '1');
  await assert.rejects(trader.limitBuy({}, '900'), refusal(-2019));
  await assert.rejects(trader.limitBuy({newClientOrderId: 'not a valid id!'}), ccxt.ExchangeError);
  await assert.rejects(create(Pro, {apiKey: 'a'.repeat(64)}).watchOrders(SYMBOL), ccxt.AuthenticationError);
  assert.deepEqual(await rest.fetchOpenOrders(SYMBOL), []);
});

await step('the position is closed', async () => {
  await steps.aMarketOrderAddsUp(trader, 'buy', '0.018', {reduceOnly: true});
  assert.equal(await position(), undefined);
  await toldPosition('0');
  const {USDT} = await rest.fetchBalance();
  same(USDT.free, USDT.total, 'nothing is used any more');
}, 45_000);

finish();
