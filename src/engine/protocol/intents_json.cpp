// The stored form of an intent. Of what was signed the raw transactions are kept, from which all else is read back.
#include <algorithm>
#include <array>
#include <utility>

#include "engine/protocol/intents.hpp"
#include "engine/stored_json.hpp"
#include "evm/hex.hpp"
#include "evm/quantity.hpp"

namespace calypte::engine {

namespace {

constexpr std::array<std::string_view, 3> kIntentKinds = {"swap", "approval", "filler"};

void write_hash(stored::Writer& out, std::string_view name, const std::optional<evm::Hash32>& hash) {
  if (hash) out.field(name, hash->to_string());
}

void read_hash(stored::Reader& in, std::string_view name, std::optional<evm::Hash32>& place) {
  if (!in.has(name)) return;
  auto hash = evm::Hash32::parse(in.find(name).string());
  if (hash.ok()) {
    place = *hash;
  } else {
    in.fail(name);
  }
}

void read_attempts(stored::Reader& in, Intent& intent) {
  for (const auto json : in.find("attempts").elements()) {
    const auto raw = evm::from_hex(json.find("raw").string());
    if (!raw.ok()) return in.fail(raw.status());
    auto signed_transaction = evm::decode_transaction(*raw);
    if (!signed_transaction.ok()) return in.fail(signed_transaction.status());
    if (!intent.attempts.empty() &&
        signed_transaction->transaction.nonce != intent.attempts.front().signed_transaction.transaction.nonce) {
      return in.fail("attempts");
    }
    intent.attempts.push_back({.is_cancel = json.find("cancel").boolean().value_or(false),
                               .signed_transaction = std::move(*signed_transaction),
                               .accepted = json.find("accepted").boolean().value_or(false),
                               .last_sent = {}});
  }
  // What was never signed is not stored.
  if (intent.attempts.empty()) return in.fail("attempts");
  intent.action = intent.attempts.front().signed_transaction.transaction;
}

Result<Intent> read_intent(stored::Value json) {
  stored::Reader in("transaction", json);
  Intent intent;
  in.text("id", intent.id.value);
  const auto kind = std::ranges::find(kIntentKinds, in.find("kind").string());
  if (kind == kIntentKinds.end()) {
    in.fail("kind");
  } else {
    intent.kind = static_cast<Intent::Kind>(kind - kIntentKinds.begin());
  }
  bool ended = false;
  in.boolean("ended", ended);
  intent.phase = ended ? Intent::Phase::ended : Intent::Phase::waiting;
  in.pair("trading_pair", intent.trading_pair, true);
  in.parsed("side", parse_trade_type(in.find("side").string()), intent.side);
  in.text("token", intent.token);
  in.optional_decimal("amount", intent.amount);
  const auto budget = evm::parse_quantity(in.find("budget").string());
  if (budget) {
    intent.budget = *budget;
  } else {
    in.fail("budget");
  }
  intent.deadline = in.find("deadline").unsigned_integer().value_or(0);
  intent.ended_block = in.find("ended_block").unsigned_integer().value_or(0);
  if (in.has("revoked")) in.boolean("revoked", intent.revoked);
  read_hash(in, "filled", intent.filled);
  read_hash(in, "charged", intent.charged);
  read_attempts(in, intent);
  return stored::finished(in, std::move(intent));
}

}  // namespace

std::string to_json(const Intent& intent) {
  std::string text;
  stored::Writer out(text);
  out.begin_object().field("id", intent.id.value);
  out.field("kind", kIntentKinds[static_cast<std::size_t>(intent.kind)]);
  out.key("ended").boolean(intent.phase == Intent::Phase::ended);
  out.field("trading_pair", intent.trading_pair.to_string());
  out.field("side", to_string(intent.side));
  out.field("token", intent.token);
  if (intent.amount) {
    out.key("amount");
    stored::write(out, *intent.amount);
  }
  out.field("budget", evm::to_quantity(intent.budget));
  out.key("deadline").integer(intent.deadline);
  out.key("ended_block").integer(intent.ended_block);
  if (intent.revoked) out.key("revoked").boolean(true);
  write_hash(out, "filled", intent.filled);
  write_hash(out, "charged", intent.charged);
  out.key("attempts").begin_array();
  for (const auto& attempt : intent.attempts) {
    out.begin_object();
    out.key("cancel").boolean(attempt.is_cancel);
    out.key("accepted").boolean(attempt.accepted);
    out.field("raw", evm::to_hex(attempt.signed_transaction.raw));
    out.end_object();
  }
  out.end_array().end_object();
  return text;
}

Result<Intent> intent_from_json(std::string_view json) { return stored::read_text<Intent>(json, read_intent); }

}  // namespace calypte::engine
