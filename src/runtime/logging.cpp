#include "runtime/logging.hpp"

#include <exception>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <string>
#include <string_view>
#include <utility>

namespace calypte::runtime {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::trace:
      return spdlog::level::trace;
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

void append_printable(std::string& line, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7F) {
      line.push_back(c);
    } else {
      line.append("\\x").push_back(kHex[byte >> 4U]);
      line.push_back(kHex[byte & 0xFU]);
    }
  }
}

class SpdlogSink final : public LogSink {
 public:
  SpdlogSink(LogLevel least, spdlog::sink_ptr sink) : least_(least), logger_("calypte", std::move(sink)) {
    logger_.set_formatter(
        std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%fZ %l %v", spdlog::pattern_time_type::utc));
    logger_.set_level(to_spdlog(least));
    logger_.flush_on(spdlog::level::warn);
    // The default handler writes the failed message's format to stderr; a full disk must not flood the terminal.
    logger_.set_error_handler([](const std::string&) {});
  }
  ~SpdlogSink() override { logger_.flush(); }
  SpdlogSink(const SpdlogSink&) = delete;
  SpdlogSink& operator=(const SpdlogSink&) = delete;

  void log(LogLevel level, std::string_view component, std::string_view message) override {
    if (!enabled(level)) return;
    try {
      std::string line;
      line.reserve(component.size() + 2 + message.size());
      append_printable(line, component);
      line += ": ";
      append_printable(line, message);
      logger_.log(to_spdlog(level), spdlog::string_view_t(line));
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
      // Out of memory for a log line: the line is lost, as the header says.
    }
  }
  [[nodiscard]] bool enabled(LogLevel level) const noexcept override { return level >= least_; }

 private:
  LogLevel least_;
  spdlog::logger logger_;
};

}  // namespace

std::shared_ptr<LogSink> make_log(LogLevel least) {
  return std::make_shared<SpdlogSink>(least, std::make_shared<spdlog::sinks::stderr_sink_mt>());
}

Result<std::shared_ptr<LogSink>> make_log(LogLevel least, const std::filesystem::path& file) {
  try {
    return std::shared_ptr<LogSink>(
        std::make_shared<SpdlogSink>(least, std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string())));
  } catch (const std::exception& error) {
    return Status{StatusCode::denied, "log file: " + std::string(error.what())};
  }
}

}  // namespace calypte::runtime
