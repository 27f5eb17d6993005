// The comparison with the venue's ledger when the faults have ended.
#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "sim/oracle.hpp"

namespace calypte::sim {

namespace {

/// Connectors read payments from a list that the venue fills a little later: these are asked for just now.
constexpr Duration kPaymentsOnTheirWay = std::chrono::seconds{10};

}  // namespace

std::vector<Violation> Oracle::compare(const engine::ExchangeEngine& engine, const ChaosStrategy& strategy,
                                       const std::string& delisted, Time now) const {
  std::vector<Violation> out;
  compare_books(engine, delisted, out, now);
  compare_orders(engine, strategy, out, now);
  compare_account(engine, out, now);
  return out;
}

void Oracle::compare_books(const engine::ExchangeEngine& engine, const std::string& delisted,
                           std::vector<Violation>& out, Time now) const {
  for (const auto& market : markets_) {
    const auto& instrument = venue_.exchange().instruments()[market.instrument];
    const OrderBook* book = engine.order_book(market.pair);
    const BookLevels* live = book == nullptr ? nullptr : book->live();
    if (live == nullptr) {
      // One that has ended need not be followed.
      if (instrument.symbol != delisted) {
        out.push_back({now,
                       fmt::format("the book of {} is not live: {}", instrument.symbol,
                                   book == nullptr ? "not followed" : book->state_reason()),
                       {}});
      }
      continue;
    }
    const auto compare = [&](Side side, const std::vector<OrderBookRow>& ours) {
      std::vector<EngineLevel> truth;
      venue_.exchange().book(market.instrument).levels(side, ours.size(), truth);
      bool equal = ours.size() >= kDepth && truth.size() == ours.size();
      for (std::size_t i = 0; equal && i < ours.size(); ++i) {
        equal = ours[i].price == from_units(truth[i].price, instrument.tick) &&
                ours[i].amount == from_units(truth[i].quantity, instrument.lot);
      }
      if (!equal) {
        out.push_back({now,
                       fmt::format("the {} of {} are not the venue's ({} levels against {})",
                                   side == Side::buy ? "bids" : "asks", instrument.symbol, ours.size(), truth.size()),
                       {}});
      }
    };
    compare(Side::buy, live->bids());
    compare(Side::sell, live->asks());
  }
}

void Oracle::compare_orders(const engine::ExchangeEngine& engine, const ChaosStrategy& strategy,
                            std::vector<Violation>& out, Time now) const {
  const Exchange& exchange = venue_.exchange();
  const AccountId account = venue_.test_account();
  const auto differs = [&](const ClientOrderId& id, std::string what) {
    out.push_back({now, fmt::format("order {}: {}", id.value, what), story(id) + engine.explain(id)});
  };

  std::map<OrderId, std::vector<const FillRecord*>> fills;
  for (const auto& fill : exchange.fills(account)) fills[fill.order].push_back(&fill);

  std::set<OrderId> named;
  for (const auto& [id, placed_at] : strategy.placed()) {
    const auto heard = orders_.find(id);
    const InFlightOrder* ours = engine.order(id);
    const auto venue_id = exchange.find_client_id(account, id.value);
    if (!venue_id) {
      if (ours != nullptr && ours->is_open()) differs(id, "is open for the connector, the venue never had it");
      if (heard == orders_.end()) {
        // Never journalled: possible only if the process died in the round in which it was placed.
        if (!deaths_.contains(placed_at) && ours == nullptr) differs(id, "forgotten without a word");
        continue;
      }
      if (heard->second.created || !heard->second.fills.empty()) differs(id, "was told of, the venue never had it");
      if (heard->second.ending != "Failure" && heard->second.ending != "Cancelled") {
        differs(id, "the venue never had it, and nothing says that it failed");
      }
      continue;
    }
    named.insert(*venue_id);
    const OrderRecord& record = *exchange.order(*venue_id);
    if (heard == orders_.end()) {
      differs(id, "the venue has it, the strategy never heard of it");
      continue;
    }
    const Heard& order = heard->second;
    std::string_view ending;
    switch (record.state) {
      case OrderState::filled:
        ending = "Completed";
        break;
      case OrderState::cancelled:
        ending = "Cancelled";
        break;
      case OrderState::rejected:
        ending = "Failure";
        break;
      case OrderState::pending:
      case OrderState::active:
        break;
    }
    const bool open = ours != nullptr && ours->is_open();
    const bool ended_so =
        order.ending == ending || (ending == "Cancelled" && (order.ending == "Expired" || order.ending == "Failure"));
    if (!ended_so) {
      differs(id, fmt::format("ended as '{}' for the strategy, as '{}' at the venue", order.ending, ending));
    }
    if (open == !ending.empty()) {
      differs(id, open ? "is open for the connector, has ended at the venue" : "is open at the venue, and not tracked");
    }
    if (order.unknown) differs(id, "its outcome was unknown and never resolved");
    const auto& executed = fills[*venue_id];
    if (executed.size() != order.fills.size()) {
      differs(id, fmt::format("{} fills were told, the venue has {}", order.fills.size(), executed.size()));
    }
    for (const FillRecord* fill : executed) {
      const auto told = order.fills.find(venue_.wire_trade_id(fill->id));
      if (told == order.fills.end()) {
        differs(id, fmt::format("fill {} was never told", venue_.wire_trade_id(fill->id)));
        continue;
      }
      const OrderFilledEvent& event = told->second;
      if (event.price != fill->price || event.amount != fill->quantity) {
        differs(id, fmt::format("fill {} was told as {} at {}, and was {} at {}", told->first, event.amount.to_string(),
                                event.price.to_string(), fill->quantity.to_string(), fill->price.to_string()));
      }
      Decimal fee;
      for (const auto& part : event.trade_fee.flat_fees) {
        if (part.token == fill->fee_asset) fee += part.amount;
      }
      if (fee != fill->fee) {
        differs(id, fmt::format("the fee of fill {} was told as {}, and was {} {}", told->first, fee.to_string(),
                                fill->fee.to_string(), fill->fee_asset));
      }
    }
  }
  for (const OrderId id : exchange.orders(account)) {
    const OrderRecord& record = *exchange.order(id);
    if (named.contains(id) || record.request.origin != OrderOrigin::user) continue;
    out.push_back({now,
                   fmt::format("the venue has an order {} ({}) that nobody placed, or that was placed twice", id,
                               record.request.client_id),
                   {}});
  }
  for (const InFlightOrder* order : engine.in_flight_orders()) {
    if (!strategy.placed().contains(order->client_order_id())) {
      differs(order->client_order_id(), "is tracked, and nobody placed it");
    }
  }
  if (exchange.duplicates_refused() > 0) {
    out.push_back({now, fmt::format("{} orders were sent twice", exchange.duplicates_refused()), {}});
  }
}

void Oracle::compare_account(const engine::ExchangeEngine& engine, std::vector<Violation>& out, Time now) const {
  const Exchange& exchange = venue_.exchange();
  const AccountId account = venue_.test_account();
  const auto* derivative = dynamic_cast<const Derivative*>(&engine);
  const auto differs = [&](std::string what) { out.push_back({now, std::move(what), {}}); };
  for (const auto& [asset, truth] : exchange.accounts().balances(account)) {
    if (engine.balance(asset) != truth.total) {
      differs(fmt::format("the balance of {} is {} for the connector, {} at the venue", asset,
                          engine.balance(asset).to_string(), truth.total.to_string()));
    }
    if (derivative == nullptr && engine.available_balance(asset) != truth.available()) {
      differs(fmt::format("{} {} are available for the connector, {} at the venue",
                          engine.available_balance(asset).to_string(), asset, truth.available().to_string()));
    }
  }
  if (derivative == nullptr) return;
  std::size_t open = 0;
  for (const auto& [key, truth] : exchange.positions(account)) {
    if (!truth.is_open()) continue;
    ++open;
    const auto& listed = exchange.instruments()[key.instrument];
    const auto side = key.side == PositionSide::net         ? calypte::PositionSide::net
                      : key.side == PositionSide::long_side ? calypte::PositionSide::long_side
                                                            : calypte::PositionSide::short_side;
    const auto* held = derivative->position(TradingPair::from_assets(listed.base, listed.quote), side);
    if (held == nullptr || held->amount != truth.amount || held->entry_price != truth.entry_price()) {
      differs(fmt::format("the position in {} is {} at {} for the connector, {} at {} at the venue", listed.symbol,
                          held == nullptr ? "nothing" : held->amount.to_string(),
                          held == nullptr ? "-" : held->entry_price.to_string(), truth.amount.to_string(),
                          truth.entry_price().to_string()));
    }
  }
  if (derivative->positions().size() != open) {
    differs(fmt::format("the connector knows {} positions, the venue {}", derivative->positions().size(), open));
  }
  std::size_t paid = 0;
  for (const auto& payment : exchange.funding_payments(account)) {
    // What comes to nothing is not booked, and so not listed.
    if (payment.payment.is_zero()) continue;
    const bool told = std::any_of(payments_.begin(), payments_.end(), [&](const auto& each) {
      return each.first.find(std::to_string(payment.id)) != std::string::npos && each.second.amount == payment.payment;
    });
    if (!told && now - payment.time < kPaymentsOnTheirWay) continue;
    ++paid;
    if (!told) differs(fmt::format("funding payment {} of {} was never told", payment.id, payment.payment.to_string()));
  }
  if (payments_.size() != paid)
    differs(fmt::format("{} funding payments were told, {} were paid", payments_.size(), paid));
}

}  // namespace calypte::sim
