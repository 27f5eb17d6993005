// Keys on disk, encrypted with a password. docs/keys.md has the threat model and the format.
//
//   auto password = read_key_password();
//   auto path = default_key_store_path();
//   auto store = KeyStore::open(*path, *password);
//   config.credentials = *store->credentials("crypto_com/main");   // each of these is a Result: check it
//
// Threading: nothing here is synchronised or tied to a `Runtime`; a store is used by one thread at a time. Opening and
// saving take about a second and 256 MiB on purpose, which is what makes guessing a password expensive: do it before
// `Runtime::run`. No message ever holds a key, a secret or a password.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/credentials.hpp"
#include "calypte/result.hpp"
#include "calypte/time.hpp"

namespace calypte {

/// What may be shown of an entry.
struct KeyDescription {
  std::string name;   ///< "<venue>/<account>" by convention; letters, digits and "._-/", at most 64
  std::string venue;  ///< "crypto_com"
  Time created{};
  std::string api_key_beginning;  ///< at most four characters; empty if the key is so short that they would say much
};

class KeyStore {
 public:
  /// Reads a whole store; the file is not kept open, and neither password nor derived key are kept.
  /// `denied`: there is no such file, it cannot be read, or it or its folder can be reached by other users.
  /// `unauthenticated`: the password is wrong (or somebody without it altered an otherwise intact file).
  /// `malformed`: the file is damaged, or no key store. `unsupported`: it is of another version.
  static Result<KeyStore> open(const std::string& path, const Secret& password);
  /// An empty store that `save` will put where no file is yet. Touches nothing.
  static KeyStore create(const std::string& path);
  [[nodiscard]] static bool exists(const std::string& path);

  KeyStore(KeyStore&& other) noexcept;
  KeyStore& operator=(KeyStore&& other) noexcept;
  ~KeyStore();

  /// A copy of an entry's keys, owned by the caller. `denied` if there is none of this name.
  [[nodiscard]] Result<Credentials> credentials(std::string_view name) const;
  /// In the order of the names.
  [[nodiscard]] std::vector<KeyDescription> list() const;

  /// In memory only, until `save`. `denied`: the name is taken or not a name, or the keys are empty or hold what no key
  /// holds. The API secret may have several lines (a PEM text); the others may not.
  Status add(std::string_view name, std::string_view venue, Credentials credentials, Time created);
  Status remove(std::string_view name);
  /// Encrypts everything under `password`, which thereby becomes the store's, and replaces the file in one step:
  /// whoever reads it, and whatever dies meanwhile, finds the old file or the new one. A missing folder is made.
  /// `denied`: it cannot be written; the password has fewer than eight characters; or the file is not the one that was
  /// opened any more, because another process has saved it since. Then open it again and repeat the change.
  Status save(const Secret& password);

 private:
  struct Impl;
  explicit KeyStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// $XDG_CONFIG_HOME/calypte/keys, or ~/.config/calypte/keys. `denied` if neither variable is set.
[[nodiscard]] Result<std::string> default_key_store_path();

struct KeyPasswordOptions {
  std::optional<int> descriptor = std::nullopt;  ///< the first line of this open file is the password
  bool twice = false;                            ///< on the terminal: ask again, and insist that both are the same
};
/// The password: from the descriptor if one is given, else from the environment variable CALYPTE_KEYS_PASSWORD, else
/// from the terminal, without echo. The variable is overwritten and removed in any case, so that no child process gets
/// it: call this before other threads are started. `denied` if there is no password or none of the three is there.
[[nodiscard]] Result<Secret> read_key_password(const KeyPasswordOptions& options = {});

}  // namespace calypte
