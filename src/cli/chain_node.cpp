#include "cli/chain_node.hpp"

#include <chrono>
#include <fmt/format.h>
#include <string_view>
#include <utility>

namespace calypte::cli {

using namespace std::chrono_literals;

Result<std::unique_ptr<ChainNode>> ChainNode::create(const std::string& rpc_url, LogSink& log) {
  const auto url = transport::parse_url(rpc_url, "http");
  if (!url.ok()) return url.status();
  std::unique_ptr<ChainNode> node(new ChainNode());
  node->pool_ = transport::HttpPool::create(
      node->loop_, nullptr, *url,
      {.connect_limit = 5s, .idle_close = 30s, .max_reply_bytes = 16U << 20U, .max_connections = 1}, log,
      [self = node.get()](venue::RequestId, const venue::RequestOutcome& outcome) { self->told(outcome); });
  return node;
}

ChainNode::~ChainNode() {
  if (pool_ != nullptr) pool_->drop();
}

void ChainNode::told(const venue::RequestOutcome& outcome) {
  if (outcome.kind != venue::RequestOutcome::Kind::replied) {
    reply_ = Status(StatusCode::unavailable, "the node gave no answer: " + outcome.error);
  } else if (outcome.reply.http_status != 200) {
    reply_ = Status(StatusCode::unavailable, fmt::format("the node answered HTTP {}", outcome.reply.http_status));
  } else {
    reply_ = std::string(outcome.reply.body.view());
  }
  loop_.stop();
}

Result<venue::json::Value> ChainNode::ask(const evm::rpc::Call& call) {
  reply_.reset();
  const std::uint64_t id = next_id_++;
  pool_->send(id,
              {.method = venue::HttpMethod::post,
               .target = "",
               .headers = {{"Content-Type", "application/json"}},
               .body = evm::rpc::encode(id, call)},
              10s);
  loop_.run();
  if (!reply_) return Status(StatusCode::unavailable, "the question was interrupted");
  if (!reply_->ok()) return reply_->status();
  const auto root = document_.parse(buffer_.assign(**reply_));
  if (!root.ok()) return root.status();
  const auto message = evm::rpc::decode(*root);
  if (!message.ok()) return message.status();
  if (message->kind == evm::rpc::Message::Kind::error) {
    return Status(StatusCode::rejected, fmt::format("{}: {}", call.method, message->error.message));
  }
  if (message->id != id) return Status(StatusCode::malformed, "the node answered another question");
  return message->result;
}

}  // namespace calypte::cli
