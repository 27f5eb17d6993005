// The rows that orders and events become: values in the order of the columns of one statement each.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/events.hpp"
#include "calypte/in_flight_order.hpp"

#include "journal/sql_database.hpp"

namespace calypte::journal {

using Values = std::vector<SqlValue>;

/// Puts a row into a table, in the place of one with the same key. The texts are made once.
[[nodiscard]] const std::string& order_statement();
[[nodiscard]] const std::string& order_status_statement();
[[nodiscard]] const std::string& event_statement();
[[nodiscard]] const std::string& funding_statement();
/// A fill that an event tells of replaces all; one from the memory of an order leaves alone whether the event said that
/// it was late; one that belongs to no order never replaces anything.
[[nodiscard]] const std::string& told_fill_statement();
[[nodiscard]] const std::string& remembered_fill_statement();
[[nodiscard]] const std::string& unmatched_fill_statement();

[[nodiscard]] Values order_row(const std::string& connector, const InFlightOrder& order, std::string_view place);
[[nodiscard]] Values fill_row(const std::string& connector, const InFlightOrder& order, const TradeUpdate& fill);
[[nodiscard]] Values fill_row(const std::string& connector, const OrderFilledEvent& event);
[[nodiscard]] Values fill_row(const std::string& connector, const LiquidationEvent& event);
[[nodiscard]] Values fill_row(const std::string& connector, const UnmatchedFillEvent& event);
[[nodiscard]] Values funding_row(const std::string& connector, const FundingPaymentCompletedEvent& event);

/// What the table of events has as columns besides the text.
struct EventSubject {
  Time time{};
  SqlValue client_order_id;
  SqlValue trading_pair;
  bool about_order = false;  ///< about one of our orders: it gets a row of `order_status`
  std::string detail;        ///< for that row: why, where the event says it
};
[[nodiscard]] EventSubject subject_of(const Event& event);

}  // namespace calypte::journal
