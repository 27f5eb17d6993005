// Puts the contracts, the tokens and the pools on an empty chain and says where they are. Every address follows from
// the deployer and the number of its transaction, so nothing here may depend on the time or on chance.
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {MANNERS, TICK_SPACING, TOKENS, V2_POOLS, V3_POOLS, positionsOf} from './market.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const NOBODY = '0x' + '0'.repeat(40);
const GAS = '0xb71b00';  // 12 million: no estimate is asked for
const FOREVER = 2n ** 63n;

function compileToken(require) {
  const solc = require('solc');
  const input = {
    language: 'Solidity',
    sources: {'TestToken.sol': {content: readFileSync(join(here, 'contracts/TestToken.sol'), 'utf8')}},
    settings: {
      evmVersion: 'paris',
      optimizer: {enabled: true, runs: 200},
      outputSelection: {'*': {'*': ['abi', 'evm.bytecode.object']}},
    },
  };
  const {errors = [], contracts} = JSON.parse(solc.compile(JSON.stringify(input)));
  if (errors.length) throw new Error(errors.map((error) => error.formattedMessage).join('\n'));
  const {abi, evm} = contracts['TestToken.sol'].TestToken;
  return {abi, bytecode: '0x' + evm.bytecode.object};
}

// What npm installed, read as data.
function artifacts(packages) {
  const read = (path) => {
    const {abi, bytecode, evm} = JSON.parse(readFileSync(join(packages, 'node_modules/@uniswap', path), 'utf8'));
    const code = typeof bytecode === 'string' ? bytecode : evm.bytecode.object;
    return {abi, bytecode: code.startsWith('0x') ? code : '0x' + code};
  };
  const v3 = (path, name) => read(`${path}/${name}.sol/${name}.json`);
  return {
    WETH9: read('v2-periphery/build/WETH9.json'),
    V2Factory: read('v2-core/build/UniswapV2Factory.json'),
    V2Router: read('v2-periphery/build/UniswapV2Router02.json'),
    V3Factory: v3('v3-core/artifacts/contracts', 'UniswapV3Factory'),
    V3Pool: v3('v3-core/artifacts/contracts', 'UniswapV3Pool'),
    SwapRouter: v3('v3-periphery/artifacts/contracts', 'SwapRouter'),
    PositionManager: v3('v3-periphery/artifacts/contracts', 'NonfungiblePositionManager'),
    QuoterV2: v3('v3-periphery/artifacts/contracts/lens', 'QuoterV2'),
    TickLens: v3('v3-periphery/artifacts/contracts/lens', 'TickLens'),
    SwapRouter02: v3('swap-router-contracts/artifacts/contracts', 'SwapRouter02'),
  };
}

function squareRoot(n) {
  let x = n;
  for (let y = (x + 1n) / 2n; y < x; y = (x + n / x) / 2n) x = y;
  return x;
}

export async function deploy({rpc, packages, deployer, holders}) {
  const require = createRequire(join(packages, 'package.json'));
  const {Interface, getCreateAddress, parseUnits} = require('ethers');
  const code = {...artifacts(packages), TestToken: compileToken(require)};
  const interfaces = Object.fromEntries(Object.entries(code).map(([name, {abi}]) => [name, new Interface(abi)]));
  let nonce = Number(await rpc('eth_getTransactionCount', [deployer, 'latest']));

  const send = async (to, data, value = 0n) => {
    const hex = (number) => '0x' + number.toString(16);
    const request = {from: deployer, data, gas: GAS, value: hex(value), nonce: hex(nonce++)};
    const hash = await rpc('eth_sendTransaction', [to ? {...request, to} : request]);
    for (let tries = 0; tries < 500; ++tries) {  // mined at once, but the answer may come a little earlier
      const receipt = await rpc('eth_getTransactionReceipt', [hash]);
      if (receipt?.status === '0x1') return receipt;
      if (receipt) throw new Error(`the deployment reverted: ${to ?? 'a contract'} ${data.slice(0, 10)}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    throw new Error('a transaction of the deployment was not mined');
  };
  const create = async (name, ...values) =>
    (await send(null, code[name].bytecode + interfaces[name].encodeDeploy(values).slice(2))).contractAddress;
  const invoke = (name, to, method, values, value) =>
    send(to, interfaces[name].encodeFunctionData(method, values), value);
  const ask = async (name, to, method, values = []) => {
    const answer = await rpc('eth_call', [{to, data: interfaces[name].encodeFunctionData(method, values)}, 'latest']);
    return interfaces[name].decodeFunctionResult(method, answer);
  };

  // The addresses of the next transactions, sorted, are given to the tokens in the order in which they are listed.
  const first = nonce;
  const addresses = TOKENS.map((_, i) => getCreateAddress({from: deployer, nonce: first + i}).toLowerCase());
  const sorted = [...addresses].sort();
  const tokens = {};
  for (const address of addresses) {
    const {symbol, decimals, each} = TOKENS[sorted.indexOf(address)];
    const amount = parseUnits(String(each), decimals);
    const made = symbol === 'WETH' ? await create('WETH9')
      : await create('TestToken', `${symbol} for tests`, symbol, decimals, holders, amount);
    if (made !== address) throw new Error(`${symbol} is at ${made} and not at ${address}`);
    tokens[symbol] = {symbol, decimals, address};
  }
  const units = (symbol, amount) => parseUnits(amount.toFixed(tokens[symbol].decimals), tokens[symbol].decimals);
  const weth = tokens.WETH.address;
  const {each} = TOKENS.find(({symbol}) => symbol === 'WETH');
  await rpc('anvil_setBalance', [deployer, '0x' + parseUnits('1000000').toString(16)]);
  await invoke('WETH9', weth, 'deposit', [], parseUnits('100000'));
  for (const holder of holders) await invoke('WETH9', weth, 'transfer', [holder, parseUnits(String(each))]);

  const contracts = {weth};
  contracts.v2_factory = await create('V2Factory', deployer);
  contracts.v2_router = await create('V2Router', contracts.v2_factory, weth);
  contracts.v3_factory = await create('V3Factory');
  contracts.swap_router = await create('SwapRouter', contracts.v3_factory, weth);
  // Without the contract that draws pictures of positions.
  contracts.position_manager = await create('PositionManager', contracts.v3_factory, weth, NOBODY);
  contracts.swap_router_02 = await create('SwapRouter02', contracts.v2_factory, contracts.v3_factory,
    contracts.position_manager, weth);
  contracts.quoter = await create('QuoterV2', contracts.v3_factory, weth);
  contracts.tick_lens = await create('TickLens');
  // The published factory begins with three fees; its owner has added the fourth on the public chains too.
  await invoke('V3Factory', contracts.v3_factory, 'enableFeeAmount', [100, TICK_SPACING[100]]);

  for (const {symbol, address} of Object.values(tokens)) {
    if (symbol !== 'WETH') await invoke('TestToken', address, 'mint', [deployer, units(symbol, 1e9)]);
    for (const spender of [contracts.v2_router, contracts.position_manager]) {
      await invoke('TestToken', address, 'approve', [spender, 2n ** 256n - 1n]);
    }
  }

  const pools = {};
  const note = (kind, {base, quote}, fee, tick_spacing, address) => {
    const inOrder = tokens[base].address < tokens[quote].address;
    const [token0, token1] = inOrder ? [base, quote] : [quote, base];
    const name = `${base}_${quote}_${kind === 'v2' ? kind : fee}`.toLowerCase();
    pools[name] = {kind, base, quote, token0, token1, fee, tick_spacing, address: address.toLowerCase()};
    return {token0, token1, inOrder};
  };
  for (const pair of V2_POOLS) {
    const sides = [tokens[pair.base].address, tokens[pair.quote].address];
    await invoke('V2Factory', contracts.v2_factory, 'createPair', sides);
    note('v2', pair, 3000, 0, (await ask('V2Factory', contracts.v2_factory, 'getPair', sides))[0]);
    if (!pair.reserves) continue;
    const amounts = [units(pair.base, pair.reserves[0]), units(pair.quote, pair.reserves[1])];
    await invoke('V2Router', contracts.v2_router, 'addLiquidity', [...sides, ...amounts, 0, 0, deployer, FOREVER]);
  }
  for (const pool of V3_POOLS) {
    const {base, quote, fee} = pool;
    const sides = [tokens[base].address, tokens[quote].address, fee];
    await invoke('V3Factory', contracts.v3_factory, 'createPool', sides);
    const [address] = await ask('V3Factory', contracts.v3_factory, 'getPool', sides);
    const {token0, token1, inOrder} = note('v3', pool, fee, TICK_SPACING[fee], address);
    if (!pool.price) continue;
    const [one, price] = [units(base, 1e6), units(quote, pool.price * 1e6)];
    const [amount0, amount1] = inOrder ? [one, price] : [price, one];
    await invoke('V3Pool', address, 'initialize', [squareRoot((amount1 << 192n) / amount0)]);
    const {tick} = await ask('V3Pool', address, 'slot0');
    for (const [from, to, baseAmount, quoteAmount] of positionsOf(pool, Number(tick))) {
      const amounts = [units(base, baseAmount), units(quote, quoteAmount)];
      if (!inOrder) amounts.reverse();
      await invoke('PositionManager', contracts.position_manager, 'mint',
        [[tokens[token0].address, tokens[token1].address, fee, from, to, ...amounts, 0, 0, deployer, FOREVER]]);
    }
  }
  for (const {symbol, manner} of TOKENS) {
    if (manner) await invoke('TestToken', tokens[symbol].address, 'setManner', [MANNERS.indexOf(manner)]);
  }
  return {contracts, tokens, pools};
}
