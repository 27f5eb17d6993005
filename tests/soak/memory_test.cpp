// A connector that runs for a long time owns no more memory than one that has run for a short time.
//
// The simulated venue keeps a ledger of everything, so the process grows by design. What the engine owns is measured by
// destroying it: two runs from one seed, of which the second is several times as long, must give back the same. The
// keys of counted fills are kept on purpose (65536 of them, so that none counts twice); they are allowed for by fill.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <new>

#include "support/venue_case.hpp"

namespace {

std::int64_t live_allocations = 0;
std::int64_t live_bytes = 0;

void* counted_allocation(std::size_t size, std::size_t alignment) {
  void* const memory = alignment <= alignof(std::max_align_t)
                           ? std::malloc(std::max<std::size_t>(size, 1))
                           : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) std::abort();
  ++live_allocations;
  live_bytes += static_cast<std::int64_t>(malloc_usable_size(memory));
  return memory;
}
void counted_free(void* memory) noexcept {
  if (memory == nullptr) return;
  --live_allocations;
  live_bytes -= static_cast<std::int64_t>(malloc_usable_size(memory));
  std::free(memory);
}

}  // namespace

// Every other form of the library's operators ends in one of these.
void* operator new(std::size_t size) { return counted_allocation(size, 0); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted_allocation(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { counted_free(memory); }
void operator delete(void* memory, std::size_t) noexcept { counted_free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { counted_free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { counted_free(memory); }

namespace calypte::test {
namespace {

struct Owned {
  std::int64_t allocations = 0;
  std::int64_t bytes = 0;
  std::size_t cancelled = 0;
  std::size_t fills = 0;
  std::size_t reconnects = 0;
  Duration lasted{};
};

class MemorySoak : public VenueCase {
 protected:
  /// Orders that rest and are cancelled, trades, cut connections, expired keys, and the traffic of a book, all the
  /// time.
  Owned run(int cycles) {
    VenueWorld::Options options{.orders_per_second = 1, .price_interval = 10min};
    options.engine.orders.cache_size = 20;  // so that it is full early
    options.engine.instruments_refresh = 10min;
    options.engine.fees_refresh = 10min;
    auto& w = with(std::move(options));
    const Time start = w.world->now();
    Owned owned;
    w.world->on_event = [&owned](const Event& e) {
      owned.cancelled += std::holds_alternative<OrderCancelledEvent>(e) ? 1 : 0;
      owned.fills += std::holds_alternative<OrderFilledEvent>(e) ? 1 : 0;
    };
    const Decimal amount = Decimal::from_parts(1, 2);
    for (int cycle = 1; cycle <= cycles; ++cycle) {
      w.make_ready();
      const auto id = w.buy(amount, OrderType::limit, w.low_price());
      w.world->run_for(2s);
      w.cancel(id);
      w.world->run_for(2s);
      if (cycle % 10 == 0) {
        w.buy(amount, OrderType::market);
        w.world->run_for(2s);
        w.sell(amount, OrderType::market, std::nullopt,
               {.position = w.derivative() ? PositionAction::close : PositionAction::nil});
        w.world->run_for(2s);
      }
      if (cycle % 5 == 0) {
        w.world->cut_streams("a soak cuts often");
        ++owned.reconnects;
        w.world->run_for(1s);
      }
      if (cycle % 50 == 0) {
        w.venue->expire_user_streams(w.world->now());
        w.world->flush_server();
        w.world->run_for(2s);
      }
      w.world->run_for(10s);
    }
    w.make_ready();
    w.world->run_for(10s);
    EXPECT_THAT(w.engine->in_flight_orders(), testing::IsEmpty());
    owned.lasted = w.world->now() - start;
    w.world.reset();
    const auto allocations = live_allocations;
    const auto bytes = live_bytes;
    w.engine.reset();
    owned.allocations = allocations - live_allocations;
    owned.bytes = bytes - live_bytes;
    return owned;
  }
};

TEST_P(MemorySoak, what_the_engine_owns_does_not_grow) {
  const char* const times = std::getenv("CALYPTE_SOAK");
  const int longer = times == nullptr ? 1 : std::max(1, std::atoi(times));
  const Owned early = run(50);
  const Owned late = run(200 * longer);
  ASSERT_GE(late.cancelled, 138U * static_cast<unsigned>(longer));
  ASSERT_GE(late.fills, 38U * static_cast<unsigned>(longer));
  ASSERT_GT(early.allocations, 100);

  // Per fill: its key in the set and in the order of arrival, with their texts. Besides: how full the queues and books
  // happen to be.
  const auto fills = static_cast<std::int64_t>(late.fills - early.fills);
  EXPECT_LE(late.allocations - early.allocations, 3 * fills + 60);
  EXPECT_LE(late.bytes - early.bytes, 250 * fills + 40'000);
  RecordProperty("virtual_seconds", std::to_string(late.lasted / 1s));
  std::printf(
      "%s: %lld allocations and %lld bytes after %lld s, %lld and %lld after %lld s (%zu fills, %zu reconnects)\n",
      GetParam().c_str(), static_cast<long long>(early.allocations), static_cast<long long>(early.bytes),
      static_cast<long long>(early.lasted / 1s), static_cast<long long>(late.allocations),
      static_cast<long long>(late.bytes), static_cast<long long>(late.lasted / 1s), late.fills, late.reconnects);
}

INSTANTIATE_TEST_SUITE_P(Venues, MemorySoak, testing::ValuesIn(simulated_venues()), venue_of_test);

}  // namespace
}  // namespace calypte::test
