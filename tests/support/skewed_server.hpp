// A venue whose clock differs from ours: between a world and a simulated venue.
#pragma once

#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "venue/server_wire.hpp"

namespace calypte::test {

class SkewedServer final : public venue::WireServer {
 public:
  /// `server` must outlive it. Its clock is ahead of ours by `offset`, which may be negative and may change, as long as
  /// the server's own time does not go back.
  explicit SkewedServer(venue::WireServer& server, Duration offset) : server_(server), offset_(offset) {}
  void set_offset(Duration offset) { offset_ = offset; }

  venue::ServerReply on_request(const venue::ServerRequest& request, Time now) override {
    auto reply = server_.on_request(request, there(now));
    reply.headers.push_back({"Date", http_date(there(now))});
    return reply;
  }
  bool on_connect(venue::ConnectionId connection, const std::string& target, Time now) override {
    return server_.on_connect(connection, target, there(now));
  }
  void on_text(venue::ConnectionId connection, venue::Bytes text, Time now) override {
    server_.on_text(connection, text, there(now));
  }
  void on_disconnect(venue::ConnectionId connection, Time now) override {
    server_.on_disconnect(connection, there(now));
  }
  void on_time(Time now) override { server_.on_time(there(now)); }
  [[nodiscard]] Time next_wakeup() const override {
    const Time there = server_.next_wakeup();
    return there == kNever ? kNever : there - offset_;
  }
  [[nodiscard]] std::vector<venue::ServerAction>& actions() override { return server_.actions(); }

 private:
  [[nodiscard]] Time there(Time now) const { return now + offset_; }
  /// As real servers say it, in whole seconds: "Sun, 06 Nov 1994 08:49:37 GMT".
  [[nodiscard]] static std::string http_date(Time time) {
    constexpr std::array kDayNames = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                  kDayNames.at(std::chrono::weekday(day).c_encoding()), static_cast<unsigned>(date.day()),
                  kMonths.at(static_cast<unsigned>(date.month()) - 1), static_cast<int>(date.year()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text.data();
  }

  venue::WireServer& server_;
  Duration offset_;
};

}  // namespace calypte::test
