// The check that the end-to-end tests rely on must itself find what it looks for.
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "unit/runtime/recording_log.hpp"

namespace calypte::test {
namespace {

const Credentials& credentials() {
  static const Credentials kept{Secret("key-0123456789abcdef"), Secret("s3cr3t-ZYXWVUTSRQPONMLK"), Secret{}};
  return kept;
}

TEST(Secrets, a_clean_log_passes) {
  RecordingLog log;
  log.log(LogLevel::trace, "crypto_com.session", "logged in with a key of 20 characters");
  expect_no_secret(log, credentials());
}

TEST(Secrets, every_form_of_a_secret_is_found) {
  const std::vector<std::string> leaks{
      "api_key=key-0123456789abcdef",
      "s3cr3t-ZYXWVUTSRQPONMLK",
      "a piece: WVUTSRQP...",
      "hex 7333637233742d5a59585756555453",
      "HEX 7333637233742D5A59585756555453",
      // "key-0123456789abcdef:s3cr3t-ZYXWVUTSRQPONMLK" and the secret behind one and two other bytes.
      "Basic a2V5LTAxMjM0NTY3ODlhYmNkZWY6czNjcjN0LVpZWFdWVVRTUlFQT05NTEs=",
      "eHMzY3IzdC1aWVhXVlVUU1JRUE9OTUxL",
      "eHhzM2NyM3QtWllYV1ZVVFNSUVBPTk1MSw==",
  };
  for (const std::string& leak : leaks) {
    SCOPED_TRACE(&leak - leaks.data());
    testing::TestPartResultArray failures;
    {
      const testing::ScopedFakeTestPartResultReporter intercept(
          testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &failures);
      RecordingLog log;
      log.log(LogLevel::trace, "x", leak);
      expect_no_secret(log, credentials());
    }
    ASSERT_GE(failures.size(), 1);
    for (int i = 0; i < failures.size(); ++i) {
      EXPECT_EQ(std::string_view(failures.GetTestPartResult(i).message()).find("WVUTSRQP"), std::string_view::npos)
          << "the failure itself must not show it";
    }
  }
}

TEST(Secrets, an_empty_log_and_a_short_secret_prove_nothing) {
  static RecordingLog empty;
  EXPECT_NONFATAL_FAILURE(expect_no_secret(empty, credentials()), "nothing was logged");
  static const Credentials kShort{Secret("short"), Secret{}, Secret{}};
  EXPECT_NONFATAL_FAILURE(expect_no_secret("harmless", kShort), "use a longer API key");
}

}  // namespace
}  // namespace calypte::test
