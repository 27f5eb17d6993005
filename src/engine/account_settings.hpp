// What the account is set to at the venue: position mode, and leverage and margin type of each contract.
//
// A setting is confirmed only by the venue: by an answer to a question, by the success of a change, or by a report of
// the stream. A change that is refused for certain leaves it as it was; one with an unknown outcome makes it unknown,
// and the venue is asked until it says. An answer to a question that was sent before the newest news is not used.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/derivative.hpp"
#include "calypte/events.hpp"
#include "calypte/log.hpp"

#include "engine/request_desk.hpp"
#include "engine/setting.hpp"
#include "venue/venue.hpp"

namespace calypte::engine {

class AccountSettings {
 public:
  AccountSettings(const venue::VenueSpec& spec, RequestDesk& desk, LogSink& log);
  AccountSettings(const AccountSettings&) = delete;
  AccountSettings& operator=(const AccountSettings&) = delete;

  /// Reads everything; what is known stays known meanwhile. Again after each reconnect, since nobody tells of a change
  /// that was made while nobody listened.
  void start(Time now);
  void stop() { running_ = false; }
  /// Reads leverage and margin type of this contract too. A second call does nothing.
  void follow(const TradingPair& pair, const Symbol& symbol, Time now);
  void drop(const TradingPair& pair);

  /// As in calypte/derivative.hpp. The contract need not be followed; it is from now on.
  Status set_position_mode(PositionMode mode, Time now);
  Status set_leverage(const TradingPair& pair, const Symbol& symbol, std::uint32_t leverage, Time now);
  Status set_margin_type(const TradingPair& pair, const Symbol& symbol, MarginType type, Time now);

  /// The stream tells that somebody changed something.
  void on_report(const venue::PositionModeReport& report, Time now);
  void on_report(const venue::LeverageReport& report, Time now);
  /// The venue says of an order that it does not fit the position mode: it is asked for.
  void doubt_position_mode(Time now);

  void on_time(Time now);
  [[nodiscard]] Time next_wakeup() const;

  /// The contracts of which leverage and margin type are read.
  [[nodiscard]] std::vector<TradingPair> contracts() const;
  [[nodiscard]] std::span<const PositionMode> position_modes() const noexcept;
  [[nodiscard]] AccountSetting<PositionMode> position_mode() const { return mode_.read(); }
  /// Unknown for a contract that is not followed.
  [[nodiscard]] AccountSetting<std::uint32_t> leverage(const TradingPair& pair) const;
  [[nodiscard]] AccountSetting<MarginType> margin_type(const TradingPair& pair) const;

  /// `PositionModeChangedEvent`, `LeverageChangedEvent`, `MarginTypeChangedEvent`; the owner takes and clears.
  [[nodiscard]] std::vector<Event>& events() noexcept { return events_; }

 private:
  /// One contract's settings are read by one question.
  struct Contract {
    Symbol symbol;
    Setting<std::uint32_t> leverage;
    Setting<MarginType> margin_type;
    Inquiry inquiry;
  };

  void ask_position_mode();
  void ask_contract(const TradingPair& pair, Contract& contract);
  Contract& contract_of(const TradingPair& pair, const Symbol& symbol, Time now);
  Contract* find(const Symbol& symbol, TradingPair& pair);
  void apply(const venue::LeverageReport& report, Time asked, Time now);
  void tell(PositionMode mode, const Status& status, Time now);
  void tell(const TradingPair& pair, std::uint32_t leverage, const Status& status, Time now);
  void tell(const TradingPair& pair, MarginType type, const Status& status, Time now);
  /// Draws the consequences of the answer to a change; true if the venue has to be asked what it is.
  template <typename T, typename Tell>
  bool on_changed(Setting<T>& setting, const T& wanted, const std::optional<T>& told, const Reply& reply,
                  std::string_view what, Tell&& tell);

  const venue::VenueSpec& spec_;
  RequestDesk& desk_;
  LogSink& log_;
  bool running_ = false;
  Setting<PositionMode> mode_;
  Inquiry mode_inquiry_;
  std::map<TradingPair, Contract> contracts_;
  std::vector<Event> events_;
};

}  // namespace calypte::engine
