#include "sim/order_flow.hpp"

#include <algorithm>
#include <bit>
#include <string>

namespace calypte::sim {
namespace {

constexpr std::int64_t kBpsX100 = 1'000'000;  ///< hundredths of a basis point in one

std::int64_t part_of(std::int64_t value, std::int64_t hundredths_of_bps) {
  return std::max<std::int64_t>(1,
                                value / kBpsX100 * hundredths_of_bps + value % kBpsX100 * hundredths_of_bps / kBpsX100);
}

}  // namespace

OrderFlow::OrderFlow(Exchange& exchange, std::size_t instrument, FlowOptions options, std::uint64_t seed, Time start)
    : exchange_(exchange), instrument_(instrument), options_(options), random_(seed), fair_moved_(start), next_(start) {
  const Instrument& spec = exchange.instruments().at(instrument);
  fair_ = anchor_ = to_units(spec.start_price.round_to_multiple(spec.tick, Rounding::floor), spec.tick).value_or(1);
  Accounts& accounts = exchange.accounts();
  const Decimal ample = 1'000'000'000'000LL;
  for (AccountId* account : {&maker_, &taker_}) {
    *account = accounts.open("flow " + spec.symbol, FeeRates{}, FeePolicy{}, Accounts::Options{.recorded = false});
    accounts.deposit(*account, spec.base, ample, start);
    accounts.deposit(*account, spec.quote, ample, start);
  }
}

void OrderFlow::run(Time now) {
  while (!paused_ && next_ <= now) {
    const Time at = next_;
    step(at);
    schedule(at);
  }
}

void OrderFlow::step(Time now) {
  populate(now);
  if (options_.orders_per_second > 0) act(now);
  populate(now);
}

void OrderFlow::resume(Time now) {
  if (!paused_) return;
  paused_ = false;
  fair_moved_ = now;
  schedule(now);
}

void OrderFlow::set_rate(std::uint32_t orders_per_second, Time now) {
  options_.orders_per_second = orders_per_second;
  if (!paused_) schedule(now);
}

void OrderFlow::schedule(Time now) {
  if (options_.orders_per_second == 0) {
    next_ = now + std::chrono::milliseconds{100};
    return;
  }
  // A third of all actions come in bursts at a tenth of the usual distance; the rest is slowed down to keep the rate.
  std::int64_t mean = 1'000'000'000 / static_cast<std::int64_t>(options_.orders_per_second);
  if (burst_left_ > 0) {
    --burst_left_;
    mean /= 10;
  } else {
    mean = mean * 29 / 20;
    if (random_.chance(1, 40)) burst_left_ = static_cast<std::uint32_t>(10 + random_.below(21));
  }
  next_ = now + Duration{std::max<std::int64_t>(1000, exponential(mean))};
}

void OrderFlow::move_fair(Time now) {
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - fair_moved_).count();
  if (elapsed < 50) return;
  fair_moved_ = now;
  // A random walk with a pull home, so that a venue which runs for days stays within sight of its start price. The step
  // is kept short after a long silence.
  const std::int64_t window = std::min<std::int64_t>(elapsed, 5000);
  const std::int64_t size = part_of(fair_, options_.fair_move_bps_x100);
  const std::int64_t step = std::max<std::int64_t>(1, size * window / 250);
  fair_ += static_cast<std::int64_t>(random_.below(2 * static_cast<std::uint64_t>(step) + 1)) - step;
  fair_ += (anchor_ - fair_) / 5000;
  fair_ = std::clamp<std::int64_t>(fair_, std::max<std::int64_t>(2, anchor_ / 4), anchor_ * 4);
}

void OrderFlow::populate(Time now) {
  const MatchingEngine& book = exchange_.book(instrument_);
  for (const Side side : {Side::buy, Side::sell}) {
    // Each attempt may hit a level that exists, so the number of attempts is bounded rather than the number of levels.
    for (std::size_t tries = 0; book.level_count(side) < options_.min_levels && tries < 20 * options_.min_levels;
         ++tries) {
      const auto other = book.best(opposite(side));
      const std::int64_t away = distance();
      std::int64_t ticks = side == Side::buy ? fair_ - away : fair_ + away;
      if (other && side == Side::buy) ticks = std::min(ticks, *other - 1);
      if (other && side == Side::sell) ticks = std::max(ticks, *other + 1);
      add_at(side, ticks, now);
    }
  }
}

void OrderFlow::act(Time now) {
  move_fair(now);
  const Side side = random_.chance(1, 2) ? Side::buy : Side::sell;
  // Adds and cancels are equally likely at the target and lean towards it elsewhere.
  const std::uint64_t live = std::min<std::uint64_t>(live_.size(), 2 * options_.target_orders);
  const std::uint64_t cancels = 920 * live / std::max<std::uint64_t>(1, 2 * options_.target_orders);
  const std::uint64_t dice = random_.below(1000);
  if (dice < cancels) {
    cancel_one(now);
  } else if (dice < 920) {
    add(side, now);
  } else if (dice < 990) {
    take(side, 1 + random_.below(2), now);
  } else {
    take(side, 10 + random_.below(30), now);
  }
}

void OrderFlow::add(Side side, Time now) {
  const std::int64_t away = distance();
  add_at(side, side == Side::buy ? fair_ - away : fair_ + away, now);
}

void OrderFlow::add_at(Side side, std::int64_t ticks, Time now) {
  const Instrument& spec = exchange_.instruments()[instrument_];
  OrderRequest request;
  request.account = maker_;
  request.instrument = instrument_;
  request.side = side;
  request.price = from_units(std::max<std::int64_t>(1, ticks), spec.tick);
  request.quantity = from_units(lots_for(1), spec.lot);
  const Exchange::Accepted placed = exchange_.place(request, now);
  if (placed.refusal == Refusal::none && exchange_.book(instrument_).rests(placed.id)) live_.push_back(placed.id);
}

void OrderFlow::cancel_one(Time now) {
  for (int tries = 0; tries < 8 && !live_.empty(); ++tries) {
    const std::size_t index = random_.below(live_.size());
    const OrderId id = live_[index];
    live_[index] = live_.back();
    live_.pop_back();
    if (exchange_.cancel(id, now) == Refusal::none) return;
  }
}

void OrderFlow::take(Side side, std::uint64_t size_factor, Time now) {
  const Instrument& spec = exchange_.instruments()[instrument_];
  OrderRequest request;
  request.account = taker_;
  request.instrument = instrument_;
  request.side = side;
  request.market = true;
  request.quantity = from_units(lots_for(size_factor), spec.lot);
  exchange_.place(request, now);
}

std::int64_t OrderFlow::lots_for(std::uint64_t size_factor) {
  const Instrument& spec = exchange_.instruments()[instrument_];
  // Size of one lot in quote, scaled so that it stays a whole number.
  const Decimal lot_value = from_units(fair_, spec.tick) * spec.lot;
  const Decimal typical = options_.notional * static_cast<std::int64_t>(size_factor);
  const auto lots = to_units(divide(typical, lot_value, 0, Rounding::floor), 1).value_or(1);
  return 1 + std::min<std::int64_t>(exponential(std::max<std::int64_t>(1, lots)), std::int64_t{1} << 50);
}

std::int64_t OrderFlow::distance() {
  const std::int64_t near = part_of(fair_, options_.spread_bps_x100);
  // One order in eight is placed well away from the touch.
  const std::int64_t scale = random_.chance(1, 8) ? 12 : 2;
  return 1 + near / 2 + exponential(std::max<std::int64_t>(1, near * scale + 4 * scale));
}

std::int64_t OrderFlow::exponential(std::int64_t mean) {
  const std::uint64_t bits = random_.next() | 1U;
  const auto zeros = static_cast<std::int64_t>(std::countl_zero(bits));
  // -log2 of a uniform number, the part behind the point taken as linear in 1/1024ths; its mean is 1.5.
  const auto fraction = static_cast<std::int64_t>(random_.below(1024));
  const std::int64_t sample = zeros * 1024 + fraction;
  return mean / 1536 * sample + mean % 1536 * sample / 1536;
}

}  // namespace calypte::sim
