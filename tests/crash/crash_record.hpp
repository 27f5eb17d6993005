// What the strategy of the crash test writes down for itself: one line for each order before it leaves and for each
// event as it is told, in a file of its own that no end of the process can take back.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "calypte/calypte.hpp"

#include "cli/demo_strategy.hpp"

namespace calypte::test {

class CrashRecord {
 public:
  explicit CrashRecord(const std::string& path);
  ~CrashRecord();
  CrashRecord(const CrashRecord&) = delete;
  CrashRecord& operator=(const CrashRecord&) = delete;

  void placed(const ClientOrderId& id, TradeType side, const Decimal& price, const Decimal& amount);
  void event(std::uint64_t number, const Event& event);
  void balances(const std::vector<std::pair<std::string, Balance>>& balances);

 private:
  void line(const std::string& text);
  int file_;
};

/// What a record says, read back.
struct CrashStory {
  std::map<ClientOrderId, cli::HeardOrder> orders;
  std::vector<std::pair<std::string, Balance>> balances;  ///< of the last process
  std::uint64_t last_event = 0;
  std::vector<std::string> faults;  ///< events out of turn, told twice or missing; lines that cannot be read
};
[[nodiscard]] CrashStory read_crash_story(const std::string& path);

}  // namespace calypte::test
