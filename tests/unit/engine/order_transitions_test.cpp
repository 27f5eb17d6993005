#include "engine/order_transitions.hpp"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>

#include "support/test_data.hpp"

namespace calypte::engine {
namespace {

TEST(OrderTransitions, terminal_states_absorb_every_report) {
  for (int from = 0; from < kOrderStateCount; ++from) {
    const auto state = static_cast<OrderState>(from);
    EXPECT_EQ(verdict(state, state), Verdict::repeated) << to_string(state);
    for (int to = 0; to < kOrderStateCount; ++to) {
      const Verdict v = verdict(state, static_cast<OrderState>(to));
      if (!is_terminal(state)) continue;
      EXPECT_TRUE(v != Verdict::taken && v != Verdict::if_newer) << from << ' ' << to;
    }
  }
  for (const auto end : {OrderState::canceled, OrderState::filled, OrderState::failed, OrderState::expired}) {
    EXPECT_TRUE(is_terminal(end));
    EXPECT_EQ(verdict(end, OrderState::open), Verdict::stale);
    for (const auto live :
         {OrderState::pending_create, OrderState::open, OrderState::partially_filled, OrderState::pending_cancel}) {
      EXPECT_FALSE(is_terminal(live));
      EXPECT_EQ(verdict(live, end), Verdict::taken);
    }
  }
  EXPECT_EQ(verdict(OrderState::canceled, OrderState::filled), Verdict::conflict);
}

TEST(OrderTransitions, nothing_leads_back_but_a_refused_cancel) {
  EXPECT_EQ(verdict(OrderState::partially_filled, OrderState::open), Verdict::stale);
  EXPECT_EQ(verdict(OrderState::open, OrderState::pending_create), Verdict::stale);
  EXPECT_EQ(verdict(OrderState::pending_cancel, OrderState::open), Verdict::if_newer);
  EXPECT_EQ(verdict(OrderState::pending_cancel, OrderState::partially_filled), Verdict::if_newer);
}

TEST(OrderTransitions, committed_page_is_what_the_table_draws) {
  const std::string path = (calypte::test::tests_folder().parent_path() / "docs" / "order-lifecycle.md").string();
  const std::string drawn = order_lifecycle_markdown();
  if (const char* update = std::getenv("CALYPTE_UPDATE_DOCS"); update != nullptr && std::string(update) == "1") {
    std::ofstream(path, std::ios::binary) << drawn;
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream committed;
  committed << file.rdbuf();
  EXPECT_EQ(committed.str(), drawn)
      << "docs/order-lifecycle.md is out of date. Draw it again: CALYPTE_UPDATE_DOCS=1 unit_engine "
         "--gtest_filter='OrderTransitions.*'";
}

}  // namespace
}  // namespace calypte::engine
