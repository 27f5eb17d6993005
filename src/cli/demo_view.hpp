// The demo's live view on a terminal: book ladder, own orders, event log, latencies.
#pragma once

#include <memory>

#include "calypte/calypte.hpp"

#include "cli/demo_strategy.hpp"

namespace calypte::cli {

class DemoView {
 public:
  /// Takes the terminal over until destroyed. Null if there is no terminal that can show it.
  static std::unique_ptr<DemoView> open();
  ~DemoView();
  DemoView(const DemoView&) = delete;
  DemoView& operator=(const DemoView&) = delete;

  void draw(const Exchange& exchange, const DemoStrategy& strategy, const TradingPair& pair, Duration left);

 private:
  DemoView() = default;
};

}  // namespace calypte::cli
