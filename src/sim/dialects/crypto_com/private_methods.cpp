// Private methods that act: orders, cancels, amendments and lists, over REST and the user socket alike.
#include <algorithm>
#include <array>

#include "sim/dialects/crypto_com/crypto_com_venue.hpp"

namespace calypte::sim::crypto_com {
namespace {

using venue::json::Value;

constexpr std::array<std::string_view, 8> kSocketMethods = {"private/create-order",
                                                            "private/amend-order",
                                                            "private/cancel-order",
                                                            "private/cancel-all-orders",
                                                            "private/create-order-list",
                                                            "private/cancel-order-list",
                                                            "private/set-cancel-on-disconnect",
                                                            "private/get-cancel-on-disconnect"};
constexpr std::array<std::string_view, 11> kRestOnly = {"private/get-open-orders",
                                                        "private/get-order-detail",
                                                        "private/get-order-history",
                                                        "private/get-trades",
                                                        "private/user-balance",
                                                        "private/get-fee-rate",
                                                        "private/get-instrument-fee-rate",
                                                        "private/get-accounts",
                                                        "private/get-positions",
                                                        "private/get-currency-networks",
                                                        "private/get-account-settings"};
constexpr std::size_t kMaxClientIdLength = 36;
constexpr std::size_t kMaxListLength = 10;

std::string ids_object(const OrderRecord& order) {
  std::string text;
  Writer out(text);
  out.begin_object().field("client_oid", order.request.client_id).field("order_id", std::to_string(order.id));
  out.end_object();
  return text;
}

/// The number of a parameter; empty if it is missing or not acceptable.
std::optional<Decimal> number(Value value, bool strings_only) {
  if (strings_only && !value.is_string()) return std::nullopt;
  return value.decimal();
}

bool is_client_id(std::string_view text) {
  return !text.empty() && text.size() <= kMaxClientIdLength && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  });
}

/// What create-order's words mean, but for the numbers; 0 or the code of what is wrong.
int read_words(Value params, OrderRequest& request) {
  const std::string_view side = params.find("side").string();
  if (side != "BUY" && side != "SELL") return code::kInvalidSide;
  request.side = side == "BUY" ? Side::buy : Side::sell;
  const std::string_view type = params.find("type").string();
  if (type != "LIMIT" && type != "MARKET") return code::kInvalidOrderType;
  request.market = type == "MARKET";
  const std::string_view time_in_force = params.find("time_in_force").string();
  if (time_in_force == "IMMEDIATE_OR_CANCEL") {
    request.time_in_force = TimeInForce::immediate_or_cancel;
  } else if (time_in_force == "FILL_OR_KILL") {
    request.time_in_force = TimeInForce::fill_or_kill;
  } else if (!time_in_force.empty() && time_in_force != "GOOD_TILL_CANCEL") {
    return code::kInvalidTimeInForce;
  }
  const Value instructions = params.find("exec_inst");
  if (instructions.exists() && !instructions.is_array()) return code::kInvalidExecInst;
  for (const Value word : instructions.elements()) {
    if (word.string() != "POST_ONLY") return code::kInvalidExecInst;
    request.post_only = true;
  }
  if (request.post_only && request.market) return code::kInvalidExecInst;
  if (request.post_only && request.time_in_force != TimeInForce::good_till_cancel) return code::kPostOnly;
  const std::string_view scope = params.find("stp_scope").string();
  const std::string_view rule = params.find("stp_inst").string();
  if (scope.empty() != rule.empty()) return code::kBadArgument;
  if (rule.empty()) return 0;
  if (rule == "M") {
    request.self_trade = SelfTradePrevention::cancel_maker;
  } else if (rule == "T") {
    request.self_trade = SelfTradePrevention::cancel_taker;
  } else if (rule == "B") {
    request.self_trade = SelfTradePrevention::cancel_both;
  } else {
    return code::kBadArgument;
  }
  return 0;
}

}  // namespace

bool CryptoComVenue::works_on_socket(std::string_view method) {
  return std::find(kSocketMethods.begin(), kSocketMethods.end(), method) != kSocketMethods.end();
}

bool CryptoComVenue::is_private_method(std::string_view method) {
  if (method == "private/set-cancel-on-disconnect" || method == "private/get-cancel-on-disconnect") return false;
  return works_on_socket(method) || std::find(kRestOnly.begin(), kRestOnly.end(), method) != kRestOnly.end();
}

CryptoComVenue::Answer CryptoComVenue::call_private(std::string_view method, Value params, std::string_view nonce,
                                                    std::size_t account, ConnectionId from, Time now) {
  if (method == "private/create-order") return create_order(params, nonce, account, from, now);
  if (method == "private/cancel-order") return cancel_order(params, account, now);
  if (method == "private/cancel-all-orders") return cancel_all(params, account, now);
  if (method == "private/amend-order") return amend_order(params, account, now);
  if (method == "private/create-order-list") return order_list(params, true, nonce, account, from, now);
  if (method == "private/cancel-order-list") return order_list(params, false, nonce, account, from, now);
  if (method == "private/get-open-orders") return open_orders(params, account);
  if (method == "private/get-order-detail") return order_detail(params, account);
  if (method == "private/get-order-history") return order_history(params, account, now);
  if (method == "private/get-trades") return private_trades(params, account, now);
  if (method == "private/user-balance") return user_balance(account);
  if (method == "private/get-fee-rate") return fee_rate(account);
  if (method == "private/get-instrument-fee-rate") return instrument_fee_rate(params, account);
  if (method == "private/get-accounts") return get_accounts(account);
  if (method == "private/get-currency-networks") return currency_networks(now);
  if (method == "private/get-positions") return {0, R"({"data":[]})", {}};
  if (method == "private/get-account-settings") {
    return {0, R"([{"leverage":"20","stp_id":"0","stp_scope":"D","stp_inst":""}])", {}};
  }
  return {code::kUnknownMethod, {}, {}};
}

CryptoComVenue::Answer CryptoComVenue::create_order(Value params, std::string_view nonce, std::size_t account,
                                                    ConnectionId from, Time now) {
  OrderRequest request;
  request.account = accounts_[account].account;
  request.tag = from;
  const std::string_view symbol = params.find("instrument_name").string();
  const auto instrument = exchange_.find_instrument(symbol);
  if (!instrument) return {code::kInvalidInstrument, {}, {}};
  request.instrument = *instrument;
  if (const int wrong = read_words(params, request); wrong != 0) return {wrong, {}, {}};
  const bool strings_only = options_.quirks.number_strings_only;
  const Value notional = params.find("notional");
  if (request.market && request.side == Side::buy && notional.exists()) {
    request.notional = number(notional, strings_only);
    if (!request.notional) return {code::kBadArgument, {}, {}};
  } else {
    const auto quantity = number(params.find("quantity"), strings_only);
    if (!quantity) return {code::kInvalidQuantity, {}, {}};
    request.quantity = *quantity;
  }
  if (!request.market) {
    const auto price = number(params.find("price"), strings_only);
    if (!price) return {code::kInvalidPrice, {}, {}};
    request.price = *price;
  }
  const Value client_id = params.find("client_oid");
  // Without an id of its own an order is named by its nonce, so that two of one millisecond collide.
  request.client_id = std::string(client_id.exists() ? client_id.scalar() : nonce);
  if (client_id.exists() && !is_client_id(request.client_id)) return {code::kBadArgument, {}, "Invalid client_oid"};

  const Exchange::Accepted accepted = exchange_.accept(request, now);
  Answer answer;
  answer.code = code_of(accepted.refusal);
  if (accepted.id != 0) answer.result = ids_object(*exchange_.order(accepted.id));
  if (accepted.refusal == Refusal::none) {
    schedule(now + options_.timing.to_book, 0, [this, id = accepted.id](Time at) { exchange_.enter(id, at); });
  }
  return answer;
}

const OrderRecord* CryptoComVenue::find_order(Value params, std::string_view id_key, std::string_view client_key,
                                              std::size_t account) const {
  const OrderRecord* order = nullptr;
  if (const Value id = params.find(id_key); !id.scalar().empty()) {
    if (const auto number = id.unsigned_integer()) order = exchange_.order(*number);
  } else if (const std::string_view client_id = params.find(client_key).scalar(); !client_id.empty()) {
    if (const auto found = exchange_.find_client_id(accounts_[account].account, client_id)) {
      order = exchange_.order(*found);
    }
  }
  if (order == nullptr || order->request.account != accounts_[account].account) return nullptr;
  return order;
}

void CryptoComVenue::cancel_later(OrderId id, Time now) {
  // It may fill in the meantime; the cancel then comes to nothing, although it was acknowledged.
  schedule(now + options_.timing.to_book, 0, [this, id](Time at) { exchange_.cancel(id, at); });
}

CryptoComVenue::Answer CryptoComVenue::cancel_order(Value params, std::size_t account, Time now) {
  if (!params.find("order_id").exists() && !params.find("client_oid").exists()) {
    return {code::kBadArgument, {}, {}};
  }
  const OrderRecord* order = find_order(params, "order_id", "client_oid", account);
  if (order == nullptr) return {options_.quirks.unknown_order, {}, {}};
  if (is_closed(order->state)) return {options_.quirks.cancel_of_closed_order, ids_object(*order), {}};
  cancel_later(order->id, now);
  return {0, ids_object(*order), "NO_ERROR"};
}

CryptoComVenue::Answer CryptoComVenue::cancel_all(Value params, std::size_t account, Time now) {
  std::optional<std::size_t> only;
  if (const Value symbol = params.find("instrument_name"); symbol.exists()) {
    only = exchange_.find_instrument(symbol.string());
    if (!only) return {code::kInvalidInstrument, {}, {}};
  }
  const std::string_view type = params.find("type").string();
  if (!type.empty() && type != "LIMIT" && type != "TRIGGER" && type != "ALL") return {code::kBadArgument, {}, {}};
  if (type == "TRIGGER") return {};
  for (const OrderId id : exchange_.open_orders(accounts_[account].account)) {
    if (!only || exchange_.order(id)->request.instrument == *only) cancel_later(id, now);
  }
  return {};
}

CryptoComVenue::Answer CryptoComVenue::amend_order(Value params, std::size_t account, Time now) {
  const bool strings_only = options_.quirks.number_strings_only;
  const auto price = number(params.find("new_price"), strings_only);
  const auto quantity = number(params.find("new_quantity"), strings_only);
  if (!price || !quantity) return {code::kBadArgument, {}, {}};
  const OrderRecord* order = find_order(params, "order_id", "orig_client_oid", account);
  if (order == nullptr) return {options_.quirks.unknown_order, {}, {}};
  std::string client_id(params.find("client_oid").scalar());
  if (!client_id.empty()) {
    if (!is_client_id(client_id)) return {code::kBadArgument, {}, "Invalid client_oid"};
    const auto taken = exchange_.find_client_id(accounts_[account].account, client_id);
    if (taken && *taken != order->id) return {code::kDuplicateClientId, {}, {}};
  }
  const Refusal refusal = exchange_.accept_amendment(order->id, *price, *quantity, now);
  if (refusal == Refusal::closed_order) return {options_.quirks.cancel_of_closed_order, ids_object(*order), {}};
  if (refusal != Refusal::none) return {code_of(refusal), ids_object(*order), {}};
  Answer answer;
  Writer out(answer.result);
  out.begin_object().field("client_oid", client_id.empty() ? order->request.client_id : client_id);
  out.field("order_id", std::to_string(order->id)).end_object();
  schedule(now + options_.timing.to_book, 0,
           [this, id = order->id, price = *price, quantity = *quantity, client_id](Time at) {
             exchange_.enter_amendment(id, price, quantity, client_id, at);
           });
  return answer;
}

CryptoComVenue::Answer CryptoComVenue::order_list(Value params, bool create, std::string_view nonce,
                                                  std::size_t account, ConnectionId from, Time now) {
  const Value list = params.find("order_list");
  if (params.find("contingency_type").string() != "LIST" || !list.is_array() || list.size() == 0 ||
      list.size() > kMaxListLength) {
    return {code::kBadArgument, {}, {}};
  }
  Answer answer;
  Writer out(answer.result);
  out.begin_array();
  std::int64_t index = 0;
  for (const Value leg : list.elements()) {
    // Legs without an id would all be named by the one nonce, so they carry their place in the list as well.
    const std::string name = std::string(nonce) + "-" + std::to_string(index);
    const Answer each = create ? create_order(leg, name, account, from, now) : cancel_order(leg, account, now);
    out.begin_object().key("code").integer(std::int64_t{each.code}).key("index").integer(index);
    if (each.code != 0) {
      out.field("message", each.message.empty() ? std::string(message_of(each.code)) : each.message);
    }
    if (!each.result.empty()) {
      venue::PaddedBuffer buffer(each.result);
      venue::json::Document document;
      if (const auto ids = document.parse(buffer.bytes())) {
        out.field("client_oid", ids->find("client_oid").string()).field("order_id", ids->find("order_id").string());
      }
    } else if (const std::string_view given = leg.find("client_oid").string(); !given.empty()) {
      out.field("client_oid", given);
    }
    out.end_object();
    ++index;
  }
  out.end_array();
  return answer;
}

}  // namespace calypte::sim::crypto_com
