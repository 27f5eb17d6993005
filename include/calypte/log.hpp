// Where log lines go. The engine writes through this interface and knows no file and no console.
#pragma once

#include <cstdint>
#include <string_view>

namespace calypte {

enum class LogLevel : std::uint8_t { trace, debug, info, warning, error };

class LogSink {
 public:
  virtual ~LogSink() = default;
  /// Called on the connector's thread. `component` is e.g. "crypto_com.order_book". Must not throw.
  virtual void log(LogLevel level, std::string_view component, std::string_view message) = 0;
  [[nodiscard]] virtual bool enabled(LogLevel level) const noexcept { return level >= LogLevel::info; }
};

/// Swallows everything. The default.
[[nodiscard]] LogSink& null_log() noexcept;

}  // namespace calypte
