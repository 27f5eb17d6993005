// binance_spot_connector.mjs PACKAGES: Binance's own JavaScript connector for spot against the simulated venue: REST,
// the WebSocket API with its user stream, and market streams. Only addresses and keys are set.
import assert from 'node:assert/strict';

import {
  answerOf, configuration, connector, ed25519Key, followsTheBook, heard, priceAt, product, refused, resultOf, total,
  units, venue,
} from './binance_connector.mjs';
import {finish, step} from './steps.mjs';

const {Spot} = connector('@binance/spot');
const symbol = 'BTCUSDT';
const client = new Spot(configuration('/ws-api/v3'));
const rest = client.restAPI;
const farPrice = async () => priceAt((await answerOf(rest.depth({symbol, limit: 5}))).bids[0][0], 0.98, 2);
const limit = async () =>
  ({symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: 0.001, price: await farPrice()});
const balances = (account) => Object.fromEntries(account.balances.map((each) => [each.asset, each]));

await step('REST: what is listed', async () => {
  await answerOf(rest.ping());
  assert.ok(Math.abs(Number((await answerOf(rest.time())).serverTime) - Date.now()) < 5_000);
  const all = await answerOf(rest.exchangeInfo());
  const one = await answerOf(rest.exchangeInfo({symbol}));
  assert.equal(one.symbols.length, 1);
  assert.deepEqual(one.symbols[0], all.symbols.find((each) => each.symbol === symbol));
  const two = await answerOf(rest.exchangeInfo({symbols: [symbol, 'ETHUSDT']}));
  assert.deepEqual(two.symbols.map((each) => each.symbol).sort(), [symbol, 'ETHUSDT']);
  const {rateLimits} = await rest.exchangeInfo();
  assert.ok(rateLimits.some((each) => each.rateLimitType === 'REQUEST_WEIGHT' && each.count > 0));
  await refused(rest.exchangeInfo({symbol: 'NOPE'}), -1121);
});

await step('market streams: a book by events is the book by request', async () => {
  const streams = await client.websocketStreams.connect();
  const stream = heard(streams.diffBookDepth({symbol: symbol.toLowerCase(), updateSpeed: '100ms'}));
  const trades = heard(streams.trade({symbol: symbol.toLowerCase()}));
  const best = heard(streams.bookTicker({symbol: symbol.toLowerCase()}));
  await followsTheBook({
    stream,
    snapshot: (limit) => answerOf(rest.depth({symbol, limit})),
    stale: (event, id) => Number(event.u) <= id,
    begins: (event, id) => Number(event.U) <= id + 1 && Number(event.u) >= id + 1,
    follows: (event, last) => Number(event.U) === Number(last.u) + 1,
  });
  const trade = await trades.first(({e}) => e === 'trade', 'a trade');
  assert.ok(Number(trade.p) > 0 && Number(trade.q) > 0 && trade.s === symbol);
  const {b, a} = await best.first(() => true, 'a best bid');
  assert.ok(Number(b) > 0 && Number(b) < Number(a));
}, 45_000);

const api = await client.websocketAPI.connect();
let events;
await step('the user stream by signature', async () => {
  const {response, stream} = await api.userDataStreamSubscribeSignature();
  assert.equal(response.data.subscriptionId, 0);
  events = heard(stream);
  await refused(api.userDataStreamSubscribeSignature(), -2035);
});
const told = (id, execution) =>
  events.first(({e, i, x}) => e === 'executionReport' && String(i) === String(id) && x === execution, execution);

await step('REST: a limit order lives and is cancelled', async () => {
  const before = balances(await answerOf(rest.getAccount()));
  const wanted = await limit();
  const placed = await answerOf(rest.newOrder({...wanted, newClientOrderId: 'interop-1', newOrderRespType: 'ACK'}));
  assert.equal(placed.clientOrderId, 'interop-1');
  await told(placed.orderId, 'NEW');
  const order = await answerOf(rest.getOrder({symbol, origClientOrderId: 'interop-1'}));
  assert.equal(String(order.orderId), String(placed.orderId));
  assert.equal(order.status, 'NEW');
  assert.equal(Number(order.price), Number(wanted.price));
  assert.equal(Number(order.origQty), 0.001);
  assert.equal((await answerOf(rest.getOpenOrders({symbol}))).length, 1);
  const now = balances(await answerOf(rest.getAccount()));
  assert.equal(units(now.USDT.locked) - units(before.USDT.locked), product(wanted.price, '0.001'));
  const cancelled = await answerOf(rest.deleteOrder({symbol, orderId: placed.orderId}));
  assert.equal(cancelled.status, 'CANCELED');
  assert.equal(cancelled.origClientOrderId, 'interop-1');
  const event = await told(placed.orderId, 'CANCELED');
  assert.equal(event.C, 'interop-1');
  assert.deepEqual(await answerOf(rest.getOpenOrders({symbol})), []);
  assert.deepEqual(balances(await answerOf(rest.getAccount())).USDT.locked, before.USDT.locked);
});

await step('REST: a market order, its fills and the account', async () => {
  const before = balances(await answerOf(rest.getAccount()));
  const order = await answerOf(rest.newOrder({symbol, side: 'BUY', type: 'MARKET', quantity: 0.002}));
  assert.equal(order.status, 'FILLED');
  assert.ok(order.fills.length > 0);
  const ids = order.fills.map((fill) => String(fill.tradeId)).sort();
  const mine = await answerOf(rest.myTrades({symbol, orderId: order.orderId}));
  assert.deepEqual(mine.map((fill) => String(fill.id)).sort(), ids);
  for (const id of ids) await events.first(({x, t}) => x === 'TRADE' && String(t) === id, `fill ${id}`);
  const after = balances(await answerOf(rest.getAccount()));
  const fees = total(order.fills.map((fill) => fill.commission));
  assert.ok(fees > 0n);
  assert.equal(units(after.BTC.free) - units(before.BTC.free), units('0.002') - fees);
  assert.equal(units(before.USDT.free) - units(after.USDT.free), units(order.cummulativeQuoteQty));
  await events.first(
    ({e, B}) => e === 'outboundAccountPosition' && B.some(({a, f}) => a === 'BTC' && f === after.BTC.free), 'balance');
});

/// An order over a session of the WebSocket API, from placing to its end.
async function ordersOver(session) {
  const placed = await resultOf(session.orderPlace(await limit()));
  assert.equal(placed.status, 'NEW');
  const {orderId} = placed;
  await told(orderId, 'NEW');
  assert.equal((await resultOf(session.orderStatus({symbol, orderId}))).status, 'NEW');
  assert.equal((await resultOf(session.openOrdersStatus({symbol}))).length, 1);
  assert.equal((await resultOf(session.orderCancel({symbol, orderId}))).status, 'CANCELED');
  await told(orderId, 'CANCELED');
  await refused(session.orderCancel({symbol, orderId}), -2011);
  assert.ok((await resultOf(session.accountStatus())).balances.length > 0);
}

await step('WebSocket API: orders', async () => {
  assert.equal((await resultOf(api.depth({symbol, limit: 5}))).bids.length, 5);
  await ordersOver(api);
});

await step('refusals', async () => {
  const wanted = await limit();
  await refused(rest.newOrder({...wanted, quantity: 100}), -2010);
  await refused(rest.newOrder({...wanted, type: 'LIMIT_MAKER', timeInForce: undefined,
                               price: priceAt(wanted.price, 1.1, 2)}), -2010);
  await refused(rest.newOrder({...wanted, price: `${wanted.price}1`}), -1013);
  await refused(rest.getOrder({symbol, orderId: 1}), -2013);
  await refused(rest.deleteOrder({symbol, orderId: 1}), -2011);
  const stranger = (apiKey) => new Spot(configuration('/ws-api/v3', {apiKey, apiSecret: 'wrong'}));
  await refused(stranger(venue.api_key).restAPI.getAccount(), -1022);
  await refused(stranger('a'.repeat(64)).restAPI.getAccount(), -2015);
  await refused(api.sessionLogon(), -4056);
});

const key = ed25519Key();
if (key) {
  const signing = new Spot(configuration('/ws-api/v3', key));
  await step('an Ed25519 key: REST, a session, orders without a signature, its user stream', async () => {
    assert.ok((await answerOf(signing.restAPI.getAccount())).canTrade);
    const session = await signing.websocketAPI.connect();
    const [{data}] = await session.sessionLogon();
    assert.equal(data.apiKey, key.apiKey);
    const {stream} = await session.userDataStreamSubscribe();
    const own = heard(stream);
    await ordersOver(session);
    await own.first((each) => each.e === 'executionReport' && each.x === 'CANCELED', 'told of the cancel');
    await session.sessionLogout();
    const other = await signing.websocketAPI.connect();
    await assert.rejects(other.userDataStreamSubscribe(), (error) => error.code < -1000, 'without a session');
  });
}

finish();
