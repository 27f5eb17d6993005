// Files that only their owner may touch, in a folder that only their owner may touch.
//
// A file or folder that others can read, or that belongs to somebody else, is refused with a message that says what to
// do: whoever could write there could put something else in its place, whatever the mode of the file itself. A symbolic
// link in place of the file is refused as well; of the folder not. All failures are `denied`.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "calypte/result.hpp"

namespace calypte::runtime {

/// The whole file. One of more than `max_bytes` is refused before its end is read.
[[nodiscard]] Result<std::string> read_private_file(const std::string& path, std::size_t max_bytes);

/// Replaces or creates the file in one step that survives a loss of power: a new file beside it, synchronised, renamed,
/// the folder synchronised. A missing folder is made with mode 0700. Only one process at a time is in here; another one
/// is refused at once. `may_replace` is asked meanwhile with what the file holds now, nothing if there is none; what it
/// refuses is not done.
Status replace_private_file(const std::string& path, std::string_view content, std::size_t max_bytes,
                            const std::function<Status(std::optional<std::string_view> present)>& may_replace);

[[nodiscard]] bool file_exists(const std::string& path);

}  // namespace calypte::runtime
