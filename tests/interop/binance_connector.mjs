// What the scripts that drive Binance's own JavaScript connectors share. They read PACKAGES from the command line and
// the venue from CALYPTE_VENUE.
import assert from 'node:assert/strict';
import {createPrivateKey} from 'node:crypto';
import {createRequire} from 'node:module';
import {resolve} from 'node:path';

import {eventually} from './steps.mjs';

process.env.LOG_LEVEL = 'warn'; // of the connectors, which read it when they are loaded
export const venue = JSON.parse(process.env.CALYPTE_VENUE);
export const connector = (name) => createRequire(resolve(process.argv[2], 'package.json'))(name);
const host = venue.rest_url;
const socket = host.replace('https', 'wss');

/// The configuration of a connector: our addresses and a key, everything else as it comes.
export function configuration(socketApi, key = {apiKey: venue.api_key, apiSecret: venue.api_secret}) {
  return {
    configurationRestAPI: {...key, basePath: host, timeout: 5_000},
    configurationWebsocketAPI: {...key, wsURL: `${socket}${socketApi}`},
    configurationWebsocketStreams: {wsURL: socket},
  };
}

/// The key whose public half the venue knows: test 1 of RFC 8032. Undefined if the venue names no such key.
export function ed25519Key() {
  const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
  const der = Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex');
  const privateKey = createPrivateKey({key: der, format: 'der', type: 'pkcs8'}).export({format: 'pem', type: 'pkcs8'});
  return venue.ed25519_api_key && {apiKey: venue.ed25519_api_key, privateKey};
}

export const answerOf = async (call) => (await call).data(); // of REST
export const resultOf = async (call) => (await call).data; // of the WebSocket API

export async function refused(call, code) {
  await assert.rejects(call, (error) => {
    assert.equal(error.code, code, error.message ?? JSON.stringify(error));
    return true;
  });
}

/// Everything that comes on a stream, and the first of it that is `good`.
export function heard(stream) {
  const all = [];
  stream.on('message', (message) => all.push(message));
  return {
    all,
    first: (good, what, limitMs = 10_000) =>
      eventually(() => all.find(good) ?? null, (found) => found !== null, what, limitMs, 50),
  };
}

const PLACES = 12;
/// Amounts in units of 10^-12, exactly; `product` of two of them likewise.
export const units = (text) => {
  const [whole, rest = ''] = String(text).split('.');
  assert.ok(rest.length <= PLACES, text);
  return BigInt(whole + rest.padEnd(PLACES, '0'));
};
export const product = (a, b) => (units(a) * units(b)) / 10n ** BigInt(PLACES);
export const total = (texts) => texts.map(units).reduce((a, b) => a + b, 0n);

/// Prices of a tick of `places` decimals, as texts.
export const priceAt = (price, factor, places) => (Number(price) * factor).toFixed(places);

/// Events of a diff stream after a snapshot: `follows(event, last)` says whether the chain holds. The book as maps from
/// price to amount, and the id up to which it is known.
export class Book {
  constructor(snapshot) {
    this.id = Number(snapshot.lastUpdateId);
    this.removed = 0;
    this.sides = {bids: new Map(snapshot.bids), asks: new Map(snapshot.asks)};
  }
  apply(event) {
    for (const [side, changes] of [['bids', event.b], ['asks', event.a]]) {
      for (const [price, amount] of changes) {
        if (Number(amount) !== 0) this.sides[side].set(price, amount);
        else if (this.sides[side].delete(price)) this.removed += 1;
      }
    }
    this.id = Number(event.u);
  }
  best(count) {
    const top = (side, order) =>
      [...this.sides[side]].sort(([a], [b]) => order * (Number(a) - Number(b))).slice(0, count);
    return {bids: top('bids', -1), asks: top('asks', 1)};
  }
}

/// Follows a book from a snapshot over the diff events that `stream` has heard to other snapshots with the id of one of
/// the events, and compares the best twenty levels, until many levels have come and gone.
///   snapshot(limit)       the book by request
///   stale(event, id)      the event is older than the snapshot
///   begins(event, id)     the event may be the first after it
///   follows(event, last)  the event comes right after that one
export async function followsTheBook({stream, snapshot, stale, begins, follows}) {
  await stream.first(() => true, 'a diff event');
  const book = new Book(await snapshot(1000));
  const states = new Map();
  let next = 0;
  let last;
  let compared = 0;
  const catchUp = () => {
    for (; next < stream.all.length; next++) {
      const event = stream.all[next];
      if (!last && stale(event, book.id)) continue;
      assert.ok(last ? follows(event, last) : begins(event, book.id), `${JSON.stringify(event).slice(0, 200)}`);
      book.apply(event);
      last = event;
      states.set(book.id, book.best(20));
    }
  };
  await eventually(async () => {
    const shown = await snapshot(100);
    const id = Number(shown.lastUpdateId);
    await stream.first((event) => Number(event.u) >= id, 'the stream catches up');
    catchUp();
    if (states.has(id)) {
      compared += 1;
      assert.deepEqual({bids: shown.bids.slice(0, 20), asks: shown.asks.slice(0, 20)}, states.get(id));
    }
    return {compared, removed: book.removed};
  }, (seen) => seen.compared >= 5 && seen.removed >= 100, 'snapshots that end with an event', 30_000, 20);
}
