// `calypte keys`: the encrypted store of API keys, from the command line. docs/keys.md shows each command.
//
// Exit codes: 0 done; 1 the venue did not accept the keys; 2 it could not be done, and the reason is on stderr.
// Nothing secret is ever printed, or taken from an argument.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace calypte::cli {

struct KeysOptions {
  std::string file;  ///< empty: the usual place
  std::optional<int> password_fd;
};

struct KeysAddOptions {
  std::string name;
  std::string venue;
  bool passphrase = false;  ///< ask for one on the terminal
  // Where each comes from; the terminal if there is no descriptor. One descriptor may serve several.
  std::optional<int> api_key_fd;
  std::optional<int> passphrase_fd;
  std::optional<int> api_secret_fd;  ///< everything that follows, so it is read last
};
int run_keys_add(const KeysOptions& keys, const KeysAddOptions& options);

int run_keys_list(const KeysOptions& keys);

struct KeysRemoveOptions {
  std::string name;
  bool yes = false;  ///< do not ask
};
int run_keys_remove(const KeysOptions& keys, const KeysRemoveOptions& options);

struct KeysTestOptions {
  std::string name;
  std::string environment = "testnet";
  std::string local_venue;  ///< a file with the line that `calypte venue` prints
  std::string pair = "BTC-USDT";
  std::uint32_t seconds = 20;
};
/// Connects as a strategy does, waits until the venue has told the balances, and goes: no order, no cancel.
int run_keys_test(const KeysOptions& keys, const KeysTestOptions& options);

}  // namespace calypte::cli
