#include "engine/recovery.hpp"

#include <gtest/gtest.h>

#include "engine/event_json.hpp"
#include "engine/journal_record.hpp"

namespace calypte::engine {
namespace {

// Found by the simulation: behind a checkpoint that held no event, the first event had the number 1 again.
TEST(Recovery, numbers_of_events_go_on_behind_a_checkpoint_that_has_none) {
  Recovery recovery;
  ASSERT_TRUE(recovery.apply(RecordKind::connector, to_json(ConnectorIdentity{"venue", "cal", "local"})).ok());
  ASSERT_TRUE(recovery.apply(RecordKind::checkpoint_begin, "").ok());
  ASSERT_TRUE(recovery.apply(RecordKind::checkpoint_end, "").ok());
  ASSERT_TRUE(recovery.apply(RecordKind::told, told_record(347)).ok());
  EXPECT_EQ(recovery.last_event(), 347U);
  EXPECT_EQ(recovery.told(), 347U);
  EXPECT_TRUE(recovery.events_to_tell(std::nullopt).empty());
}

}  // namespace
}  // namespace calypte::engine
