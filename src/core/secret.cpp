#include "calypte/credentials.hpp"

namespace calypte {
namespace {

/// Overwrites the whole buffer of the text, also the part beyond its size, and empties it.
void wipe(std::string& text) noexcept {
  text.resize(text.capacity());  // within the capacity: no allocation
  for (char& c : text) c = '\0';
  // Tells the compiler that somebody reads the memory, so that it cannot drop the stores as dead.
  __asm__ __volatile__("" : : "r"(text.data()) : "memory");
  text.clear();
}

}  // namespace

Secret::Secret(std::string text) noexcept : text_(std::move(text)) {
  wipe(text);  // NOLINT(bugprone-use-after-move): a short text is copied by a move and stays behind
}

Secret::Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { wipe(other.text_); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe(text_);  // the move might release this buffer, or hand it to the other
    text_ = std::move(other.text_);
    wipe(other.text_);
  }
  return *this;
}

Secret::~Secret() { wipe(text_); }

}  // namespace calypte
