#include "cli/command_guard.hpp"

#include <chrono>
#include <fmt/format.h>
#include <sys/resource.h>
#include <utility>

#include "calypte/key_store.hpp"

#include "cli/fail.hpp"
#include "cli/key_check.hpp"
#include "runtime/guard.hpp"
#include "runtime/logging.hpp"
#include "runtime/password_source.hpp"

namespace calypte::cli {

namespace {

Result<Credentials> stored_credentials(const KeysOptions& keys, const std::string& name) {
  const auto path = keys.file.empty() ? default_key_store_path() : Result<std::string>(keys.file);
  if (!path.ok()) return path.status();
  const auto password = read_key_password({.descriptor = keys.password_fd});
  if (!password.ok()) return password.status();
  const auto store = KeyStore::open(*path, *password);
  if (!store.ok()) return store.status();
  return store->credentials(name);
}

}  // namespace

int run_guard(const KeysOptions& keys, const GuardCommandOptions& options) {
  // A crash of this process must not leave the keys in a file.
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);

  runtime::GuardOptions guard_options;
  guard_options.journal = options.journal;
  guard_options.venue = options.venue;
  guard_options.prefix = options.prefix;
  guard_options.after = std::chrono::seconds{options.after_seconds};
  guard_options.keep = options.keep;
  const auto environment = parse_environment(options.environment);
  if (!environment.ok()) return fail("guard", environment.status());
  guard_options.environment = *environment;
  if (!options.local_venue.empty()) {
    auto local = read_local_venue(options.local_venue);
    if (!local.ok()) return fail("guard", local.status());
    guard_options.local = std::move(*local);
  }
  auto credentials = stored_credentials(keys, options.key_name);
  if (!credentials.ok()) return fail("guard", credentials.status());
  guard_options.credentials = std::move(*credentials);

  const auto log = runtime::make_log(LogLevel::info);
  transport::Loop loop;
  auto guard = runtime::Guard::create(loop, std::move(guard_options), *log);
  if (!guard.ok()) return fail("guard", guard.status());
  auto end = runtime::GuardEnd::nothing_to_do;
  loop.on_termination_signal([&] { (*guard)->stop(); });
  (*guard)->start([&](runtime::GuardEnd how) {
    end = how;
    loop.stop();
  });
  loop.run();
  return static_cast<int>(end);
}

}  // namespace calypte::cli
