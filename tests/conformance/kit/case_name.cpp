#include "kit/case_name.hpp"

#include <algorithm>
#include <cctype>

namespace calypte::conformance {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

/// The length of "EX_03", "H_06" or "N05" at the beginning of a text in which '_' or the end follows; else 0.
std::size_t id_length(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && at < 2 && is_capital(text[at])) ++at;
  if (at == 0) return 0;
  if (at < text.size() && text[at] == '_') ++at;
  if (at + 2 > text.size() || !is_digit(text[at]) || !is_digit(text[at + 1])) return 0;
  at += 2;
  return at == text.size() || text[at] == '_' ? at : 0;
}

std::string upper_with_dashes(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c == '_' ? '-' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return result;
}

}  // namespace

CaseName case_name(std::string_view test) {
  CaseName name;
  for (std::size_t length = id_length(test); length > 0; length = id_length(test)) {
    name.ids.push_back(upper_with_dashes(test.substr(0, length)));
    test.remove_prefix(std::min(length + 1, test.size()));
  }
  name.title = test;
  std::replace(name.title.begin(), name.title.end(), '_', ' ');
  return name;
}

std::optional<TestName> test_name(std::string_view suite, std::string_view test, std::span<const std::string> venues) {
  const auto before_suite = suite.find('/');
  const auto before_venue = test.rfind('/');
  if (before_suite == suite.npos || before_venue == test.npos) return std::nullopt;
  const auto of = test.substr(before_venue + 1);
  // The longest name that fits: one venue's may be how another's begins.
  const std::string* found = nullptr;
  for (const auto& venue : venues) {
    const bool fits = of.starts_with(venue) && (of.size() == venue.size() || of[venue.size()] == '_');
    if (fits && (found == nullptr || venue.size() > found->size())) found = &venue;
  }
  if (found == nullptr) return std::nullopt;
  TestName name;
  name.full = std::string(suite) + "." + std::string(test);
  name.suite = suite.substr(before_suite + 1);
  name.test = test.substr(0, before_venue);
  name.venue = *found;
  if (of.size() > found->size()) name.variant = of.substr(found->size() + 1);
  name.name = case_name(name.test);
  return name;
}

bool is_meant(const CaseName& name, std::string_view test, std::string_view wanted) {
  const auto id = upper_with_dashes(wanted);
  for (const auto& each : name.ids) {
    if (each == id || each.substr(0, each.find_first_of("-0123456789")) == id) return true;
  }
  return wanted.size() > 3 && test.find(wanted) != test.npos;
}

}  // namespace calypte::conformance
