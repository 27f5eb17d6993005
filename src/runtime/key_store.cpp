#include "calypte/key_store.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <utility>

#include "runtime/denied.hpp"
#include "runtime/key_file.hpp"
#include "runtime/private_file.hpp"

namespace calypte {

namespace {

using runtime::denied;

constexpr std::size_t kLeastPasswordBytes = 8;
constexpr std::size_t kShownOfKey = 4;
/// Of a key that is shorter than this, four characters would be worth guessing with.
constexpr std::size_t kLeastShownKey = 16;

Status at(const std::string& path, const Status& status) {
  return {status.code(), status.reason(), fmt::format("{}: {}", path, status.message())};
}

}  // namespace

struct KeyStore::Impl {
  std::string path;
  std::vector<runtime::KeyRecord> records = {};                      // ascending by name
  std::optional<runtime::KeyFileChecksum> read_from = std::nullopt;  // of the file that it was read from or saved as

  [[nodiscard]] auto find(std::string_view name) const {
    return std::lower_bound(records.begin(), records.end(), name,
                            [](const auto& record, std::string_view wanted) { return record.name < wanted; });
  }
  [[nodiscard]] bool has(std::string_view name) const {
    const auto it = find(name);
    return it != records.end() && it->name == name;
  }
};

KeyStore::KeyStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
KeyStore::KeyStore(KeyStore&&) noexcept = default;
KeyStore& KeyStore::operator=(KeyStore&&) noexcept = default;
KeyStore::~KeyStore() = default;

KeyStore KeyStore::create(const std::string& path) { return KeyStore(std::make_unique<Impl>(Impl{.path = path})); }

bool KeyStore::exists(const std::string& path) { return runtime::file_exists(path); }

Result<KeyStore> KeyStore::open(const std::string& path, const Secret& password) {
  const auto file = runtime::read_private_file(path, runtime::kMaxKeyFileBytes);
  if (!file.ok()) return file.status();
  auto records = runtime::unseal_keys(*file, password);
  if (!records.ok()) return at(path, records.status());
  return KeyStore(std::make_unique<Impl>(
      Impl{.path = path, .records = std::move(*records), .read_from = runtime::checksum_of(*file)}));
}

Result<Credentials> KeyStore::credentials(std::string_view name) const {
  if (!impl_->has(name)) return denied(fmt::format("{} has no entry of this name", impl_->path));
  return impl_->find(name)->credentials.clone();
}

std::vector<KeyDescription> KeyStore::list() const {
  std::vector<KeyDescription> rows;
  for (const auto& record : impl_->records) {
    const std::string_view key = record.credentials.api_key.reveal();
    rows.push_back({.name = record.name,
                    .venue = record.venue,
                    .created = record.created,
                    .api_key_beginning = std::string(key.substr(0, key.size() < kLeastShownKey ? 0 : kShownOfKey))});
  }
  return rows;
}

Status KeyStore::add(std::string_view name, std::string_view venue, Credentials credentials, Time created) {
  runtime::KeyRecord record{std::string(name), std::string(venue), created, std::move(credentials)};
  if (Status checked = runtime::check_key_record(record); !checked.ok()) return checked;
  if (created < Time{}) return denied("a key is not older than 1970");
  if (impl_->has(name)) return denied(fmt::format("there is an entry {} already; remove it first", name));
  impl_->records.insert(impl_->find(name), std::move(record));
  return {};
}

Status KeyStore::remove(std::string_view name) {
  if (!impl_->has(name)) return denied(fmt::format("{} has no entry of this name", impl_->path));
  impl_->records.erase(impl_->find(name));
  return {};
}

Status KeyStore::save(const Secret& password) {
  if (password.reveal().size() < kLeastPasswordBytes) {
    return denied(fmt::format("a password has at least {} characters", kLeastPasswordBytes));
  }
  // Before the lock is taken: this is the part that takes long.
  const auto file = runtime::seal_keys(impl_->records, password, runtime::kUsualKeyCost);
  if (!file.ok()) return file.status();
  const auto may_replace = [&](std::optional<std::string_view> present) -> Status {
    const auto now = present ? std::optional(runtime::checksum_of(*present)) : std::nullopt;
    if (now == impl_->read_from) return {};
    return denied(
        fmt::format("{} was changed by another process meanwhile; nothing was saved, try again", impl_->path));
  };
  Status saved = runtime::replace_private_file(impl_->path, *file, runtime::kMaxKeyFileBytes, may_replace);
  if (saved.ok()) impl_->read_from = runtime::checksum_of(*file);
  return saved;
}

Result<std::string> default_key_store_path() {
  const auto variable = [](const char* name) -> std::string {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  // Relative paths in this variable are to be ignored, says the specification that it is from.
  if (const std::string config = variable("XDG_CONFIG_HOME"); config.starts_with('/')) return config + "/calypte/keys";
  if (const std::string home = variable("HOME"); home.starts_with('/')) return home + "/.config/calypte/keys";
  return denied("neither XDG_CONFIG_HOME nor HOME says where the keys are; name the file");
}

}  // namespace calypte
