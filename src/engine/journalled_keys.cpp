#include "engine/journalled_keys.hpp"

namespace calypte::engine {

bool JournalledKeys::insert(const std::string& key) {
  if (!keys_.insert(key)) return false;
  if (keeps_changes_) changes_.push_back(key);
  return true;
}

void JournalledKeys::write_changes(RoundWriter& round) {
  for (const auto& key : changes_) round.memo(name_ + key, {});
  changes_.clear();
}

void JournalledKeys::write_all(const std::function<RoundWriter&()>& next) const {
  const auto& keys = keys_.keys();
  const std::size_t skipped = keys.size() > kKeysOfCheckpoint ? keys.size() - kKeysOfCheckpoint : 0;
  for (std::size_t i = skipped; i < keys.size(); ++i) next().memo(name_ + keys[i], {});
}

void JournalledKeys::restore(const Recovery& recovery) {
  const auto& memos = recovery.memos();
  for (auto it = memos.lower_bound(name_); it != memos.end() && it->first.starts_with(name_); ++it) {
    keys_.insert(it->first.substr(name_.size()));
  }
}

}  // namespace calypte::engine
