// The calls of `cancel_all` that wait for their outcomes.
#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "calypte/connector.hpp"

namespace calypte::engine {

class OrderTracker;

class CancelAlls {
 public:
  /// `done` is called by `settle`, once.
  void begin(std::span<const ClientOrderId> ids, Time deadline, ConnectorBase::CancelAllDone done);
  /// How the cancel of an order was answered. A success is not taken back.
  void note(const ClientOrderId& id, CancellationOutcome outcome);
  /// Tells those whose orders all have an outcome, or whose time is over.
  void settle(const OrderTracker& orders, Time now);
  void excuse(Duration lost, Time now);  ///< engine/excuse.hpp
  [[nodiscard]] Time next_wakeup() const;

 private:
  struct Waiting {
    Time deadline{};
    ConnectorBase::CancelAllDone done;
    std::vector<std::pair<ClientOrderId, std::optional<CancellationOutcome>>> orders;
  };
  std::vector<Waiting> waiting_;
};

}  // namespace calypte::engine
