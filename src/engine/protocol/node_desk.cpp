#include "engine/protocol/node_desk.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <utility>

namespace calypte::engine {

namespace {

using evm::rpc::Message;

Status of_http(int http_status) {
  std::string text = fmt::format("the node answered HTTP {}", http_status);
  if (http_status == 429) return {StatusCode::rate_limited, std::move(text)};
  if (http_status == 401 || http_status == 403) return {StatusCode::unauthenticated, std::move(text)};
  return {StatusCode::unavailable, std::move(text)};
}

Status of_outcome(const venue::RequestOutcome& outcome) {
  switch (outcome.kind) {
    case venue::RequestOutcome::Kind::not_sent:
      return {StatusCode::not_sent, FailureReason::connection, outcome.error};
    case venue::RequestOutcome::Kind::unknown:
      return {StatusCode::outcome_unknown, outcome.error};
    case venue::RequestOutcome::Kind::replied:
      break;
  }
  return {};
}

/// Puts the messages of an answer into the order of the calls. They are numbered from 1 in each request.
Status sort_messages(venue::json::Value root, std::size_t calls, std::vector<Message>& out) {
  out.assign(calls, {});
  std::vector<bool> seen(calls, false);
  const auto take = [&](venue::json::Value value) -> Status {
    auto message = evm::rpc::decode(value);
    if (!message.ok()) return message.status();
    // An error without an id answers the request as a whole.
    if (!message->id && message->kind == Message::Kind::error) return message->error.status();
    if (!message->id || *message->id < 1 || *message->id > calls || seen[*message->id - 1]) {
      return {StatusCode::malformed, "the node answered what was not asked"};
    }
    seen[*message->id - 1] = true;
    out[*message->id - 1] = std::move(*message);
    return {};
  };
  if (root.is_array()) {
    for (const auto value : root.elements()) {
      if (Status status = take(value); !status.ok()) return status;
    }
  } else if (Status status = take(root); !status.ok()) {
    return status;
  }
  if (std::ranges::find(seen, false) != seen.end()) return {StatusCode::malformed, "the node left an answer out"};
  return {};
}

}  // namespace

void NodeDesk::ask(std::string_view name, std::span<const evm::rpc::Call> calls, Duration limit, Time now,
                   OnNodeReply on_reply, bool places_orders) {
  const venue::RequestId id = next_id_++;
  Waiting waiting{.calls = calls.size(), .sent = now, .refused = false, .on_reply = std::move(on_reply)};
  if (waiting_.size() >= kMaxWaiting || calls.empty()) {
    waiting.refused = true;
    waiting_.emplace(id, std::move(waiting));
    return;
  }
  std::string body;
  if (calls.size() == 1) {
    body = evm::rpc::encode(1, calls.front());
  } else {
    std::vector<evm::rpc::NumberedCall> numbered;
    numbered.reserve(calls.size());
    for (const auto& call : calls) numbered.push_back({numbered.size() + 1, call});
    body = evm::rpc::encode_batch(numbered);
  }
  waiting_.emplace(id, std::move(waiting));
  actions_.emplace_back(SendRequest{.id = id,
                                    .name = name,
                                    .request = {.method = venue::HttpMethod::post,
                                                .target = "",
                                                .headers = {{"Content-Type", "application/json"}},
                                                .body = std::move(body)},
                                    .limit = limit,
                                    .places_orders = places_orders});
}

void NodeDesk::on_outcome(venue::RequestId id, const venue::RequestOutcome& outcome, Time now) {
  const auto it = waiting_.find(id);
  if (it == waiting_.end()) return;
  messages_.clear();
  Status status = of_outcome(outcome);
  reachable_ = status.ok();
  if (status.ok()) {
    last_answer_ = now;
    const auto root = document_.parse(outcome.reply.body);
    // Nodes answer errors with a message and some status; a gateway in front of them answers with a page.
    if (root.ok()) {
      status = sort_messages(*root, it->second.calls, messages_);
    } else {
      status = outcome.reply.http_status == 200 ? root.status() : of_http(outcome.reply.http_status);
    }
    if (!status.ok() && outcome.reply.http_status == 429) status = of_http(429);
  }
  finish(it, std::move(status), now);
}

bool NodeDesk::settle(Time now) {
  bool any = false;
  for (;;) {
    const auto it = std::ranges::find_if(waiting_, [](const auto& entry) { return entry.second.refused; });
    if (it == waiting_.end()) return any;
    any = true;
    messages_.clear();
    finish(it, Status(StatusCode::not_sent, FailureReason::queue_full, "too many questions wait for the node"), now);
  }
}

void NodeDesk::finish(std::map<venue::RequestId, Waiting>::iterator it, Status status, Time now) {
  const Waiting waiting = std::move(it->second);
  waiting_.erase(it);
  if (!status.ok()) messages_.clear();
  waiting.on_reply(
      NodeReply{.status = std::move(status), .messages = messages_, .sent = waiting.sent, .received = now});
}

}  // namespace calypte::engine
