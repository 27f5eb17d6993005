// Recent keys that survive a restart by the journal: what was told once is not told again by the next process.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/journal_record.hpp"
#include "engine/recent_keys.hpp"
#include "engine/recovery.hpp"

namespace calypte::engine {

class JournalledKeys {
 public:
  /// At a checkpoint the newest so many are written: a restart reads lists of the venue from a little before the last
  /// comparison on, which is far less.
  static constexpr std::size_t kKeysOfCheckpoint = 10'000;

  /// `name` tells them from other keys in the journal; it ends in a colon.
  JournalledKeys(std::size_t capacity, std::string_view name) : keys_(capacity), name_(name) {}

  void keep_changes() noexcept { keeps_changes_ = true; }
  [[nodiscard]] bool contains(const std::string& key) const { return keys_.contains(key); }
  /// False if it is there already.
  bool insert(const std::string& key);
  /// As `insert`, where another entry of the journal says the same.
  bool insert_silently(const std::string& key) { return keys_.insert(key); }

  void write_changes(RoundWriter& round);
  void write_all(const std::function<RoundWriter&()>& next) const;
  void restore(const Recovery& recovery);

 private:
  RecentKeys keys_;
  std::string name_;
  bool keeps_changes_ = false;
  std::vector<std::string> changes_;
};

}  // namespace calypte::engine
