#include "cli/replay/report.hpp"

#include <fmt/format.h>

#include "venue/json_writer.hpp"

namespace calypte::cli {

namespace {

constexpr std::string_view kRow = "{:<57} {:<18} {:>8} {:>8} {:>6} {:>6} {:>7} {:>7} {:>11} {:>11} {:>11} {:>9} {}\n";

std::string share(std::uint64_t good, std::uint64_t all) {
  return all == 0 ? std::string("-") : fmt::format("{}/{}", good, all);
}

std::string_view verdict(const ReplayResult& result) {
  if (!result.faults.empty()) return "FAULT";
  return result.venue.empty() ? "no decoder" : "ok";
}

}  // namespace

std::string report_head() {
  return fmt::format(fmt::runtime(kRow), "recording", "venue", "messages", "applied", "stale", "breaks", "resyncs",
                     "crossed", "checksums", "best at id", "best in ids", "undecoded", "");
}

std::string report_row(const ReplayResult& result) {
  const auto& books = result.books;
  if (result.venue.empty()) return fmt::format("{:<57} {}\n", result.recording, verdict(result));
  std::string text = fmt::format(
      fmt::runtime(kRow), result.recording, result.venue, result.frames,
      result.conversation ? fmt::format("{}", books.diffs + books.keep_alives + books.snapshots) : "-", books.stale,
      books.breaks, books.resyncs, books.crossed, share(books.checksum_ok, books.checksum_ok + books.checksum_bad),
      share(books.bbo_agreed, books.bbo_compared), share(result.quotes.agreed, result.quotes.compared),
      result.undecoded, verdict(result));
  text += "  messages:";
  for (const auto& [channel, counts] : result.channels) {
    text += fmt::format(" {} {}", channel, counts.messages);
    if (counts.repeated != 0) text += fmt::format(" ({} repeated)", counts.repeated);
    text += ',';
  }
  text += fmt::format(" REST {}; of no interest {}\n", result.replies, result.without_records);
  if (result.conversation) {
    text += fmt::format("  books: {} of {} live; {} snapshots, {} diffs, {} keep-alives, {} bridges, {} trades\n",
                        result.books_live, result.books_followed, books.snapshots, books.diffs, books.keep_alives,
                        books.bridges, books.trades);
  }
  for (const auto& fault : result.faults) text += fmt::format("  FAULT: {}\n", fault);
  return text;
}

std::string report_end(std::span<const ReplayResult> results) {
  std::size_t replayed = 0;
  std::size_t faulty = 0;
  for (const auto& result : results) {
    if (!result.venue.empty()) ++replayed;
    if (!result.faults.empty()) ++faulty;
  }
  return fmt::format("{} recordings, {} replayed, {} with faults\n", results.size(), replayed, faulty);
}

std::string report_json(std::span<const ReplayResult> results) {
  std::string text;
  venue::json::Writer out(text);
  const auto number = [&out](std::string_view name, std::uint64_t value) { out.key(name).integer(value); };
  std::uint64_t faults = 0;
  out.begin_object().key("recordings").begin_array();
  for (const auto& result : results) {
    const auto& books = result.books;
    out.begin_object().field("recording", result.recording).field("venue", result.venue);
    out.field("verdict", verdict(result));
    out.key("conversation").boolean(result.conversation);
    number("frames", result.frames);
    number("replies", result.replies);
    number("without_records", result.without_records);
    number("undecoded", result.undecoded);
    out.key("channels").begin_object();
    for (const auto& [channel, counts] : result.channels) {
      out.key(channel).begin_object();
      number("messages", counts.messages);
      number("repeated", counts.repeated);
      out.end_object();
    }
    out.end_object();
    number("instruments", result.instruments);
    number("bad_instruments", result.bad_instruments);
    number("notices", result.notices);
    number("books_followed", result.books_followed);
    number("books_live", result.books_live);
    number("resubscriptions", result.resubscriptions);
    number("unasked_books", result.unasked_books);
    number("snapshots", books.snapshots);
    number("diffs", books.diffs);
    number("keep_alives", books.keep_alives);
    number("stale", books.stale);
    number("held_back", books.held_back);
    number("dropped_unsynced", books.dropped_unsynced);
    number("breaks", books.breaks);
    number("bridges", books.bridges);
    number("resyncs", books.resyncs);
    number("crossed", books.crossed);
    number("checksum_ok", books.checksum_ok);
    number("checksum_bad", books.checksum_bad);
    number("trades", books.trades);
    number("bbo_compared", books.bbo_compared);
    number("bbo_agreed", books.bbo_agreed);
    number("bbo_in_ids_compared", result.quotes.compared);
    number("bbo_in_ids_agreed", result.quotes.agreed);
    number("went_silent", books.went_silent);
    number("deleted_absent", books.deleted_absent);
    out.key("faults").begin_array();
    for (const auto& fault : result.faults) out.string(fault);
    out.end_array().end_object();
    faults += result.faults.size();
  }
  out.end_array();
  number("faults", faults);
  out.end_object();
  return text;
}

}  // namespace calypte::cli
