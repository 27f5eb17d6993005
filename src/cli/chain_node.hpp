// Asks a node on this machine, one question at a time: for the demo, which looks at the chain itself behind the
// connector's back, and stages what happens there.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "calypte/log.hpp"
#include "calypte/result.hpp"

#include "evm/json_rpc.hpp"
#include "transport/http_pool.hpp"
#include "transport/loop.hpp"
#include "venue/json.hpp"
#include "venue/wire.hpp"

namespace calypte::cli {

class ChainNode {
 public:
  /// `denied` if the URL is not one of this machine.
  static Result<std::unique_ptr<ChainNode>> create(const std::string& rpc_url, LogSink& log);
  ~ChainNode();
  ChainNode(const ChainNode&) = delete;
  ChainNode& operator=(const ChainNode&) = delete;

  /// Blocks until the answer is there, ten seconds at most. The value is valid until the next question. One thread at a
  /// time; a loop of another object may run on it.
  Result<venue::json::Value> ask(const evm::rpc::Call& call);

 private:
  ChainNode() = default;
  void told(const venue::RequestOutcome& outcome);

  transport::Loop loop_;
  std::shared_ptr<transport::HttpPool> pool_;
  std::uint64_t next_id_ = 1;
  std::optional<Result<std::string>> reply_;
  venue::PaddedBuffer buffer_;
  venue::json::Document document_;
};

}  // namespace calypte::cli
