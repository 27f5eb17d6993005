#include "engine/stored_json.hpp"

#include <algorithm>
#include <array>

namespace calypte::stored {
namespace {

constexpr std::string_view kAddedToCost = "AddedToCost";
constexpr std::string_view kDeductedFromReturns = "DeductedFromReturns";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

constexpr unsigned byte_at(std::string_view text, std::size_t at) noexcept {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
}

/// The size of the character at `at` as RFC 3629 has it; 0 if there is none.
std::size_t utf8_size(std::string_view text, std::size_t at) noexcept {
  const unsigned first = byte_at(text, at);
  if (first < 0x80U) return 1;
  const std::size_t size = first >= 0xC2U && first <= 0xDFU ? 2 : (first & 0xF0U) == 0xE0U ? 3 : 4;
  if (first < 0xC2U || first > 0xF4U) return 0;
  // The second byte is where longer forms than needed, surrogates and too large values show.
  const unsigned second = byte_at(text, at + 1);
  const unsigned least = first == 0xE0U ? 0xA0U : first == 0xF0U ? 0x90U : 0x80U;
  const unsigned most = first == 0xEDU ? 0x9FU : first == 0xF4U ? 0x8FU : 0xBFU;
  if (second < least || second > most) return 0;
  for (std::size_t i = 2; i < size; ++i) {
    if ((byte_at(text, at + i) & 0xC0U) != 0x80U) return 0;
  }
  return size;
}

}  // namespace

std::string made_utf8(std::string_view text) {
  std::string fixed;
  fixed.reserve(text.size() + kReplacement.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = utf8_size(text, at);
    fixed += size == 0 ? kReplacement : text.substr(at, size);
    at += std::max<std::size_t>(size, 1);
  }
  return fixed;
}

void write_text(Writer& out, std::string_view text) {
  if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80U; })) {
    out.string(text);
  } else {
    out.string(made_utf8(text));
  }
}

void write_time(Writer& out, std::string_view name, Time time) { out.key(name).integer(to_unix_ns(time)); }

void write(Writer& out, const Decimal& value) {
  std::array<char, Decimal::kMaxTextSize> text{};
  out.string({text.data(), value.write_to(text.data())});
}

void write(Writer& out, const TokenAmount& amount) {
  out.begin_object().field("token", amount.token).key("amount");
  write(out, amount.amount);
  out.end_object();
}

void write(Writer& out, const TradeFee& fee) {
  out.begin_object();
  out.field("fee_type", fee.kind == TradeFee::Kind::added_to_cost ? kAddedToCost : kDeductedFromReturns);
  out.key("percent");
  write(out, fee.percent);
  out.field("percent_token", fee.percent_token);
  out.key("flat_fees").begin_array();
  for (const TokenAmount& flat : fee.flat_fees) write(out, flat);
  out.end_array().end_object();
}

Reader::Reader(std::string_view what, Value object) : what_(what), object_(object) {
  if (!object_.is_object()) status_ = Status(StatusCode::malformed, std::string(what) + ": not an object");
}

void Reader::text(std::string_view name, std::string& place) {
  const Value v = object_.find(name);
  if (v.is_string()) {
    place = std::string(v.string());
  } else {
    fail(name);
  }
}

void Reader::pair(std::string_view name, TradingPair& place, bool may_be_empty) {
  const Value v = object_.find(name);
  if (may_be_empty && (v.is_null() || (v.is_string() && v.string().empty()))) return;
  parsed(name, TradingPair::parse(v.string()), place);
}

void Reader::decimal(std::string_view name, Decimal& place, bool required) {
  const Value v = object_.find(name);
  if (!required && v.is_null()) return;
  const auto value = v.decimal();
  if (value) {
    place = *value;
  } else {
    fail(name);
  }
}

void Reader::optional_decimal(std::string_view name, std::optional<Decimal>& place) {
  if (object_.find(name).is_null()) return;
  decimal(name, place.emplace());
}

void Reader::time(std::string_view name, Time& place) {
  const Value v = object_.find(name);
  if (v.is_null()) return;
  const auto value = v.integer();
  if (value) {
    place = from_unix_ns(*value);
  } else {
    fail(name);
  }
}

void Reader::boolean(std::string_view name, bool& place) {
  const Value v = object_.find(name);
  if (v.is_null()) return;
  const auto value = v.boolean();
  if (value) {
    place = *value;
  } else {
    fail(name);
  }
}

void Reader::fail(std::string_view name) {
  fail(Status(StatusCode::malformed,
              std::string(what_) + ": member \"" + std::string(name) + "\" is missing or unreadable"));
}

void Reader::fail(const Status& status) {
  if (status_.ok()) status_ = status;
}

Result<TokenAmount> read_token_amount(Value json) {
  Reader in("token amount", json);
  TokenAmount amount;
  in.text("token", amount.token);
  in.decimal("amount", amount.amount);
  return finished(in, std::move(amount));
}

Result<TradeFee> read_fee(Value json) {
  Reader in("trade fee", json);
  TradeFee fee;
  const std::string_view kind = in.find("fee_type").string();
  if (kind == kDeductedFromReturns) {
    fee.kind = TradeFee::Kind::deducted_from_returns;
  } else if (kind != kAddedToCost) {
    in.fail("fee_type");
  }
  in.decimal("percent", fee.percent, false);
  if (in.has("percent_token")) in.text("percent_token", fee.percent_token);
  if (in.has("flat_fees") && !in.find("flat_fees").is_array()) in.fail("flat_fees");
  for (const Value flat : in.find("flat_fees").elements()) {
    auto amount = read_token_amount(flat);
    if (!amount) return amount.status();
    fee.flat_fees.push_back(std::move(*amount));
  }
  return finished(in, std::move(fee));
}

}  // namespace calypte::stored
