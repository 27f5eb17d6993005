#include "crash/crash_record.hpp"

#include <charconv>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <set>
#include <sstream>
#include <unistd.h>
#include <variant>

#include "engine/event_json.hpp"

namespace calypte::test {
namespace {

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> parts;
  std::istringstream in(line);
  for (std::string part; std::getline(in, part, '\t');) parts.push_back(part);
  return parts;
}

void hear(const Event& event, CrashStory& story) {
  const ClientOrderId* id = order_of(event);
  if (id == nullptr) {
    if (std::holds_alternative<UnmatchedFillEvent>(event) || std::holds_alternative<ExternalOrderEvent>(event)) {
      story.faults.push_back("nothing on this account is foreign, yet: " + describe(event));
    }
    return;
  }
  auto& order = story.orders[*id];
  const OrderCreatedEvent* created = std::get_if<BuyOrderCreatedEvent>(&event);
  if (created == nullptr) created = std::get_if<SellOrderCreatedEvent>(&event);
  const auto* fill = std::get_if<OrderFilledEvent>(&event);
  const auto* failure = std::get_if<MarketOrderFailureEvent>(&event);
  if (created != nullptr) {
    if (!order.fills.empty() || order.endings > 0) story.faults.push_back("created too late: " + describe(event));
    ++order.created;
    order.exchange_order_id = created->exchange_order_id;
    order.price = created->price.value_or(order.price);
    order.amount = created->amount;
  } else if (fill != nullptr) {
    if (order.created == 0) story.faults.push_back("filled before created: " + describe(event));
    if (order.endings > 0 && !fill->late) story.faults.push_back("filled after its end: " + describe(event));
    order.fills.push_back(*fill);
  } else if (ends_order(event)) {
    order.ending = std::string(event_name(event));
    ++order.endings;
    // That the venue never had it is what these say, and also what a cancel that came before the order had left says.
    const bool taken_back = std::holds_alternative<OrderCancelledEvent>(event) && order.created == 0;
    order.denied = taken_back || (failure != nullptr && failure->code != StatusCode::rejected);
  }
}

}  // namespace

CrashRecord::CrashRecord(const std::string& path)
    : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {}
CrashRecord::~CrashRecord() { ::close(file_); }

void CrashRecord::line(const std::string& text) {
  // One call: a process that is killed has written all of a line or nothing.
  if (::write(file_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) ::_exit(3);
}

void CrashRecord::placed(const ClientOrderId& id, TradeType side, const Decimal& price, const Decimal& amount) {
  line(fmt::format("placed\t{}\t{}\t{}\t{}\n", id.value, to_string(side), price.to_string(), amount.to_string()));
}

void CrashRecord::event(std::uint64_t number, const Event& event) {
  line(fmt::format("event\t{}\t{}\t{}\n", number, event_name(event), engine::event_to_json(event)));
}

void CrashRecord::balances(const std::vector<std::pair<std::string, Balance>>& balances) {
  for (const auto& [asset, balance] : balances) {
    line(fmt::format("balance\t{}\t{}\t{}\n", asset, balance.total.to_string(), balance.available.to_string()));
  }
}

CrashStory read_crash_story(const std::string& path) {
  CrashStory story;
  std::map<std::string, Balance> balances;
  std::ifstream in(path);
  for (std::string text; std::getline(in, text);) {
    const auto parts = split(text);
    if (parts.size() == 5 && parts[0] == "placed") {
      auto& order = story.orders[ClientOrderId(parts[1])];
      order.side = parts[2] == "BUY" ? TradeType::buy : TradeType::sell;
      order.price = *Decimal::parse(parts[3]);
      order.amount = *Decimal::parse(parts[4]);
    } else if (parts.size() == 4 && parts[0] == "event") {
      std::uint64_t number = 0;
      std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), number);
      if (number != story.last_event + 1) {
        story.faults.push_back(fmt::format("event {} ({}) came after event {}", number, parts[2], story.last_event));
      }
      story.last_event = number;
      const auto event = engine::event_from_json(parts[2], parts[3]);
      if (event.ok()) {
        hear(*event, story);
      } else {
        story.faults.push_back("unreadable: " + text);
      }
    } else if (parts.size() == 4 && parts[0] == "balance") {
      Balance balance;
      balance.total = *Decimal::parse(parts[2]);
      balance.available = *Decimal::parse(parts[3]);
      balances[parts[1]] = balance;
    } else {
      story.faults.push_back("unreadable: " + text);
    }
  }
  story.balances.assign(balances.begin(), balances.end());
  return story;
}

}  // namespace calypte::test
