// chain.mjs [--packages FOLDER] [--chain-id N] [--no-mining] [--block-time SECONDS] [--base-fee WEI] [--state FILE]
// chain.mjs --prepare [--packages FOLDER] [--chain-id N] [--state FILE]
//
// A chain of one's own with Uniswap's published contracts, test tokens and pools on it (docs/test-chain.md). Prints one
// line of JSON when it is ready and stays until its input ends, or SIGTERM or SIGINT; anvil ends with it in any case.
//
//   --packages    where tools/npm-packages put what package-lock.json names; build/chain of this repository otherwise
//   --no-mining   a block is made only on request (evm_mine), else one for each transaction
//   --block-time  a block every so many seconds instead
//   --base-fee    wei for each gas in the newest block at the start; a thousand million otherwise
//   --state       keeps the finished chain in this file and begins from it the next time; a file of the packages'
//                 folder otherwise. It is made anew when anything that it follows from has changed.
//   --prepare     makes that file, unless it is there, and ends
import {createHash} from 'node:crypto';
import {mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {Anvil} from './anvil.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const DEFAULT_BASE_FEE = 1_000_000_000;

function readOptions() {
  const {values} = parseArgs({options: {
    'packages': {type: 'string', default: join(here, '../../build/chain')},
    'chain-id': {type: 'string', default: '31337'},
    'no-mining': {type: 'boolean', default: false},
    'block-time': {type: 'string', default: '0'},
    'base-fee': {type: 'string', default: String(DEFAULT_BASE_FEE)},
    'state': {type: 'string'},
    'prepare': {type: 'boolean', default: false},
  }});
  for (const name of ['chain-id', 'block-time', 'base-fee']) {
    if (!/^\d{1,15}$/.test(values[name])) throw new Error(`--${name} is a whole number, not ${values[name]}`);
  }
  const packages = resolve(values.packages);
  return {
    packages,
    chainId: Number(values['chain-id']),
    mining: !values['no-mining'],
    blockTime: Number(values['block-time']),
    baseFee: Number(values['base-fee']),
    state: resolve(values.state ?? join(packages, `state-${values['chain-id']}.json`)),
    prepare: values.prepare,
  };
}

// Of everything that the finished chain follows from.
function stampOf({chainId}) {
  const hash = createHash('sha256').update(String(chainId));
  const files = readdirSync(here, {withFileTypes: true}).filter((entry) => entry.isFile()).map(({name}) => name);
  for (const name of [...files.sort(), 'contracts/TestToken.sol']) hash.update(readFileSync(join(here, name)));
  return hash.digest('hex');
}

function readState(file, stamp) {
  try {
    const state = JSON.parse(readFileSync(file, 'utf8'));
    return state.stamp === stamp ? state : undefined;
  } catch {
    return undefined;  // none yet, or of another format: it is made anew
  }
}

// Several chains may start at once: each one writes a file of its own, the last one stays.
function writeState(file, state) {
  const mine = `${file}.${process.pid}`;
  mkdirSync(dirname(file), {recursive: true});
  writeFileSync(mine, JSON.stringify(state));
  renameSync(mine, file);
}

async function furnish(anvil, options) {
  const rpc = (method, params) => anvil.rpc(method, params);
  const stamp = stampOf(options);
  const kept = readState(options.state, stamp);
  let description = kept?.description;
  if (kept) {
    await rpc('anvil_loadState', [kept.chain]);
  } else {
    const {deploy} = await import('./deploy.mjs');
    const holders = anvil.accounts.map(({address}) => address);
    const deployer = holders.pop();
    description = await deploy({rpc, packages: options.packages, deployer, holders});
    writeState(options.state, {stamp, description, chain: await rpc('anvil_dumpState')});
  }
  // The deployment has brought the fee down to nothing; this block has the chosen one, and is of now.
  await rpc('anvil_setNextBlockBaseFeePerGas', ['0x' + options.baseFee.toString(16)]);
  await rpc('evm_mine');
  if (options.blockTime > 0) await rpc('evm_setIntervalMining', [options.blockTime]);
  else if (!options.mining) await rpc('evm_setAutomine', [false]);
  return description;
}

let anvil;
let ending = false;
async function end(code) {
  if (ending) return;
  ending = true;
  await anvil?.stop();
  process.exit(code);
}
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => end(0));

try {
  const options = readOptions();
  if (!options.prepare) process.stdin.on('end', () => end(0)).on('error', () => end(0)).resume();
  anvil = await Anvil.start({packages: options.packages, arguments: ['--chain-id', String(options.chainId)]});
  anvil.ended.then((how) => {
    if (!ending) console.error(`anvil ended by itself with ${how}`);
    end(1);
  });
  const description = await furnish(anvil, options);
  if (options.prepare) await end(0);
  console.log(JSON.stringify({
    rpc_url: `http://127.0.0.1:${anvil.port}`, stream_url: `ws://127.0.0.1:${anvil.port}`, chain_id: options.chainId,
    process: anvil.pid, ...description, accounts: anvil.accounts.slice(0, -1), deployer: anvil.accounts.at(-1),
  }));
} catch (error) {
  if (!ending) console.error(`chain.mjs: ${error.message}`);
  await end(1);
}
