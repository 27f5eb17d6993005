#include "cli/hosted_venue.hpp"

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

#include "venue/json_writer.hpp"

namespace calypte::cli {

namespace {

/// A new, empty file of our own in the folder for temporary files; empty if there can be none.
std::string new_temporary_file() {
  std::error_code error;
  const auto folder = std::filesystem::temp_directory_path(error);
  if (error) return {};
  std::string path = (folder / "calypte-ca-XXXXXX").string();
  const int descriptor = ::mkstemp(path.data());
  if (descriptor < 0) return {};
  ::close(descriptor);
  return path;
}

}  // namespace

Result<std::unique_ptr<HostedVenue>> HostedVenue::create(HostedVenueOptions options, LogSink& log) {
  std::unique_ptr<HostedVenue> hosted(new HostedVenue());
  hosted->name_ = options.name;
  hosted->venue_ = sim::make_simulated_venue(options.name, options.venue, hosted->loop_.now());
  if (!hosted->venue_) {
    std::string names;
    for (const auto name : sim::simulated_venue_names()) names.append(names.empty() ? "" : ", ").append(name);
    return Status(StatusCode::denied,
                  fmt::format("there is no simulated venue '{}'; there are: {}", options.name, names));
  }
  hosted->owns_ca_file_ = options.ca_file.empty();
  const std::string ca_file = options.ca_file.empty() ? new_temporary_file() : options.ca_file;
  if (ca_file.empty()) return Status(StatusCode::denied, "no file for the CA certificate can be made");
  auto certificates = transport::TestCertificates::create(ca_file);
  if (!certificates.ok()) return certificates.status();
  auto server = transport::Server::create(hosted->loop_, *hosted->venue_, *certificates, {.port = options.port}, log);
  if (!server.ok()) return server.status();
  hosted->server_ = std::move(*server);

  const auto paths = hosted->venue_->paths();
  const auto host = fmt::format("localhost:{}", hosted->server_->port());
  hosted->addresses_ = {.rest_url = "https://" + host + paths.rest,
                        .market_stream_url = "wss://" + host + paths.market_stream,
                        .user_stream_url = "wss://" + host + paths.user_stream,
                        .trade_stream_url = paths.trade_stream.empty() ? "" : "wss://" + host + paths.trade_stream,
                        .order_stream_url = paths.order_stream.empty() ? "" : "wss://" + host + paths.order_stream,
                        .ca_file = ca_file};
  return hosted;
}

HostedVenue::~HostedVenue() {
  stop();
  server_.reset();
  if (owns_ca_file_ && !addresses_.ca_file.empty()) {
    std::error_code ignored;
    std::filesystem::remove(addresses_.ca_file, ignored);
  }
}

Credentials HostedVenue::credentials() const {
  return {.api_key = Secret(venue_->test_api_key()), .api_secret = Secret(venue_->test_api_secret()), .passphrase = {}};
}

std::string HostedVenue::to_json() const {
  std::string text;
  venue::json::Writer writer(text);
  writer.begin_object();
  writer.field("venue", name_);
  writer.field("rest_url", addresses_.rest_url);
  writer.field("market_stream_url", addresses_.market_stream_url);
  writer.field("user_stream_url", addresses_.user_stream_url);
  if (!addresses_.trade_stream_url.empty()) writer.field("trade_stream_url", addresses_.trade_stream_url);
  if (!addresses_.order_stream_url.empty()) writer.field("order_stream_url", addresses_.order_stream_url);
  writer.field("ca_file", addresses_.ca_file);
  writer.field("api_key", venue_->test_api_key());
  writer.field("api_secret", venue_->test_api_secret());
  const std::string_view ed25519 = venue_->test_ed25519_api_key();
  if (!ed25519.empty()) writer.field("ed25519_api_key", ed25519);
  writer.end_object();
  return text;
}

void HostedVenue::start() {
  if (!thread_.joinable()) thread_ = std::thread([this] { loop_.run(); });
}

void HostedVenue::stop_on_signals() {
  loop_.on_termination_signal([this] { loop_.stop(); });
}

void HostedVenue::run() { loop_.run(); }

void HostedVenue::stop() {
  loop_.stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace calypte::cli
