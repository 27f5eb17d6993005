#include "cli/command_keys.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <utility>

#include "calypte/key_store.hpp"

#include "cli/fail.hpp"
#include "cli/key_check.hpp"
#include "connector/registry.hpp"
#include "runtime/key_file.hpp"
#include "runtime/password_source.hpp"

namespace calypte::cli {

namespace {

/// A crash of this process must not leave the keys in a file.
void allow_no_core_dump() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

Result<std::string> path_of(const KeysOptions& keys) {
  if (!keys.file.empty()) return keys.file;
  return default_key_store_path();
}

struct Opened {
  KeyStore store;
  Secret password;
};

/// With the password, for those who save it afterwards.
Result<Opened> open_store(const KeysOptions& keys) {
  allow_no_core_dump();
  const auto path = path_of(keys);
  if (!path.ok()) return path.status();
  if (!KeyStore::exists(*path)) {
    return Status(StatusCode::denied, fmt::format("there is no key store {}; `calypte keys add` makes it", *path));
  }
  auto password = read_key_password({.descriptor = keys.password_fd});
  if (!password.ok()) return password.status();
  auto store = KeyStore::open(*path, *password);
  if (!store.ok()) return store.status();
  return Opened{std::move(*store), std::move(*password)};
}

Result<Opened> open_or_create_store(const KeysOptions& keys) {
  allow_no_core_dump();
  const auto path = path_of(keys);
  if (!path.ok()) return path.status();
  if (KeyStore::exists(*path)) return open_store(keys);
  auto password = read_key_password({.descriptor = keys.password_fd, .twice = true});
  if (!password.ok()) return password.status();
  return Opened{KeyStore::create(*path), std::move(*password)};
}

/// Of a protocol there is a private key, and nothing to log in with.
bool is_protocol(std::string_view venue) {
  return std::ranges::any_of(connector::protocols(), [&](const auto& row) { return row.name == venue; });
}

Result<Credentials> read_credentials(const KeysAddOptions& options) {
  Credentials credentials;
  std::optional<runtime::Terminal> terminal;
  const auto ask = [&](std::string_view prompt, bool is_text) -> Result<Secret> {
    if (!terminal) {
      auto opened = runtime::Terminal::open();
      if (!opened.ok()) return opened.status();
      terminal.emplace(std::move(*opened));
    }
    return is_text ? terminal->ask_hidden_text(prompt) : terminal->ask_hidden(prompt);
  };
  if (is_protocol(options.venue)) {
    auto key = options.api_secret_fd ? runtime::read_secret_line(*options.api_secret_fd) : ask("Private key: ", false);
    if (!key.ok()) return key.status();
    credentials.api_secret = std::move(*key);
    return credentials;
  }
  auto api_key = options.api_key_fd ? runtime::read_secret_line(*options.api_key_fd) : ask("API key: ", false);
  if (!api_key.ok()) return api_key.status();
  credentials.api_key = std::move(*api_key);
  if (options.passphrase_fd || options.passphrase) {
    auto passphrase =
        options.passphrase_fd ? runtime::read_secret_line(*options.passphrase_fd) : ask("API passphrase: ", false);
    if (!passphrase.ok()) return passphrase.status();
    credentials.passphrase = std::move(*passphrase);
  }
  auto api_secret = options.api_secret_fd ? runtime::read_secret_rest(*options.api_secret_fd)
                                          : ask("API secret, or a private key with its BEGIN and END lines: ", true);
  if (!api_secret.ok()) return api_secret.status();
  credentials.api_secret = std::move(*api_secret);
  return credentials;
}

}  // namespace

int run_keys_add(const KeysOptions& keys, const KeysAddOptions& options) {
  if (!connector::make_venue(options.venue) && !is_protocol(options.venue)) {
    return fail("keys", {StatusCode::denied, fmt::format("there is no connector named '{}'", options.venue)});
  }
  // What is wrong already is said before anything secret has to be typed.
  if (!runtime::is_key_name(options.name)) return fail("keys", runtime::not_a_key_name());
  auto opened = open_or_create_store(keys);
  if (!opened.ok()) return fail("keys", opened.status());
  for (const auto& row : opened->store.list()) {
    if (row.name == options.name) {
      return fail("keys", {StatusCode::denied, fmt::format("there is an entry {} already; remove it first", row.name)});
    }
  }
  auto credentials = read_credentials(options);
  if (!credentials.ok()) return fail("keys", credentials.status());
  const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  Status status = opened->store.add(options.name, options.venue, std::move(*credentials), now);
  if (status.ok()) status = opened->store.save(opened->password);
  if (!status.ok()) return fail("keys", status);
  fmt::print("added {}\n", options.name);
  return 0;
}

int run_keys_list(const KeysOptions& keys) {
  const auto opened = open_store(keys);
  if (!opened.ok()) return fail("keys", opened.status());
  for (const auto& row : opened->store.list()) {
    const auto created = std::chrono::time_point_cast<std::chrono::seconds>(row.created);
    fmt::print("{:<32} {:<20} {:%Y-%m-%dT%H:%M:%S}Z {}{}\n", row.name, row.venue,
               fmt::gmtime(static_cast<std::time_t>(created.time_since_epoch().count())), row.api_key_beginning, "...");
  }
  return 0;
}

int run_keys_remove(const KeysOptions& keys, const KeysRemoveOptions& options) {
  auto opened = open_store(keys);
  if (!opened.ok()) return fail("keys", opened.status());
  if (Status removed = opened->store.remove(options.name); !removed.ok()) return fail("keys", removed);
  if (!options.yes) {
    auto terminal = runtime::Terminal::open();
    if (!terminal.ok())
      return fail("keys", {StatusCode::denied, "there is no terminal to ask on; --yes removes without asking"});
    const auto answer = terminal->ask(fmt::format("Remove {} for good? Type yes: ", options.name));
    if (!answer.ok()) return fail("keys", answer.status());
    if (*answer != "yes") return fail("keys", {StatusCode::denied, "nothing was removed"});
  }
  if (Status saved = opened->store.save(opened->password); !saved.ok()) return fail("keys", saved);
  fmt::print("removed {}\n", options.name);
  return 0;
}

int run_keys_test(const KeysOptions& keys, const KeysTestOptions& options) {
  ConnectorConfig config;
  const auto environment = parse_environment(options.environment);
  if (!environment.ok()) return fail("keys", environment.status());
  config.environment = *environment;
  const auto pair = TradingPair::parse(options.pair);
  if (!pair.ok()) return fail("keys", pair.status());
  config.trading_pairs = {*pair};
  if (!options.local_venue.empty()) {
    auto local = read_local_venue(options.local_venue);
    if (!local.ok()) return fail("keys", local.status());
    config.local = std::move(*local);
  }
  {  // The rest of the store is not needed while the venue is asked.
    const auto opened = open_store(keys);
    if (!opened.ok()) return fail("keys", opened.status());
    auto credentials = opened->store.credentials(options.name);
    if (!credentials.ok()) return fail("keys", credentials.status());
    config.credentials = std::move(*credentials);
    for (const auto& row : opened->store.list()) {
      if (row.name == options.name) config.venue = row.venue;
    }
    if (is_protocol(config.venue)) return fail("keys", {StatusCode::denied, "a protocol has no log-in to test"});
  }
  const std::string place = fmt::format("{} ({})", config.venue, options.environment);
  const auto balances = check_keys(std::move(config), std::chrono::seconds{options.seconds});
  if (balances.ok()) {
    fmt::print("ok: {} accepts {}; {} balances\n", place, options.name, *balances);
    return 0;
  }
  const Status status = balances.status();
  if (status.code() == StatusCode::denied) return fail("keys", status);
  fmt::print(stderr, "calypte keys: {}: {}\n", place, status.to_string());
  if (status.code() == StatusCode::unauthenticated && *environment == Environment::testnet) {
    fmt::print(stderr, "Keys of the venue itself are tested with --environment live.\n");
  }
  return 1;
}

}  // namespace calypte::cli
