// The fixture of the cases that run over every venue with a simulated one.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/event_sequence.hpp"
#include "support/venue_world.hpp"

namespace calypte::test {

class VenueCase : public testing::TestWithParam<std::string> {
 protected:
  VenueWorld& w() {
    if (!world_) world_ = std::make_unique<VenueWorld>(GetParam());
    return *world_;
  }
  VenueWorld& with(VenueWorld::Options options) {
    world_ = std::make_unique<VenueWorld>(GetParam(), std::move(options));
    return *world_;
  }
  [[nodiscard]] static std::unique_ptr<venue::Venue> connector() { return connector::make_venue(GetParam()); }

  /// The next `times` requests of this name go wrong in this way.
  void fault(std::string name, sim::RequestFault fault, int times = 1'000'000) {
    w().world->network.request_fault = [name, fault, times](std::string_view asked) mutable {
      return asked == name && times-- > 0 ? fault : sim::RequestFault::none;
    };
  }
  /// Every request goes wrong in this way, until `heal`.
  void fault_all(sim::RequestFault fault) {
    w().world->network.request_fault = [fault](std::string_view) { return fault; };
  }
  void heal_requests() { w().world->network.request_fault = nullptr; }
  /// The network is as good as new from now on.
  void heal() {
    auto& network = w().world->network;
    network.request_fault = nullptr;
    network.reply_on_the_way = nullptr;
    network.on_the_way = nullptr;
    network.refuse_connections = false;
    network.mute_streams = false;
  }
  /// No request and no stream gets through, as without DNS.
  void cut_off() {
    w().world->network.refuse_connections = true;
    w().world->cut_streams("the network is gone");
  }
  /// Deep enough in the book for a small order to be filled whole at once.
  [[nodiscard]] Decimal taking_price() { return w().away(101); }
  [[nodiscard]] std::size_t orders_at_venue() { return w().venue->exchange().orders(w().venue->test_account()).size(); }

  // --- What the private stream said, to be said again ---

  void record_user_frames() {
    w().world->network.on_the_way = [this](venue::StreamId stream, std::string text) {
      if (stream.kind == venue::StreamKind::user) recorded_.emplace_back(stream, text);
      return std::optional(std::move(text));
    };
  }
  /// Everything recorded arrives once more, in the same order.
  void say_again() {
    for (const auto& [stream, text] : recorded_) hear(stream, text);
  }
  void hear(venue::StreamId stream, const std::string& text) {
    w().engine->on_frame(stream, buffer_.assign(text), w().world->now());
    w().world->settle();
  }
  [[nodiscard]] std::size_t recorded() const { return recorded_.size(); }

  // --- What must hold whatever happened before ---

  /// Fills, executed amounts and endings of these orders are those of the venue's ledger, no fill is told twice, and
  /// the events came in a legal order.
  void expect_orders_as_at_venue(const std::vector<ClientOrderId>& ids) {
    EXPECT_THAT(breaches(), testing::IsEmpty());
    for (const auto& id : ids) {
      const auto* truth = w().at_venue(id);
      Decimal told;
      for (const auto& fill : w().all<OrderFilledEvent>(id)) told += fill.amount;
      EXPECT_EQ(told, truth == nullptr ? Decimal() : truth->filled) << w().story(id);
      const auto* order = w().engine->order(id);
      ASSERT_NE(order, nullptr) << w().story(id);
      EXPECT_EQ(order->executed_amount_base(), told) << w().story(id);
      if (truth == nullptr) {
        EXPECT_EQ(w().count<MarketOrderFailureEvent>(id), 1U) << w().story(id);
        continue;
      }
      EXPECT_EQ(w().count<MarketOrderFailureEvent>(id), 0U) << "the venue has it: " << w().story(id);
      EXPECT_EQ(order->is_done(), sim::is_closed(truth->state)) << w().story(id);
      EXPECT_EQ(order->is_filled(), truth->state == sim::OrderState::filled) << w().story(id);
      EXPECT_EQ(order->is_cancelled(), truth->state == sim::OrderState::cancelled) << w().story(id);
    }
  }
  [[nodiscard]] std::vector<std::string> breaches() {
    return test_support::check_event_sequence(w().world->events(), created_before_);
  }
  /// Orders whose creation was told before the events began (after a restart).
  void created_before(const ClientOrderId& id) { created_before_.insert(id); }

  /// The venue, or somebody with the same key, cancels it.
  void cancel_by_hand(const ClientOrderId& id) {
    w().by_hand([&](sim::Exchange& exchange) {
      const auto found = exchange.find_client_id(w().venue->test_account(), id.value);
      ASSERT_TRUE(found);
      EXPECT_EQ(exchange.cancel(*found, w().world->now()), sim::Refusal::none);
    });
  }

 private:
  std::unique_ptr<VenueWorld> world_;
  std::vector<std::pair<venue::StreamId, std::string>> recorded_;
  std::set<ClientOrderId> created_before_;
  venue::PaddedBuffer buffer_;
};

}  // namespace calypte::test
