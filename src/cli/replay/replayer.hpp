// Replays a recording: its bytes go through the venue's live decoder into the tracker that keeps the live books.
//
// The clock is the recording's receive time, in which the tracker's own deadlines fall due as they would have live. A
// recorded REST answer is handed over when the tracker has asked for it: at once if it had asked before, else as soon
// as it asks. A symbol counts as subscribed to from its first message.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cli/replay/quote_check.hpp"
#include "cli/replay/recording.hpp"
#include "engine/order_book_tracker.hpp"
#include "venue/venue.hpp"

namespace calypte::cli {

struct ReplayResult {
  struct Channel {
    std::uint64_t messages = 0;
    std::uint64_t repeated = 0;  ///< byte for byte like an earlier one of the same channel
  };

  std::string recording;
  std::string venue;  ///< empty: there is no decoder, and nothing was replayed
  bool conversation = true;
  std::uint64_t frames = 0;
  std::uint64_t replies = 0;
  std::uint64_t without_records = 0;  ///< understood, and of no interest
  std::uint64_t undecoded = 0;        ///< frames and replies
  std::map<std::string, Channel> channels;
  std::uint64_t instruments = 0;
  std::uint64_t bad_instruments = 0;
  std::uint64_t notices = 0;  ///< refused subscriptions and what else the venue complains of
  std::uint64_t books_followed = 0;
  std::uint64_t books_live = 0;       ///< at the end
  std::uint64_t resubscriptions = 0;  ///< asked for by the tracker; a recording cannot answer
  std::uint64_t unasked_books = 0;    ///< recorded REST books for which the tracker had no use
  engine::BookCounters books;
  QuoteCheck::Counts quotes;
  std::vector<std::string> faults;  ///< for a person; empty if all is well
};

[[nodiscard]] ReplayResult replay(const Recording& recording, venue::Venue& venue);
/// Reads and replays; what cannot be read is a fault.
[[nodiscard]] ReplayResult replay_file(const FoundRecording& found);

/// A pair for a symbol that no list of instruments explains, so that it can be followed under a readable name.
[[nodiscard]] TradingPair derive_pair(std::string_view symbol);

}  // namespace calypte::cli
