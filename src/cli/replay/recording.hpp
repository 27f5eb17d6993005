// Recordings of the traffic of real venues, in the forms in which other projects keep them, read into one form.
//
// A file is read as a whole: the largest has some ten megabytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calypte/result.hpp"
#include "calypte/time.hpp"

#include "venue/requests.hpp"

namespace calypte::cli {

enum class RecordingFormat : std::uint8_t {
  cryptofeed,  ///< lines {"t","conn","ts","url","data"}: REST answers and the frames of all connections by receive time
  hftbacktest,  ///< lines "<receive time> <JSON>"; the answer to the book request is one of them
  depthcharge,  ///< a line about the recording, then lines {"rx_ns","dir","frame"}
  frames,       ///< lines {"dir","data"}: frames that do not follow each other
  fixtures,     ///< a folder of files with one message each
};

struct FoundRecording {
  std::string name;            ///< the path below the folder that was searched
  std::filesystem::path path;  ///< of the file, or of the folder of fixtures
  RecordingFormat format = RecordingFormat::cryptofeed;
  std::string_view venue;  ///< its name in the register of venues; empty if nothing here reads it
};

/// What is known by folder and name to be a recording, in the order of names.
[[nodiscard]] std::vector<FoundRecording> find_recordings(const std::filesystem::path& folder);

struct RecordedEvent {
  enum class Kind : std::uint8_t { connected, frame, reply };
  Kind kind = Kind::frame;
  Time at{};                              ///< received
  std::string connection;                 ///< whichever word the recording has for it
  std::optional<venue::Request> request;  ///< of a reply: what it answers
  std::string text;
};

struct Recording {
  std::string name;
  std::string_view venue;
  bool conversation = true;  ///< false: messages that do not follow each other and make no books
  std::vector<RecordedEvent> events;
};

/// `unavailable` if a file cannot be opened, `malformed` if it is not of its format.
[[nodiscard]] Result<Recording> read_recording(const FoundRecording& found);

/// What a REST address asks for; empty for what no decoder is asked to read.
[[nodiscard]] std::optional<venue::Request> request_of_url(std::string_view url);

}  // namespace calypte::cli
