// A set of texts that forgets the oldest at its bound.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_set>

namespace calypte::engine {

class RecentKeys {
 public:
  explicit RecentKeys(std::size_t capacity) : capacity_(capacity) {}

  [[nodiscard]] bool contains(const std::string& key) const { return keys_.contains(key); }
  /// False if it is there already; that does not make it younger.
  bool insert(const std::string& key) {
    if (!keys_.insert(key).second) return false;
    order_.push_back(key);
    if (order_.size() > capacity_) {
      keys_.erase(order_.front());
      order_.pop_front();
    }
    return true;
  }
  /// Oldest first.
  [[nodiscard]] const std::deque<std::string>& keys() const noexcept { return order_; }

 private:
  std::size_t capacity_;
  std::unordered_set<std::string> keys_;
  std::deque<std::string> order_;
};

}  // namespace calypte::engine
