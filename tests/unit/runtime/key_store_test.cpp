// The key store as a file that belongs to one user.
#include "calypte/key_store.hpp"

#include <atomic>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "runtime/key_file.hpp"
#include "runtime/private_file.hpp"

namespace calypte::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class KeyStores : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "calypte-keys-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    path = (folder / "keys").string();
  }
  void TearDown() override { fs::remove_all(folder); }
  /// A store with one entry, at the lowest cost that is allowed.
  void write_store() const {
    std::vector<runtime::KeyRecord> records;
    records.push_back({.name = "crypto_com/main",
                       .venue = "crypto_com",
                       .created = from_unix_ms(1'700'000'000'000),
                       .credentials = {Secret("abcdefghijklmnopqrst"), Secret("the secret"), Secret("")}});
    const auto file = runtime::seal_keys(records, password, runtime::kLeastKeyCost);
    ASSERT_TRUE(file.ok());
    write(path, *file);
  }
  static void write(const std::string& where, std::string_view text, unsigned mode = 0600) {
    std::ofstream(where, std::ios::binary) << text;
    ASSERT_EQ(::chmod(where.c_str(), mode), 0);
  }
  static std::string read(const std::string& where) {
    std::ifstream in(where, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] Status refusal() const { return KeyStore::open(path, password).status(); }
  static unsigned mode_of(const fs::path& where) {
    struct stat info{};
    return ::lstat(where.c_str(), &info) == 0 ? info.st_mode & 07777U : 0;
  }

  fs::path folder;
  std::string path;
  Secret password{"correct horse"};
};

TEST_F(KeyStores, keys_survive_and_are_found_by_name) {
  path = (folder / "new" / "deep" / "keys").string();
  EXPECT_FALSE(KeyStore::exists(path));
  KeyStore made = KeyStore::create(path);
  const Time created = from_unix_ms(1'700'000'000'000);
  ASSERT_TRUE(
      made.add("z/1", "crypto_com", {Secret("abcdefghijklmnopqrst"), Secret("s1"), Secret("p1")}, created).ok());
  ASSERT_TRUE(made.add("a/1", "binance", {Secret("short"), Secret("two\nlines"), Secret("")}, created).ok());
  const Status saved = made.save(password);
  ASSERT_TRUE(saved.ok()) << saved.to_string();
  EXPECT_EQ(mode_of(path), 0600U);
  EXPECT_EQ(mode_of(folder / "new" / "deep"), 0700U);

  auto store = KeyStore::open(path, password);
  ASSERT_TRUE(store.ok()) << store.status().to_string();
  const auto keys = store->credentials("z/1");
  ASSERT_TRUE(keys.ok());
  EXPECT_EQ(keys->api_key.reveal(), "abcdefghijklmnopqrst");
  EXPECT_EQ(keys->api_secret.reveal(), "s1");
  EXPECT_EQ(keys->passphrase.reveal(), "p1");
  EXPECT_EQ(store->credentials("a/1")->api_secret.reveal(), "two\nlines");
  for (const char* unknown : {"a/2", "", "zz", "a"}) {
    EXPECT_EQ(store->credentials(unknown).status().code(), StatusCode::denied) << unknown;
  }
  const auto rows = store->list();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].name, "a/1");
  EXPECT_EQ(rows[0].api_key_beginning, "") << "four of five characters would be too many";
  EXPECT_EQ(rows[1].venue, "crypto_com");
  EXPECT_EQ(rows[1].created, created);
  EXPECT_EQ(rows[1].api_key_beginning, "abcd");
}

TEST_F(KeyStores, changes_are_saved_together_or_not_at_all) {
  write_store();
  auto store = KeyStore::open(path, password);
  ASSERT_TRUE(store.ok());
  const auto some = [] { return Credentials{Secret("k"), Secret("s"), Secret("")}; };
  EXPECT_EQ(store->add("crypto_com/main", "crypto_com", some(), Time{}).code(), StatusCode::denied) << "taken";
  EXPECT_EQ(store->add("no good", "crypto_com", some(), Time{}).code(), StatusCode::denied);
  EXPECT_EQ(store->remove("nobody").code(), StatusCode::denied);
  ASSERT_TRUE(store->remove("crypto_com/main").ok());
  ASSERT_TRUE(store->add("other", "crypto_com", some(), Time{}).ok());
  EXPECT_EQ(KeyStore::open(path, password)->list()[0].name, "crypto_com/main") << "nothing was saved yet";
  EXPECT_EQ(store->save(Secret("seven77")).code(), StatusCode::denied);
  EXPECT_EQ(KeyStore::open(path, password)->list()[0].name, "crypto_com/main");
  ASSERT_TRUE(store->save(Secret("another password")).ok());
  EXPECT_EQ(refusal().code(), StatusCode::unauthenticated) << "the password was changed";
  const auto back = KeyStore::open(path, Secret("another password"));
  ASSERT_TRUE(back.ok());
  ASSERT_EQ(back->list().size(), 1U);
  EXPECT_EQ(back->list()[0].name, "other");
}

TEST_F(KeyStores, each_failure_has_its_own_words) {
  EXPECT_THAT(refusal().message(), HasSubstr("No such file"));
  EXPECT_EQ(refusal().code(), StatusCode::denied);
  write_store();
  ASSERT_TRUE(refusal().ok());
  EXPECT_EQ(KeyStore::open(path, Secret("wrong password")).status().code(), StatusCode::unauthenticated);
  std::string file = read(path);
  write(path, file.substr(0, file.size() - 1));
  EXPECT_EQ(refusal().code(), StatusCode::malformed);
  EXPECT_THAT(refusal().message(), HasSubstr("damaged"));
  write(path, "");
  EXPECT_EQ(refusal().code(), StatusCode::malformed);
  write(path, std::string(2 * runtime::kMaxKeyFileBytes, 'x'));
  EXPECT_THAT(refusal().message(), HasSubstr("more than"));
  fs::remove(path);
  fs::create_directory(path);
  ::chmod(path.c_str(), 0700);
  EXPECT_THAT(refusal().message(), HasSubstr("not a regular file"));
  fs::remove(path);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_THAT(refusal().message(), HasSubstr("not a regular file")) << "and does not wait for a writer";
  for (const char* none : {"", "/", "..", "keys/"}) {
    EXPECT_EQ(KeyStore::open(none, password).status().code(), StatusCode::denied) << none;
  }
}

TEST_F(KeyStores, what_others_can_reach_is_refused_with_the_remedy) {
  write_store();
  for (const unsigned mode : {0640U, 0604U, 0620U, 0602U, 0610U, 0601U, 0666U}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    EXPECT_EQ(refusal().code(), StatusCode::denied);
    EXPECT_THAT(refusal().message(), HasSubstr("chmod 600 '" + path + "'")) << mode;
  }
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  for (const unsigned mode : {0750U, 0705U, 0720U, 0702U, 0710U, 0701U, 01777U}) {
    ASSERT_EQ(::chmod(folder.c_str(), mode), 0);
    EXPECT_THAT(refusal().message(), HasSubstr("chmod 700 '" + folder.string() + "'")) << mode;
    const auto yes = [](std::optional<std::string_view>) { return Status{}; };
    EXPECT_EQ(runtime::replace_private_file((folder / "other").string(), "x", 1, yes).code(), StatusCode::denied)
        << "nor is anything written there";
    EXPECT_FALSE(fs::exists(folder / "other"));
  }
  ASSERT_EQ(::chmod(folder.c_str(), 0700), 0);
  EXPECT_TRUE(refusal().ok());
}

TEST_F(KeyStores, what_belongs_to_somebody_else_is_refused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  write_store();
  ASSERT_EQ(::chown(path.c_str(), 1, 1), 0);
  EXPECT_THAT(refusal().message(), HasSubstr("belongs to another user"));
  ASSERT_EQ(::chown(path.c_str(), 0, 0), 0);
  ASSERT_EQ(::chown(folder.c_str(), 1, 1), 0);
  EXPECT_THAT(refusal().message(), HasSubstr("belongs to another user"));
}

TEST_F(KeyStores, a_link_in_place_of_the_file_is_refused) {
  write_store();
  fs::rename(path, folder / "real");
  fs::create_symlink("real", path);
  EXPECT_THAT(refusal().message(), HasSubstr("symbolic link"));
  EXPECT_EQ(KeyStore::create(path).save(password).code(), StatusCode::denied);
  EXPECT_TRUE(fs::is_symlink(path)) << "and is not replaced";
}

TEST_F(KeyStores, nobody_overwrites_what_another_saved) {
  write_store();
  auto first = KeyStore::open(path, password);
  auto second = KeyStore::open(path, password);
  ASSERT_TRUE(first.ok() && second.ok());
  const auto some = [] { return Credentials{Secret("k"), Secret("s"), Secret("")}; };
  ASSERT_TRUE(first->add("first", "crypto_com", some(), Time{}).ok());
  ASSERT_TRUE(second->add("second", "crypto_com", some(), Time{}).ok());
  ASSERT_TRUE(first->save(password).ok());
  const Status late = second->save(password);
  EXPECT_EQ(late.code(), StatusCode::denied);
  EXPECT_THAT(late.message(), HasSubstr("changed by another process"));
  EXPECT_TRUE(KeyStore::open(path, password)->credentials("first").ok());
  EXPECT_TRUE(first->save(password).ok()) << "its own file is no reason to refuse";
  // A store that was to be new, and one that has gone.
  EXPECT_EQ(KeyStore::create(path).save(password).code(), StatusCode::denied);
  fs::remove(path);
  EXPECT_EQ(first->save(password).code(), StatusCode::denied);
}

TEST_F(KeyStores, one_writes_at_a_time) {
  write_store();
  const std::string before = read(path);
  const auto yes = [](std::optional<std::string_view>) { return Status{}; };
  const int other = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ASSERT_EQ(::flock(other, LOCK_EX), 0);
  const Status busy = runtime::replace_private_file(path, "x", 1U << 20U, yes);
  EXPECT_THAT(busy.message(), HasSubstr("another process is writing"));
  EXPECT_EQ(read(path), before);
  ::close(other);
  EXPECT_TRUE(runtime::replace_private_file(path, "x", 1U << 20U, yes).ok());
  EXPECT_EQ(read(path), "x");
}

TEST_F(KeyStores, readers_find_the_old_file_or_the_new_one) {
  // Four megabytes would be seen half written if they were written in place.
  constexpr std::size_t kLarge = 4U << 20U;
  const auto yes = [](std::optional<std::string_view>) { return Status{}; };
  ASSERT_TRUE(runtime::replace_private_file(path, std::string(kLarge, 'a'), kLarge, yes).ok());
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; i < 30; ++i) {
      EXPECT_TRUE(
          runtime::replace_private_file(path, std::string(kLarge, static_cast<char>('a' + i % 7)), kLarge, yes).ok());
    }
    done = true;
  });
  int reads = 0;
  do {
    const auto content = runtime::read_private_file(path, kLarge);
    if (!content.ok()) {
      ADD_FAILURE() << content.status().to_string();
      break;
    }
    EXPECT_EQ(content->size(), kLarge);
    EXPECT_EQ(content->find_first_not_of(content->front()), std::string::npos);
    ++reads;
  } while (!done);
  writer.join();
  EXPECT_GT(reads, 0);
}

TEST_F(KeyStores, what_died_while_writing_is_no_obstacle_and_a_failure_leaves_the_old_file) {
  write_store();
  const std::string before = read(path);
  const auto yes = [](std::optional<std::string_view>) { return Status{}; };
  // A folder cannot be unlinked as a file: there is no way to write beside the store.
  fs::create_directory(path + ".new");
  EXPECT_EQ(runtime::replace_private_file(path, "x", 1U << 20U, yes).code(), StatusCode::denied);
  EXPECT_EQ(read(path), before);
  fs::remove(path + ".new");
  write(path + ".new", "half of a sto", 0644);
  EXPECT_TRUE(runtime::replace_private_file(path, "y", 1U << 20U, yes).ok());
  EXPECT_EQ(read(path), "y");
  EXPECT_EQ(mode_of(path), 0600U);
  EXPECT_FALSE(fs::exists(path + ".new"));
  const auto no = [](std::optional<std::string_view>) { return Status(StatusCode::denied, "no"); };
  EXPECT_EQ(runtime::replace_private_file(path, "z", 1U << 20U, no).message(), "no");
  EXPECT_EQ(read(path), "y");
}

TEST(KeyStorePath, follows_the_environment) {
  const auto restore = [](const char* name, const char* value) {
    if (value == nullptr) {
      ::unsetenv(name);
    } else {
      ::setenv(name, value, 1);
    }
  };
  const char* const home = std::getenv("HOME");
  const std::string kept = home == nullptr ? "" : home;
  ::setenv("HOME", "/h", 1);
  ::setenv("XDG_CONFIG_HOME", "/x", 1);
  EXPECT_EQ(default_key_store_path().value(), "/x/calypte/keys");
  ::setenv("XDG_CONFIG_HOME", "relative", 1);
  EXPECT_EQ(default_key_store_path().value(), "/h/.config/calypte/keys");
  ::unsetenv("XDG_CONFIG_HOME");
  EXPECT_EQ(default_key_store_path().value(), "/h/.config/calypte/keys");
  ::unsetenv("HOME");
  EXPECT_EQ(default_key_store_path().status().code(), StatusCode::denied);
  restore("HOME", home == nullptr ? nullptr : kept.c_str());
}

}  // namespace
}  // namespace calypte::test
