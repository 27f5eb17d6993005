#include "engine/protocol/node_desk.hpp"

#include <array>
#include <chrono>
#include <gtest/gtest.h>
#include <vector>

namespace calypte::engine {
namespace {

using namespace std::chrono_literals;

TEST(NodeDeskTest, more_questions_than_may_wait_fail_on_the_next_turn_as_not_sent) {
  Actions actions;
  NodeDesk desk(actions);
  const Time now = from_unix_ms(1'700'000'000'000);
  const std::array calls{evm::rpc::Call{.method = "eth_blockNumber"}};
  std::vector<StatusCode> told;
  for (std::size_t i = 0; i <= NodeDesk::kMaxWaiting; ++i) {
    desk.ask("block number", calls, 10s, now, [&](const NodeReply& reply) { told.push_back(reply.status.code()); });
  }
  EXPECT_EQ(actions.size(), NodeDesk::kMaxWaiting);
  EXPECT_TRUE(told.empty()) << "nothing is told from inside the call";
  EXPECT_TRUE(desk.settle(now));
  EXPECT_EQ(told, std::vector{StatusCode::not_sent});
  EXPECT_FALSE(desk.settle(now)) << "told once";
}

}  // namespace
}  // namespace calypte::engine
