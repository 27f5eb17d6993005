// binance_futures_connector.mjs PACKAGES: Binance's own JavaScript connector for USD-M futures against the simulated
// venue: REST, the WebSocket API, the user stream by listen key, and market streams on their routes. Only addresses and
// keys are set.
import assert from 'node:assert/strict';

import {
  answerOf, configuration, connector, ed25519Key, followsTheBook, heard, priceAt, refused, resultOf, total, units,
  venue,
} from './binance_connector.mjs';
import {eventually, finish, step} from './steps.mjs';

const {DerivativesTradingUsdsFutures: Futures} = connector('@binance/derivatives-trading-usds-futures');
const symbol = 'BTCUSDT';
const client = new Futures(configuration('/ws-fapi/v1'));
const rest = client.restAPI;
const farPrice = async () => priceAt((await answerOf(rest.orderBook({symbol, limit: 5}))).bids[0][0], 0.98, 1);
const limit = async () =>
  ({symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: 0.002, price: await farPrice()});
const wallet = async () =>
  (await answerOf(rest.futuresAccountBalanceV3())).find(({asset}) => asset === 'USDT').balance;
const positions = () => answerOf(rest.positionInformationV3({symbol}));

await step('REST: what is listed', async () => {
  await answerOf(rest.testConnectivity());
  assert.ok(Math.abs(Number((await answerOf(rest.checkServerTime())).serverTime) - Date.now()) < 5_000);
  const {symbols} = await answerOf(rest.exchangeInformation());
  const listed = symbols.find((each) => each.symbol === symbol);
  assert.equal(listed.contractType, 'PERPETUAL');
  assert.equal(listed.filters.find((each) => each.filterType === 'PRICE_FILTER').tickSize, '0.1');
  const mark = await answerOf(rest.markPrice({symbol}));
  assert.ok(Number(mark.markPrice) > 0 && Number(mark.nextFundingTime) > Date.now() - 60_000);
  await refused(rest.orderBook({symbol: 'NOPE', limit: 5}), -1121);
  await refused(rest.orderBook({symbol, limit: 7}), -4021);
});

const streams = await client.websocketStreams.connect();
await step('market streams: a book by events is the book by request', async () => {
  const stream = heard(streams.diffBookDepthStreams({symbol, updateSpeed: '100ms'}));
  const trades = heard(streams.aggregateTradeStreams({symbol}));
  const marks = heard(streams.markPriceStream({symbol, updateSpeed: '1s'}));
  const best = heard(streams.individualSymbolBookTickerStreams({symbol}));
  await followsTheBook({
    stream,
    snapshot: (count) => answerOf(rest.orderBook({symbol, limit: count})),
    stale: (event, id) => Number(event.u) < id,
    begins: (event, id) => Number(event.U) <= id && Number(event.u) >= id || Number(event.pu) === id,
    follows: (event, last) => Number(event.pu) === Number(last.u),
  });
  const trade = await trades.first(({e}) => e === 'aggTrade', 'a trade');
  assert.ok(Number(trade.p) > 0 && Number(trade.q) > 0 && trade.s === symbol);
  assert.ok(Number((await marks.first(({e}) => e === 'markPriceUpdate', 'a mark price')).p) > 0);
  const {b, a} = await best.first(() => true, 'a best bid');
  assert.ok(Number(b) > 0 && Number(b) < Number(a));
}, 45_000);

let events;
await step('the user stream by listen key', async () => {
  const {listenKey} = await answerOf(rest.startUserDataStream());
  assert.equal((await answerOf(rest.startUserDataStream())).listenKey, listenKey);
  assert.equal((await answerOf(rest.keepaliveUserDataStream())).listenKey, listenKey);
  events = heard(streams.userData(listenKey));
});
const told = (id, execution) =>
  events.first(({e, o}) => e === 'ORDER_TRADE_UPDATE' && String(o.i) === String(id) && o.x === execution, execution);

await step('REST: settings', async () => {
  // The connector does not say when its subscription stands: changes are told from then on.
  let leverage = 10;
  await eventually(async () => {
    leverage += 1;
    assert.equal((await answerOf(rest.changeInitialLeverage({symbol, leverage}))).leverage, leverage);
    return events.all.some(({e, ac}) => e === 'ACCOUNT_CONFIG_UPDATE' && ac.s === symbol && ac.l > 10);
  }, (seen) => seen, 'told of the leverage');
  leverage = 10;
  await answerOf(rest.changeInitialLeverage({symbol, leverage}));
  await events.first(({e, ac}) => e === 'ACCOUNT_CONFIG_UPDATE' && ac.l === leverage, 'told of the last one');
  const [settings] = await answerOf(rest.symbolConfiguration({symbol}));
  assert.equal(settings.leverage, leverage);
  assert.equal(settings.marginType, 'CROSSED');
  await refused(rest.changeMarginType({symbol, marginType: 'CROSSED'}), -4046);
  assert.equal((await answerOf(rest.getCurrentPositionMode())).dualSidePosition, false);
});

await step('REST: a limit order lives, is changed and cancelled', async () => {
  const wanted = await limit();
  const placed = await answerOf(rest.newOrder({...wanted, newClientOrderId: 'interop-1'}));
  assert.equal(placed.clientOrderId, 'interop-1');
  assert.equal((await told(placed.orderId, 'NEW')).o.c, 'interop-1');
  const order = await answerOf(rest.queryOrder({symbol, origClientOrderId: 'interop-1'}));
  assert.equal(String(order.orderId), String(placed.orderId));
  assert.equal(order.status, 'NEW');
  assert.equal(Number(order.price), Number(wanted.price));
  assert.equal((await answerOf(rest.currentAllOpenOrders({symbol}))).length, 1);
  const {orderId} = placed;
  const change = {symbol, orderId, side: 'BUY', quantity: 0.003, price: priceAt(wanted.price, 0.99, 1)};
  assert.equal(Number((await answerOf(rest.modifyOrder(change))).origQty), 0.003);
  assert.equal(Number((await told(orderId, 'AMENDMENT')).o.q), 0.003);
  const cancelled = await answerOf(rest.cancelOrder({symbol, orderId}));
  assert.equal(cancelled.status, 'CANCELED');
  assert.equal(cancelled.clientOrderId, 'interop-1');
  await told(orderId, 'CANCELED');
  assert.deepEqual(await answerOf(rest.currentAllOpenOrders({symbol})), []);
});

await step('REST: a market order, its fills, the wallet and the position', async () => {
  const before = await wallet();
  const order = await answerOf(
    rest.newOrder({symbol, side: 'SELL', type: 'MARKET', quantity: 0.01, newOrderRespType: 'RESULT'}));
  assert.equal(order.status, 'FILLED');
  const fills = (await answerOf(rest.accountTradeList({symbol}))).filter(
    (fill) => String(fill.orderId) === String(order.orderId));
  assert.ok(fills.length > 0);
  for (const id of fills.map((fill) => String(fill.id))) {
    await events.first(({o}) => o?.x === 'TRADE' && String(o.t) === id, `fill ${id}`);
    await events.first(({e, t}) => e === 'TRADE_LITE' && String(t) === id, `the short message of fill ${id}`);
  }
  const fees = total(fills.map((fill) => fill.commission));
  assert.ok(fees > 0n);
  const now = await wallet();
  assert.equal(units(before) - units(now), fees);
  const [open] = await positions();
  assert.equal(Number(open.positionAmt), -0.01);
  const {a} = await events.first(
    ({e, a: update}) => e === 'ACCOUNT_UPDATE' && update.B.some(({wb}) => units(wb) === units(now)), 'the wallet');
  assert.equal(Number(a.P[0].pa), -0.01);
  const income = await answerOf(rest.getIncomeHistory({symbol, incomeType: 'COMMISSION'}));
  assert.equal(total(income.map((each) => each.income)), -fees);
});

await step('REST: batches', async () => {
  const wanted = {...(await limit()), quantity: '0.002'};
  const increasing = {symbol, side: 'SELL', type: 'MARKET', quantity: '0.002', reduceOnly: 'true'};
  const batchOrders = [wanted, increasing, wanted];
  const list = await answerOf(rest.placeMultipleOrders({batchOrders}));
  assert.equal(list.length, 3);
  assert.equal(list[1].code, -2022);
  const orderIdList = [list[0].orderId, list[2].orderId];
  const gone = await answerOf(rest.cancelMultipleOrders({symbol, orderIdList}));
  assert.deepEqual(gone.map(({status}) => status), ['CANCELED', 'CANCELED']);
  await answerOf(rest.placeMultipleOrders({batchOrders: [wanted]}));
  assert.equal((await answerOf(rest.cancelAllOpenOrders({symbol}))).code, 200);
  assert.deepEqual(await answerOf(rest.currentAllOpenOrders({symbol})), []);
});

/// An order over a connection of the WebSocket API, from placing to its end.
async function ordersOver(session) {
  const {orderId, status} = await resultOf(session.newOrder(await limit()));
  assert.equal(status, 'NEW');
  await told(orderId, 'NEW');
  assert.equal((await resultOf(session.queryOrder({symbol, orderId}))).status, 'NEW');
  const change = {symbol, orderId, side: 'BUY', quantity: 0.003, price: await farPrice()};
  assert.equal(Number((await resultOf(session.modifyOrder(change))).origQty), 0.003);
  assert.equal((await resultOf(session.cancelOrder({symbol, orderId}))).status, 'CANCELED');
  await told(orderId, 'CANCELED');
  await refused(session.cancelOrder({symbol, orderId}), -2011);
  assert.equal(Number((await resultOf(session.positionInformationV2({symbol})))[0].positionAmt), -0.01);
}

const api = await client.websocketAPI.connect();
await step('WebSocket API: orders, positions, balances, the listen key', async () => {
  assert.equal((await resultOf(api.orderBook({symbol, limit: 5}))).bids.length, 5);
  await ordersOver(api);
  const {balance} = (await resultOf(api.futuresAccountBalanceV2())).find(({asset}) => asset === 'USDT');
  assert.equal(balance, await wallet());
  const {listenKey} = await resultOf(api.startUserDataStream());
  assert.ok(streams.isSubscribed(listenKey), 'the same key as by REST');
});

await step('refusals', async () => {
  const wanted = await limit();
  await refused(rest.newOrder({...wanted, quantity: 900}), -2019);
  await refused(rest.newOrder({...wanted, quantity: 9000}), -2027);
  await refused(rest.newOrder({...wanted, quantity: 11000}), -4005);
  await refused(rest.newOrder({...wanted, quantity: 0.0021}), -1111);
  await refused(rest.newOrder({...wanted, timeInForce: 'GTX', price: priceAt(wanted.price, 1.04, 1)}), -5022);
  const above = {...wanted, side: 'SELL', price: priceAt(wanted.price, 1.04, 1)};
  await refused(rest.newOrder({...above, reduceOnly: 'true'}), -2022);
  await refused(rest.queryOrder({symbol, orderId: 1}), -2013);
  await refused(rest.cancelOrder({symbol, orderId: 1}), -2011);
  const stranger = (apiKey) => new Futures(configuration('/ws-fapi/v1', {apiKey, apiSecret: 'wrong'}));
  await refused(stranger(venue.api_key).restAPI.futuresAccountBalanceV3(), -1022);
  await refused(stranger('a'.repeat(64)).restAPI.futuresAccountBalanceV3(), -2015);
});

const key = ed25519Key();
if (key) {
  await step('an Ed25519 key: REST and the WebSocket API', async () => {
    const signing = new Futures(configuration('/ws-fapi/v1', key));
    assert.ok((await answerOf(signing.restAPI.futuresAccountBalanceV3())).length > 0);
    await ordersOver(await signing.websocketAPI.connect());
  });
}

await step('a listen key that is closed tells nothing more', async () => {
  await answerOf(rest.closeUserDataStream());
  await refused(rest.keepaliveUserDataStream(), -1125);
  const before = events.all.length;
  const {orderId} = await answerOf(rest.newOrder(await limit()));
  await answerOf(rest.cancelOrder({symbol, orderId}));
  assert.equal(events.all.length, before);
});

finish();
