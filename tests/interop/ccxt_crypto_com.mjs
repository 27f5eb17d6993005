// ccxt_crypto_com.mjs PACKAGES: ccxt's clients of Crypto.com, REST and WebSocket, against the simulated venue that
// CALYPTE_VENUE describes. Only addresses and credentials are set; everything else is as ccxt does it.
import assert from 'node:assert/strict';

import {finish, sleep, step, within} from './steps.mjs';
import * as steps from './trading_steps.mjs';
import {Trader, assertBook, atLeast, ccxt, mul, recording, same, sub, sum, venue} from './trading_steps.mjs';

const {Precise} = ccxt;
const SYMBOL = 'BTC/USDT';

const fillIdsOf = ({result}) =>
  (result?.channel?.startsWith('user.trade') ? result.data.map((fill) => fill.trade_id) : []);

/// Also counts the messages of each channel of a book; a break of their chain is ccxt's ChecksumError.
class Pro extends recording(ccxt.pro.cryptocom, SYMBOL, fillIdsOf) {
  bookChannels = {};

  handleMessage(client, message) {
    super.handleMessage(client, message);
    const channel = message.result?.channel;
    if (channel?.startsWith('book')) this.bookChannels[channel] = (this.bookChannels[channel] ?? 0) + 1;
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

const trader = new Trader({
  symbol: SYMBOL,
  amount: '0.01',
  far: '0.8',
  expired: 'canceled',
  fresh: (kind, options) => create(kind === 'pro' ? Pro : ccxt.cryptocom, options),
  /// ccxt sends as soon as a socket is open, and in the calendar second of connecting the venue grants only the part of
  /// its allowance that is left of that second: nothing is left at its very end. So a client connects before that.
  async allowance() {
    const passed = Date.now() % 1000;
    if (passed > 750) await sleep(1000 - passed);
  },
  /// What the order would cost, and perhaps its fee.
  async held(before, now, order) {
    same(now.USDT.total, before.USDT.total, 'an open order moves nothing');
    const [value, held] = [mul(order.price, order.amount), sub(now.USDT.used, before.USDT.used)];
    atLeast(held, value, 'reserved');
    atLeast(mul(value, '1.01'), held, 'reserved at most');
  },
  /// Price times amount, and the fees of the fills.
  async moved(before, after, order, fills) {
    const cost = sum(fills.map((fill) => mul(fill.price, fill.amount)));
    const fee = (asset) => sum(fills.filter((fill) => fill.fee.currency === asset).map((fill) => fill.fee.cost));
    const moved = (asset) => sub(after[asset].total, before[asset].total);
    const [base, quote] = order.side === 'buy' ? [order.amount, sub('0', cost)] : [sub('0', order.amount), cost];
    same(moved('BTC'), sub(base, fee('BTC')), 'BTC moved');
    same(moved('USDT'), sub(quote, fee('USDT')), 'USDT moved');
    same(after.USDT.used, '0', 'nothing stays reserved');
  },
});
const rest = (trader.rest = create(ccxt.cryptocom));
const pro = (trader.pro = create(Pro));
// ccxt keeps public and own trades in one place, and each fill twice: hence a client of its own, and all it keeps.
trader.own = create(Pro, {newUpdates: false});

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
  await Promise.all([pro.loadMarkets(), trader.own.loadMarkets()]);
});

await step('an instrument that does not exist is a bad request', async () => {
  await assert.rejects(rest.v1PublicGetPublicGetBook({instrument_name: 'NOPE_USDT', depth: 10}), ccxt.BadRequest);
});

await step('fetchOrderBook', () => steps.readsTheBook(trader));

await step('watchOrderBook as ccxt subscribes', async () => {
  await trader.allowance();
  let nonce = 0;
  for (let i = 0; i < 4; i++) {
    const book = await within(10_000, pro.watchOrderBook(SYMBOL), 'an update of the book');
    assertBook(book, `update ${i}`);
    assert.ok(book.nonce >= nonce, `the sequence falls from ${nonce} to ${book.nonce}`);
    nonce = book.nonce;
  }
});

await step('watchOrderBook by deltas, equal to fetchOrderBook', async () => {
  const deltas = create(Pro);
  const params = {params: {book_subscription_type: 'SNAPSHOT_AND_UPDATE', book_update_frequency: 10}};
  await steps.keepsTheBook(trader, deltas, 3, params);
  assert.ok(deltas.bookChannels.book >= 1, 'a snapshot came first');
  assert.ok(deltas.bookChannels['book.update'] >= 9, `deltas came: ${JSON.stringify(deltas.bookChannels)}`);
}, 60_000);

await step('fetchTicker', () => steps.readsTheTicker(trader));
await step('fetchTrades and watchTrades', () => steps.readsTrades(trader), 60_000);

await step('fetchBalance', async () => {
  const before = await rest.fetchBalance();
  for (const asset of ['BTC', 'USDT']) {
    assert.ok(Precise.stringGt(before[asset].total, '0'), `${asset}: ${before[asset].total}`);
    same(before[asset].total, sum([before[asset].free, before[asset].used]), `${asset} adds up`);
    same(before[asset].used, '0', `nothing of ${asset} is reserved yet`);
  }
});

await step('the user stream opens', () => steps.listens(trader));
await step('a limit order lives and is cancelled', () => steps.aLimitOrderLivesAndIsCancelled(trader), 45_000);
await step('a market buy: stream, history, order and balances agree',
           () => steps.aMarketOrderAddsUp(trader, 'buy', '0.02'), 45_000);
await step('a market sell: likewise', () => steps.aMarketOrderAddsUp(trader, 'sell', '0.01'), 45_000);

await step('a post-only order that would take ends without a fill', async () => {
  const crossing = await trader.priceAt('1.01');
  const {id} = await rest.createOrder(SYMBOL, 'limit', 'buy', '0.01', crossing, {postOnly: true});
  const order = await trader.ended(id);
  assert.ok(['canceled', 'rejected'].includes(order.status), order.status);
  same(order.filled, '0', 'filled');
});

await step('immediate or cancel', () => steps.anOrderThatFindsNothingExpires(trader));
await step('cancelAllOrders', () => steps.allOrdersAreCancelled(trader));

await step('a client order id is taken once', async () => {
  const options = {client_oid: `interop-${Date.now()}`};
  const {id} = await trader.limitBuy(options);
  await assert.rejects(trader.limitBuy(options), /"code":\s*"?204\b/);
  assert.deepEqual((await rest.fetchOpenOrders(SYMBOL)).map((order) => order.id), [id]);
  await rest.cancelOrder(id, SYMBOL);
  await trader.ended(id);
});

await step('refusals: wrong secret, old nonce, no funds, no such order', async () => {
  await steps.aStrangerIsRefused(trader);
  await steps.unknownOrdersAreNotFound(trader, '6530219477767564494');
  const all = (await rest.fetchBalance()).USDT.total;
  const tooMuch = rest.amountToPrecision(SYMBOL, Precise.stringDiv(mul(all, '2'), await trader.farPrice(), 8));
  await assert.rejects(trader.limitBuy({}, tooMuch), ccxt.InsufficientFunds);
  assert.deepEqual(await rest.fetchOpenOrders(SYMBOL), []);
});

await step('refusals: a wrong secret on the user stream', async () => {
  const stranger = create(Pro, {secret: 'not the secret'});
  await trader.allowance();
  const login = within(10_000, stranger.watchOrders(SYMBOL), 'an answer to the login');
  await assert.rejects(login, ccxt.AuthenticationError);
});

for (const client of clients) await client.close?.();
finish();
