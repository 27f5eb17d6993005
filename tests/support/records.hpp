// Reading records in tests.
#pragma once

#include <variant>
#include <vector>

#include "venue/records.hpp"

namespace calypte::test {

/// The records of one kind, in order.
template <typename T>
std::vector<T> all(const venue::Records& records) {
  std::vector<T> found;
  for (const auto& record : records.items()) {
    if (const auto* item = std::get_if<T>(&record)) found.push_back(*item);
  }
  return found;
}

}  // namespace calypte::test
