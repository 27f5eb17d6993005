// The refusal of an order or a setting by us: nothing was sent.
#pragma once

#include <string>
#include <utility>

#include "calypte/result.hpp"

namespace calypte {

inline Status denied(FailureReason reason, std::string message) {
  return {StatusCode::denied, reason, std::move(message)};
}

}  // namespace calypte
