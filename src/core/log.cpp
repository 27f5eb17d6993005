#include "calypte/log.hpp"

namespace calypte {
namespace {

class NullLog final : public LogSink {
 public:
  void log(LogLevel, std::string_view, std::string_view) override {}
  [[nodiscard]] bool enabled(LogLevel) const noexcept override { return false; }
};

}  // namespace

LogSink& null_log() noexcept {
  static NullLog sink;
  return sink;
}

}  // namespace calypte
