#include "connector/protocol/uniswap/uniswap_pools.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "connector/protocol/uniswap/uniswap_constants.hpp"
#include "connector/protocol/uniswap/uniswap_contracts.hpp"

namespace calypte::connector::uniswap {
namespace {

Status does_not_follow(const Address& pool, PoolError error) {
  if (error == PoolError::none) return {};
  return {StatusCode::malformed, "a log of the pool " + pool.to_string() + ": " + std::string(to_string(error))};
}

struct ApplyV3Event {
  V3Pool& pool;
  PoolError operator()(std::monostate) const { return PoolError::none; }
  PoolError operator()(const V3InitializeEvent& event) const { return pool.apply(event); }
  PoolError operator()(const V3SwapEvent& event) const { return pool.apply(event); }
  PoolError operator()(const V3MintEvent& event) const { return pool.mint(event); }
  PoolError operator()(const V3BurnEvent& event) const { return pool.burn(event); }
};

Status apply_to(V2Pool& pool, const evm::rpc::Log& log) {
  const auto event = read_v2_event(log);
  if (!event) return event.status();
  if (!event->has_value()) return {};
  return does_not_follow(log.address, pool.apply(**event));
}

Status apply_to(V3Pool& pool, const evm::rpc::Log& log) {
  const auto event = read_v3_event(log);
  if (!event) return event.status();
  if (Status s = does_not_follow(log.address, std::visit(ApplyV3Event{pool}, *event)); !s.ok()) return s;
  if (near_unknown_ticks(pool)) {
    return {StatusCode::unavailable,
            "the price of the pool " + log.address.to_string() + " has come to the end of the ticks that were read"};
  }
  return {};
}

/// How many pools of `pools` there are between two tokens.
std::size_t count_between(const std::vector<PoolRef>& pools, const Address& a, const Address& b) {
  return static_cast<std::size_t>(std::count_if(pools.begin(), pools.end(), [&](const PoolRef& pool) {
    return (token0_of(pool) == a && token1_of(pool) == b) || (token0_of(pool) == b && token1_of(pool) == a);
  }));
}

}  // namespace

std::vector<std::pair<std::size_t, std::size_t>> useful_combinations(const UniswapSetup& setup) {
  std::set<std::pair<std::size_t, std::size_t>> found;
  const auto add = [&](std::size_t a, std::size_t b) {
    if (a != b) found.insert(setup.tokens[a].address < setup.tokens[b].address ? std::pair(a, b) : std::pair(b, a));
  };
  for (const ConfiguredPair& pair : setup.pairs) {
    for (std::size_t other = 0; other < setup.tokens.size(); ++other) {
      add(pair.base, other);
      add(other, pair.quote);
    }
  }
  return {found.begin(), found.end()};
}

void UniswapPools::add(const V2Pool& pool) {
  v2_.push_back(std::make_unique<V2Pool>(pool));
  by_address_.insert_or_assign(v2_.back()->key().address, v2_.back().get());
}

void UniswapPools::add(V3Pool pool) {
  v3_.push_back(std::make_unique<V3Pool>(std::move(pool)));
  by_address_.insert_or_assign(v3_.back()->key().address, v3_.back().get());
}

std::vector<Address> UniswapPools::addresses() const {
  std::vector<Address> all;
  all.reserve(size());
  for (const auto& pool : v2_) all.push_back(pool->key().address);
  for (const auto& pool : v3_) all.push_back(pool->key().address);
  return all;
}

std::vector<PoolRef> UniswapPools::candidates(const Address& a, const Address& b,
                                              std::span<const Address> between) const {
  std::vector<PoolRef> all;
  all.reserve(size());
  for (const auto& pool : v2_) all.emplace_back(pool.get());
  for (const auto& pool : v3_) all.emplace_back(pool.get());
  std::size_t routes = count_between(all, a, b);
  std::vector<Address> used;
  for (const Address& middle : between) {
    if (middle == a || middle == b) continue;
    const std::size_t more = count_between(all, a, middle) * count_between(all, middle, b);
    if (more == 0 || routes + more > kMaxRoutes) continue;
    routes += more;
    used.push_back(middle);
  }
  const auto is_used = [&](const Address& token) { return std::find(used.begin(), used.end(), token) != used.end(); };
  std::erase_if(all, [&](const PoolRef& pool) {
    const bool first_is_end = token0_of(pool) == a || token0_of(pool) == b;
    const bool second_is_end = token1_of(pool) == a || token1_of(pool) == b;
    return !((first_is_end && second_is_end) || (first_is_end && is_used(token1_of(pool))) ||
             (second_is_end && is_used(token0_of(pool))));
  });
  return all;
}

Status UniswapPools::apply(const evm::rpc::Log& log) {
  const auto found = by_address_.find(log.address);
  if (found == by_address_.end()) return {};
  return std::visit([&](auto* pool) { return apply_to(*pool, log); }, found->second);
}

bool near_unknown_ticks(const V3Pool& pool) noexcept {
  if (!pool.initialized()) return false;
  const int margin = kWindowMarginWords * 256 * pool.key().tick_spacing;
  return (pool.known_lower() > kMinTick && pool.tick() - pool.known_lower() < margin) ||
         (pool.known_upper() < kMaxTick && pool.known_upper() - pool.tick() < margin);
}

}  // namespace calypte::connector::uniswap
