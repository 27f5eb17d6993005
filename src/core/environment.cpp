#include "calypte/runtime.hpp"

namespace calypte {

std::string_view to_string(Environment environment) noexcept {
  switch (environment) {
    case Environment::live:
      return "live";
    case Environment::testnet:
      return "testnet";
    case Environment::local:
      return "local";
  }
  return "?";
}

Result<Environment> parse_environment(std::string_view text) {
  for (const auto environment : {Environment::live, Environment::testnet, Environment::local}) {
    if (text == to_string(environment)) return environment;
  }
  return Status(StatusCode::malformed, "not an environment; there are live, testnet and local");
}

}  // namespace calypte
