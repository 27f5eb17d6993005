#include "connector/protocol/uniswap/uniswap_loader.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "connector/protocol/uniswap/uniswap_constants.hpp"
#include "connector/protocol/uniswap/uniswap_contracts.hpp"

namespace calypte::connector::uniswap {
namespace {

using evm::ReadCall;
using evm::ReadResult;

/// The configuration is wrong, as the chain shows.
Status wrong_setup(std::string text) { return {StatusCode::denied, FailureReason::wrong_contract, std::move(text)}; }

/// The node's answer cannot be.
Status wrong_answer(const Address& contract, std::string_view text) {
  return {StatusCode::malformed, "the contract " + contract.to_string() + ": " + std::string(text)};
}

/// Words of the bitmap that can hold a bit. Division rounds down, as the contract's does for words.
int first_word(int spacing) { return (kMinTick / spacing - 255) / 256; }
int last_word(int spacing) { return kMaxTick / spacing / 256; }

int divide_down(int a, int b) { return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0); }

/// Those of them that are read.
std::pair<int, int> words_to_read(int spacing, int tick) {
  const int first = first_word(spacing);
  const int last = last_word(spacing);
  if (last - first < kMaxBitmapWords) return {first, last};
  const int middle = divide_down(divide_down(tick, spacing), 256);
  return {std::max(first, middle - kWindowWords), std::min(last, middle + kWindowWords)};
}

}  // namespace

std::vector<ReadCall> UniswapLoader::begin() {
  ask_phase();
  return next_slice();
}

Result<std::vector<ReadCall>> UniswapLoader::advance(std::span<const ReadResult> answers) {
  if (phase_ == Phase::done || answers.size() != next_ - given_) {
    return Status(StatusCode::malformed, "answers to calls that were not made");
  }
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (Status s = take(questions_[given_ + i], answers[i]); !s.ok()) return s;
  }
  while (next_ == questions_.size() && phase_ != Phase::done) {
    phase_ = static_cast<Phase>(static_cast<std::uint8_t>(phase_) + 1);
    if (phase_ == Phase::done) {
      if (Status s = build(); !s.ok()) return s;
    }
    ask_phase();
  }
  return next_slice();
}

void UniswapLoader::ask(Read read, std::size_t subject, ReadCall call, int place) {
  questions_.push_back({read, subject, place, std::move(call)});
}

void UniswapLoader::ask_phase() {
  questions_.clear();
  given_ = 0;
  next_ = 0;
  switch (phase_) {
    case Phase::contracts:
      return ask_contracts();
    case Phase::discovery:
      return ask_discovery();
    case Phase::state:
      return ask_state();
    case Phase::bitmaps:
      return ask_bitmaps();
    case Phase::ticks:
      return ask_ticks();
    case Phase::done:
      return;
  }
}

std::vector<ReadCall> UniswapLoader::next_slice() {
  given_ = next_;
  next_ = std::min(questions_.size(), given_ + kMaxReadsAStep);
  std::vector<ReadCall> calls;
  calls.reserve(next_ - given_);
  for (std::size_t i = given_; i < next_; ++i) calls.push_back(questions_[i].call);
  return calls;
}

// --- What is asked. ------------------------------------------------------------------------------------------------

void UniswapLoader::ask_contracts() {
  ask(Read::wrapped, 0, ask_wrapped(setup_.router));
  if (setup_.v3_factory) ask(Read::v3_factory, 0, ask_v3_factory(setup_.router));
  if (setup_.v2_factory) ask(Read::v2_factory, 0, ask_v2_factory(setup_.router));
  decimals_.assign(setup_.tokens.size(), 0);
  for (std::size_t i = 0; i < setup_.tokens.size(); ++i) ask(Read::decimals, i, ask_decimals(setup_.tokens[i].address));
}

void UniswapLoader::ask_discovery() {
  for (const auto& [first, second] : useful_combinations(setup_)) {
    const Address& a = setup_.tokens[first].address;
    const Address& b = setup_.tokens[second].address;
    if (setup_.v2_factory) {
      ask(Read::v2_pool, sites_.size(), ask_v2_pair(*setup_.v2_factory, a, b));
      Site site;
      site.first = first;
      site.second = second;
      site.fee_pips = kV2FeePips;
      sites_.push_back(std::move(site));
    }
    for (const FeeTier& tier : kFeeTiers) {
      if (!setup_.v3_factory) break;
      ask(Read::v3_pool, sites_.size(), ask_v3_pool(*setup_.v3_factory, a, b, tier.fee_pips));
      Site site;
      site.is_v3 = true;
      site.first = first;
      site.second = second;
      site.fee_pips = tier.fee_pips;
      site.tick_spacing = tier.tick_spacing;
      sites_.push_back(std::move(site));
    }
  }
}

void UniswapLoader::ask_state() {
  std::erase_if(sites_, [](const Site& site) { return site.address.is_zero(); });
  for (std::size_t i = 0; i < sites_.size(); ++i) {
    const Address& pool = sites_[i].address;
    ask(Read::token0, i, ask_token0(pool));
    if (!sites_[i].is_v3) {
      ask(Read::reserves, i, ask_reserves(pool));
      continue;
    }
    ask(Read::slot0, i, ask_slot0(pool));
    ask(Read::liquidity, i, ask_liquidity(pool));
    ask(Read::tick_spacing, i, ask_tick_spacing(pool));
  }
}

void UniswapLoader::ask_bitmaps() {
  for (std::size_t i = 0; i < sites_.size(); ++i) {
    Site& site = sites_[i];
    // Without a price there is no tick either: a pool takes liquidity only once it has one.
    if (!site.is_v3 || site.snapshot.sqrt_price == 0) continue;
    const auto [first, last] = words_to_read(site.tick_spacing, site.snapshot.tick);
    const int word_ticks = 256 * site.tick_spacing;
    site.snapshot.known_lower = std::max(kMinTick, first * word_ticks);
    site.snapshot.known_upper = std::min(kMaxTick, (last + 1) * word_ticks - 1);
    for (int word = first; word <= last; ++word) ask(Read::bitmap, i, ask_bitmap(site.address, word), word);
  }
}

void UniswapLoader::ask_ticks() {
  for (const auto& [site, tick] : ticks_) {
    if (!sites_[site].left_out) ask(Read::tick, site, ask_tick(sites_[site].address, tick), tick);
  }
}

// --- What is answered. ---------------------------------------------------------------------------------------------

Status UniswapLoader::take(const Question& question, const ReadResult& answer) {
  switch (question.read) {
    case Read::v3_factory:
    case Read::v2_factory:
    case Read::wrapped:
      return take_contract(question, answer);
    case Read::decimals:
      return take_decimals(question, answer);
    case Read::v2_pool:
    case Read::v3_pool:
      return take_discovery(question, answer);
    case Read::token0:
    case Read::reserves:
    case Read::slot0:
    case Read::liquidity:
    case Read::tick_spacing:
      return take_state(question, answer);
    case Read::bitmap:
      return take_bitmap(question, answer);
    case Read::tick:
      break;
  }
  if (!answer.status.ok()) return wrong_answer(question.call.to, answer.status.message());
  const auto tick = read_tick(question.place, answer.data);
  if (!tick) return wrong_answer(question.call.to, tick.status().message());
  sites_[question.subject].snapshot.ticks.push_back(*tick);
  return {};
}

Status UniswapLoader::take_contract(const Question& question, const ReadResult& answer) {
  const std::string router = "the router " + setup_.router.to_string();
  auto said = answer.status.ok() ? read_address(answer.data) : Result<Address>(answer.status);
  if (!said) return wrong_setup(router + " is no SwapRouter02: " + said.status().message());
  const auto differs = [&](std::string_view what, const Address& expected) {
    return wrong_setup("wrong router: " + router + " was built with the " + std::string(what) + " " +
                       said->to_string() + ", not with " + expected.to_string());
  };
  if (question.read == Read::v3_factory && *said != *setup_.v3_factory)
    return differs("V3 factory", *setup_.v3_factory);
  if (question.read == Read::v2_factory && *said != *setup_.v2_factory)
    return differs("V2 factory", *setup_.v2_factory);
  if (question.read == Read::wrapped && setup_.wrapped && *said != *setup_.wrapped) {
    return differs("wrapped coin", *setup_.wrapped);
  }
  return {};
}

Status UniswapLoader::take_decimals(const Question& question, const ReadResult& answer) {
  const ConfiguredToken& token = setup_.tokens[question.subject];
  const std::string name = "the token " + token.symbol + " (" + token.address.to_string() + ")";
  auto decimals = answer.status.ok() ? read_decimals(answer.data) : Result<int>(answer.status);
  if (!decimals) return wrong_setup(name + " is no ERC-20 token with decimals: " + decimals.status().message());
  if (*decimals > kMaxTokenDecimals) {
    return wrong_setup(name + " has " + std::to_string(*decimals) + " decimals, more than the " +
                       std::to_string(kMaxTokenDecimals) + " that are supported");
  }
  decimals_[question.subject] = *decimals;
  return {};
}

Status UniswapLoader::take_discovery(const Question& question, const ReadResult& answer) {
  Site& site = sites_[question.subject];
  const std::string factory = "the factory " + question.call.to.to_string();
  auto pool = answer.status.ok() ? read_address(answer.data) : Result<Address>(answer.status);
  if (!pool) return wrong_setup(factory + " does not tell its pools: " + pool.status().message());
  if (pool->is_zero()) return {};
  const Address& a = setup_.tokens[site.first].address;
  const Address& b = setup_.tokens[site.second].address;
  const Address expected =
      site.is_v3 ? v3_pool_address(question.call.to, a, b, site.fee_pips) : v2_pool_address(question.call.to, a, b);
  // The router does not ask the factory but computes the address, so it would swap somewhere else.
  if (*pool != expected) {
    return wrong_setup(factory + " names a pool at " + pool->to_string() +
                       ", where the published router does not look");
  }
  site.address = *pool;
  return {};
}

Status UniswapLoader::take_state(const Question& question, const ReadResult& answer) {
  Site& site = sites_[question.subject];
  const auto wrong = [&](const Status& why) { return wrong_answer(site.address, why.message()); };
  if (!answer.status.ok()) return wrong(answer.status);
  switch (question.read) {
    case Read::token0: {
      const auto token0 = read_address(answer.data);
      if (!token0) return wrong(token0.status());
      if (*token0 != setup_.tokens[site.first].address) return wrong_answer(site.address, "its tokens are others");
      return {};
    }
    case Read::reserves: {
      const auto reserves = read_reserves(answer.data);
      if (!reserves) return wrong(reserves.status());
      site.reserves = *reserves;
      return {};
    }
    case Read::slot0: {
      const auto slot = read_slot0(answer.data);
      if (!slot) return wrong(slot.status());
      if (slot->tick < kMinTick || slot->tick > kMaxTick) return wrong_answer(site.address, "its tick cannot be");
      site.snapshot.sqrt_price = slot->sqrt_price;
      site.snapshot.tick = slot->tick;
      return {};
    }
    case Read::liquidity: {
      const auto liquidity = read_liquidity(answer.data);
      if (!liquidity) return wrong(liquidity.status());
      site.snapshot.liquidity = *liquidity;
      return {};
    }
    default: {
      const auto spacing = read_tick_spacing(answer.data);
      if (!spacing) return wrong(spacing.status());
      if (*spacing != site.tick_spacing) return wrong_answer(site.address, "its tick spacing is not that of its fee");
      return {};
    }
  }
}

Status UniswapLoader::take_bitmap(const Question& question, const ReadResult& answer) {
  Site& site = sites_[question.subject];
  auto bits = answer.status.ok() ? read_bitmap(answer.data) : Result<Uint256>(answer.status);
  if (!bits) return wrong_answer(site.address, bits.status().message());
  if (site.left_out) return {};
  std::size_t found = 0;
  for (unsigned bit = 0; *bits != 0 && bit < 256; ++bit) {
    if (!bit_test(*bits, bit)) continue;
    const int tick = (question.place * 256 + static_cast<int>(bit)) * site.tick_spacing;
    if (tick < kMinTick || tick > kMaxTick) return wrong_answer(site.address, "a tick that cannot be");
    ticks_.emplace_back(question.subject, tick);
    ++found;
  }
  if (ticks_.size() > kMaxTicks) {
    return {StatusCode::malformed, "the pools have more than " + std::to_string(kMaxTicks) + " initialised ticks"};
  }
  // Ticks of one pool stand together at the end of the list.
  site.left_out = found > 0 && ticks_.size() > kMaxTicksAPool &&
                  ticks_[ticks_.size() - kMaxTicksAPool - 1].first == question.subject;
  return {};
}

// --- What comes of it. ---------------------------------------------------------------------------------------------

Status UniswapLoader::build() {
  for (Site& site : sites_) {
    const Address& token0 = setup_.tokens[site.first].address;
    const Address& token1 = setup_.tokens[site.second].address;
    PoolError error = PoolError::none;
    if (site.left_out) continue;
    if (site.is_v3) {
      auto pool = V3Pool::make({site.address, token0, token1, site.fee_pips, site.tick_spacing});
      error = pool ? pool->reset(std::move(site.snapshot)) : pool.error();
      if (error == PoolError::none) pools_.add(std::move(*pool));
    } else {
      auto pool = V2Pool::make({site.address, token0, token1});
      error = pool ? pool->apply(site.reserves) : pool.error();
      if (error == PoolError::none) pools_.add(*pool);
    }
    if (error != PoolError::none) return wrong_answer(site.address, to_string(error));
  }
  return {};
}

}  // namespace calypte::connector::uniswap
