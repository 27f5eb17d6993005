#include <cstring>
#include <gtest/gtest.h>
#include <memory>
#include <new>

#include "calypte/credentials.hpp"

namespace {

// What a watched block of memory held at the moment of its release: reading it afterwards would be undefined.
const void* watched = nullptr;
std::array<char, 128> at_release{};
std::size_t watched_size = 0;
bool released = false;

void release(void* p) noexcept {
  if (p != nullptr && p == watched) {
    std::memcpy(at_release.data(), p, watched_size);
    released = true;
    watched = nullptr;
  }
  std::free(p);
}

}  // namespace

void* operator new(std::size_t size) {
  if (void* p = std::malloc(size == 0 ? 1 : size)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { release(p); }
void operator delete(void* p, std::size_t) noexcept { release(p); }

namespace calypte {
namespace {

// Short texts live inside the std::string, long ones on the heap.
constexpr const char* kShort = "s3cret";
constexpr const char* kLong = "a secret that is too long for the buffer inside of a string";

TEST(Secret, reveals_what_it_was_given) {
  EXPECT_EQ(Secret(kLong).reveal(), kLong);
  EXPECT_TRUE(Secret().empty());
  EXPECT_FALSE(Secret(kShort).empty());
}

TEST(Secret, moves_and_leaves_nothing_behind) {
  for (const char* text : {kShort, kLong}) {
    Secret a(text);
    Secret b(std::move(a));
    EXPECT_EQ(b.reveal(), text);
    EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
    Secret c("before");
    c = std::move(b);
    EXPECT_EQ(c.reveal(), text);
    EXPECT_TRUE(b.empty());  // NOLINT(bugprone-use-after-move)
    Secret& same = c;
    c = std::move(same);
    EXPECT_EQ(c.reveal(), text);
  }
}

TEST(Secret, clones_on_request) {
  const Secret a(kLong);
  const Secret b = a.clone();
  EXPECT_EQ(b.reveal(), kLong);
  EXPECT_NE(a.reveal().data(), b.reveal().data());
  Credentials credentials;
  EXPECT_TRUE(credentials.empty());
  credentials.api_key = Secret("key");
  credentials.passphrase = Secret("pass");
  const Credentials copy = credentials.clone();
  EXPECT_EQ(copy.api_key.reveal(), "key");
  EXPECT_EQ(copy.passphrase.reveal(), "pass");
}

bool holds(const unsigned char* bytes, std::size_t size, std::string_view text) {
  for (std::size_t i = 0; i + text.size() <= size; ++i) {
    if (std::memcmp(bytes + i, text.data(), text.size()) == 0) return true;
  }
  return false;
}

TEST(Secret, short_text_is_overwritten_where_it_was) {
  // The object's own memory may be looked at after its end, since the storage is ours.
  // Emptying a string overwrites its first character, so the others are what to look for.
  constexpr std::string_view kTail = std::string_view(kShort).substr(1);
  alignas(Secret) unsigned char storage[2 * sizeof(Secret)] = {};
  auto* a = new (storage) Secret(kShort);
  ASSERT_TRUE(holds(storage, sizeof(storage), kTail)) << "the library keeps short texts elsewhere";
  auto* b = new (storage + sizeof(Secret)) Secret(std::move(*a));
  EXPECT_FALSE(holds(storage, sizeof(Secret), kTail)) << "after a move";
  std::destroy_at(b);
  EXPECT_FALSE(holds(storage, sizeof(storage), kTail)) << "after destruction";
  std::destroy_at(a);
}

void watch(std::string_view text) {
  watched = text.data();
  watched_size = text.size();
  released = false;
  at_release.fill('?');
}
void expect_released_empty(std::size_t size) {
  ASSERT_TRUE(released);
  EXPECT_EQ(std::string(at_release.data(), size), std::string(size, '\0'));
}

TEST(Secret, long_text_is_overwritten_before_its_memory_is_released) {
  const std::size_t size = std::string_view(kLong).size();
  {
    const Secret a(kLong);
    watch(a.reveal());
  }
  expect_released_empty(size);
  {
    Secret a(kLong);
    watch(a.reveal());
    a = Secret("another text that is too long for the buffer inside of a string, and longer than the first");
  }
  expect_released_empty(size);
  {
    // The probe itself: an ordinary text is still there.
    const std::string plain(kLong);
    watch(plain);
  }
  ASSERT_TRUE(released);
  EXPECT_EQ(std::string(at_release.data(), size), kLong);
}

}  // namespace
}  // namespace calypte
