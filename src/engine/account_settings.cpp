#include "engine/account_settings.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>
#include <variant>

#include "core/denied.hpp"

namespace calypte::engine {

using namespace std::chrono_literals;

namespace {

constexpr Duration kRequestLimit = 10s;
constexpr std::array kOneWayOnly = {PositionMode::one_way};

template <typename T>
Status check_change(const Setting<T>& setting, std::string_view what) {
  if (setting.state() != Setting<T>::State::changing) return {};
  return denied(FailureReason::not_ready, fmt::format("{} is being changed already", what));
}

}  // namespace

AccountSettings::AccountSettings(const venue::VenueSpec& spec, RequestDesk& desk, LogSink& log)
    : spec_(spec), desk_(desk), log_(log) {
  // Where there is one mode there is nothing to ask.
  if (position_modes().size() == 1) mode_.told(position_modes().front(), {}, {});
}

std::span<const PositionMode> AccountSettings::position_modes() const noexcept {
  return spec_.positions.modes.empty() ? std::span<const PositionMode>(kOneWayOnly) : spec_.positions.modes;
}

void AccountSettings::start(Time now) {
  running_ = true;
  if (position_modes().size() > 1) mode_inquiry_.ask(now);
  for (auto& [pair, contract] : contracts_) contract.inquiry.ask(now);
}

void AccountSettings::follow(const TradingPair& pair, const Symbol& symbol, Time now) {
  contract_of(pair, symbol, now);
}

void AccountSettings::drop(const TradingPair& pair) {
  const auto it = contracts_.find(pair);
  if (it == contracts_.end()) return;
  // What a change that is under way leads to is still told.
  if (it->second.leverage.wanted() || it->second.margin_type.wanted()) return;
  contracts_.erase(it);
}

AccountSettings::Contract& AccountSettings::contract_of(const TradingPair& pair, const Symbol& symbol, Time now) {
  const auto [it, added] = contracts_.try_emplace(pair);
  if (added) {
    it->second.symbol = symbol;
    it->second.inquiry.ask(now);
  }
  return it->second;
}

AccountSettings::Contract* AccountSettings::find(const Symbol& symbol, TradingPair& pair) {
  for (auto& [key, contract] : contracts_) {
    if (contract.symbol != symbol) continue;
    pair = key;
    return &contract;
  }
  return nullptr;
}

std::vector<TradingPair> AccountSettings::contracts() const {
  std::vector<TradingPair> pairs;
  pairs.reserve(contracts_.size());
  for (const auto& [pair, contract] : contracts_) pairs.push_back(pair);
  return pairs;
}

AccountSetting<std::uint32_t> AccountSettings::leverage(const TradingPair& pair) const {
  const auto it = contracts_.find(pair);
  return it == contracts_.end() ? AccountSetting<std::uint32_t>{} : it->second.leverage.read();
}

AccountSetting<MarginType> AccountSettings::margin_type(const TradingPair& pair) const {
  const auto it = contracts_.find(pair);
  return it == contracts_.end() ? AccountSetting<MarginType>{} : it->second.margin_type.read();
}

// --- Questions -----------------------------------------------------------------------------------------------------

void AccountSettings::on_time(Time now) {
  if (!running_) return;
  if (mode_inquiry_.is_due(now)) ask_position_mode();
  for (auto& [pair, contract] : contracts_) {
    if (contract.inquiry.is_due(now)) ask_contract(pair, contract);
  }
}

Time AccountSettings::next_wakeup() const {
  if (!running_) return kNever;
  Time next = mode_inquiry_.next_wakeup();
  for (const auto& [pair, contract] : contracts_) next = std::min(next, contract.inquiry.next_wakeup());
  return next;
}

void AccountSettings::ask_position_mode() {
  mode_inquiry_.sent();
  desk_.submit(venue::QueryPositionMode{}, Lane::query, kRequestLimit, [this](const Reply& reply) {
    for (const auto& record : reply.records.items()) {
      const auto* report = std::get_if<venue::PositionModeReport>(&record);
      if (report != nullptr && mode_.told(report->mode, reply.sent, reply.received)) {
        tell(report->mode, {}, reply.received);
      }
    }
    if (reply.status.code() == StatusCode::unsupported) return mode_inquiry_.give_up();
    if (!reply.status.ok()) {
      log_.log(LogLevel::warning, "account",
               fmt::format("the position mode could not be read: {}", reply.status.to_string()));
    }
    mode_inquiry_.answered(reply.status.ok() && mode_.state() != Setting<PositionMode>::State::unknown, reply.received);
  });
}

void AccountSettings::ask_contract(const TradingPair& pair, Contract& contract) {
  contract.inquiry.sent();
  desk_.submit(venue::QueryLeverage{contract.symbol}, Lane::query, kRequestLimit, [this, pair](const Reply& reply) {
    for (const auto& record : reply.records.items()) {
      if (const auto* report = std::get_if<venue::LeverageReport>(&record)) {
        apply(*report, reply.sent, reply.received);
      }
    }
    const auto it = contracts_.find(pair);
    if (it == contracts_.end()) return;
    auto& asked = it->second;
    if (reply.status.code() == StatusCode::unsupported) return asked.inquiry.give_up();
    if (!reply.status.ok()) {
      log_.log(LogLevel::warning, "account",
               fmt::format("the leverage of {} could not be read: {}", pair.to_string(), reply.status.to_string()));
    }
    const bool known = asked.leverage.state() != Setting<std::uint32_t>::State::unknown && !asked.margin_type.is_lost();
    asked.inquiry.answered(reply.status.ok() && known, reply.received);
  });
}

void AccountSettings::doubt_position_mode(Time now) {
  if (position_modes().size() > 1) mode_inquiry_.ask(now);
}

// --- Reports -------------------------------------------------------------------------------------------------------

void AccountSettings::on_report(const venue::PositionModeReport& report, Time now) {
  if (mode_.told(report.mode, now, now)) tell(report.mode, {}, now);
}

void AccountSettings::on_report(const venue::LeverageReport& report, Time now) { apply(report, now, now); }

void AccountSettings::apply(const venue::LeverageReport& report, Time asked, Time now) {
  TradingPair pair;
  auto* contract = find(report.symbol, pair);
  if (contract == nullptr) return;
  if (report.leverage && contract->leverage.told(*report.leverage, asked, now)) tell(pair, *report.leverage, {}, now);
  if (report.margin_type && contract->margin_type.told(*report.margin_type, asked, now)) {
    tell(pair, *report.margin_type, {}, now);
  }
}

// --- Changes -------------------------------------------------------------------------------------------------------

template <typename T, typename Tell>
bool AccountSettings::on_changed(Setting<T>& setting, const T& wanted, const std::optional<T>& told, const Reply& reply,
                                 std::string_view what, Tell&& tell_outcome) {
  const Status& status = reply.status;
  // The stream may have told of it before the answer came.
  const bool open = setting.state() == Setting<T>::State::changing && setting.wanted() == wanted;
  if (status.ok()) {
    if (open) {
      const T value = told.value_or(wanted);
      setting.succeeded(value, reply.received);
      tell_outcome(value, Status());
    }
    return false;
  }
  const bool certain = status.certainly_without_effect();
  log_.log(
      certain && status.code() == StatusCode::rejected ? LogLevel::error : LogLevel::warning, "account",
      fmt::format("{} {}: {}", what, certain ? "was not set" : "may or may not have been set", status.to_string()));
  if (!open) return true;
  if (certain) {
    setting.refused();
    tell_outcome(wanted, status);
  } else {
    setting.lost(reply.received + spec_.orders.max_visibility_delay);
    tell_outcome(wanted,
                 status.code() == StatusCode::outcome_unknown
                     ? status
                     : Status(StatusCode::outcome_unknown, status.reason(), status.message(), status.venue_code()));
  }
  // After a refusal too: what the venue objects to may be that it is not what we think it is.
  return true;
}

Status AccountSettings::set_position_mode(PositionMode mode, Time now) {
  const auto modes = position_modes();
  if (std::find(modes.begin(), modes.end(), mode) == modes.end()) {
    return denied(FailureReason::position_mode, fmt::format("{} has no position mode {}", spec_.name, to_string(mode)));
  }
  if (const Status status = check_change(mode_, "the position mode"); !status.ok()) return status;
  if (mode_.is(mode)) {
    tell(mode, {}, now);
    return {};
  }
  mode_.begin(mode);
  desk_.submit(venue::SetPositionMode{mode}, Lane::query, kRequestLimit, [this, mode](const Reply& reply) {
    const bool ask =
        on_changed(mode_, mode, std::optional<PositionMode>{}, reply, fmt::format("position mode {}", to_string(mode)),
                   [&](PositionMode value, const Status& status) { tell(value, status, reply.received); });
    if (ask && position_modes().size() > 1) mode_inquiry_.ask(reply.received);
  });
  return {};
}

Status AccountSettings::set_leverage(const TradingPair& pair, const Symbol& symbol, std::uint32_t leverage, Time now) {
  if (leverage == 0 || leverage > spec_.positions.max_leverage) {
    return denied(FailureReason::invalid_leverage,
                  fmt::format("leverage {} is not between 1 and {}", leverage, spec_.positions.max_leverage));
  }
  auto& setting = contract_of(pair, symbol, now).leverage;
  if (const Status status = check_change(setting, "the leverage"); !status.ok()) return status;
  if (setting.is(leverage)) {
    tell(pair, leverage, {}, now);
    return {};
  }
  setting.begin(leverage);
  desk_.submit(venue::SetLeverage{symbol, leverage}, Lane::query, kRequestLimit,
               [this, pair, symbol, leverage](const Reply& reply) {
                 std::optional<std::uint32_t> told;
                 for (const auto& record : reply.records.items()) {
                   const auto* report = std::get_if<venue::LeverageReport>(&record);
                   if (report != nullptr && report->symbol == symbol && report->leverage) told = report->leverage;
                 }
                 const auto it = contracts_.find(pair);
                 if (it == contracts_.end()) return;
                 const bool ask = on_changed(
                     it->second.leverage, leverage, told, reply,
                     fmt::format("leverage {} of {}", leverage, pair.to_string()),
                     [&](std::uint32_t value, const Status& status) { tell(pair, value, status, reply.received); });
                 if (ask) it->second.inquiry.ask(reply.received);
               });
  return {};
}

Status AccountSettings::set_margin_type(const TradingPair& pair, const Symbol& symbol, MarginType type, Time now) {
  auto& setting = contract_of(pair, symbol, now).margin_type;
  if (const Status status = check_change(setting, "the margin type"); !status.ok()) return status;
  if (setting.is(type)) {
    tell(pair, type, {}, now);
    return {};
  }
  setting.begin(type);
  desk_.submit(venue::SetMarginType{symbol, type}, Lane::query, kRequestLimit, [this, pair, type](const Reply& reply) {
    const auto it = contracts_.find(pair);
    if (it == contracts_.end()) return;
    const bool ask =
        on_changed(it->second.margin_type, type, std::optional<MarginType>{}, reply,
                   fmt::format("margin type {} of {}", to_string(type), pair.to_string()),
                   [&](MarginType value, const Status& status) { tell(pair, value, status, reply.received); });
    if (ask) it->second.inquiry.ask(reply.received);
  });
  return {};
}

// --- Events --------------------------------------------------------------------------------------------------------

void AccountSettings::tell(PositionMode mode, const Status& status, Time now) {
  if (status.ok()) log_.log(LogLevel::info, "account", fmt::format("the position mode is {}", to_string(mode)));
  events_.emplace_back(PositionModeChangedEvent{.timestamp = now, .mode = mode, .status = status});
}

void AccountSettings::tell(const TradingPair& pair, std::uint32_t leverage, const Status& status, Time now) {
  if (status.ok()) {
    log_.log(LogLevel::info, "account", fmt::format("the leverage of {} is {}", pair.to_string(), leverage));
  }
  events_.emplace_back(
      LeverageChangedEvent{.timestamp = now, .trading_pair = pair, .leverage = leverage, .status = status});
}

void AccountSettings::tell(const TradingPair& pair, MarginType type, const Status& status, Time now) {
  if (status.ok()) {
    log_.log(LogLevel::info, "account", fmt::format("the margin type of {} is {}", pair.to_string(), to_string(type)));
  }
  events_.emplace_back(MarginTypeChangedEvent{.timestamp = now, .trading_pair = pair, .type = type, .status = status});
}

}  // namespace calypte::engine
