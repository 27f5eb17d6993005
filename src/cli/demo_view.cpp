#include "cli/demo_view.hpp"

#include <algorithm>
#include <clocale>
#include <cmath>
#include <cstdlib>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <ncurses.h>
#include <string>
#include <unistd.h>

#include "cli/plain_text.hpp"

namespace calypte::cli {

namespace {

enum class Colour : short { plain = 0, bid = 1, ask = 2, head = 3, own = 4, bad = 5 };

void define(Colour colour, short foreground, short background) {
  init_pair(static_cast<short>(colour), foreground, background);
}

/// Writes a text at a place and cuts it at the edge of the window.
void put(int row, int column, const std::string& text, Colour colour = Colour::plain, bool bold = false) {
  const int width = COLS - column;
  if (row < 0 || row >= LINES || width <= 0) return;
  const attr_t attributes = (bold ? A_BOLD : A_NORMAL) | static_cast<attr_t>(COLOR_PAIR(static_cast<short>(colour)));
  attron(attributes);
  mvaddnstr(row, column, text.c_str(), width);
  attroff(attributes);
}

/// A bar as long as the level is large beside the largest shown.
std::string bar(const Decimal& amount, const Decimal& largest) {
  const double share = largest.is_zero() ? 0 : amount.to_double() / largest.to_double();
  return std::string(static_cast<std::size_t>(std::lround(share * 12)), '#');
}

}  // namespace

std::unique_ptr<DemoView> DemoView::open() {
  if (isatty(STDOUT_FILENO) == 0 || std::getenv("TERM") == nullptr) return nullptr;
  std::setlocale(LC_ALL, "");
  // newterm instead of initscr, which would end the program on a terminal that it does not know.
  if (newterm(nullptr, stdout, stdin) == nullptr) return nullptr;
  cbreak();
  noecho();
  nodelay(stdscr, TRUE);
  curs_set(0);
  if (has_colors()) {
    start_color();
    use_default_colors();
    define(Colour::bid, COLOR_GREEN, -1);
    define(Colour::ask, COLOR_RED, -1);
    define(Colour::head, COLOR_CYAN, -1);
    define(Colour::own, COLOR_YELLOW, -1);
    define(Colour::bad, COLOR_WHITE, COLOR_RED);
  }
  return std::unique_ptr<DemoView>(new DemoView());
}

DemoView::~DemoView() { endwin(); }

void DemoView::draw(const Exchange& exchange, const DemoStrategy& strategy, const TradingPair& pair, Duration left) {
  erase();
  const int half = std::max(44, COLS / 2 - 8);
  const auto* book = exchange.order_book(pair);
  const bool live = book != nullptr && book->is_live();
  put(0, 0,
      fmt::format("calypte demo   {} {}   {} s left", exchange.name(), pair.to_string(),
                  std::chrono::duration_cast<std::chrono::seconds>(left).count()),
      Colour::head, true);
  put(0, half,
      live ? "book LIVE" : "book NOT IN SYNC: " + (book == nullptr ? std::string("none") : book->state_reason()),
      live ? Colour::bid : Colour::bad, true);

  // The ladder: as many levels a side as the window allows beside the lower part.
  const int log_rows = std::max(6, LINES / 3);
  const int depth = std::clamp((LINES - log_rows - 5) / 2, 3, 12);
  if (book != nullptr) {
    const auto& levels = book->last_known();
    const auto asks = levels.asks(static_cast<std::size_t>(depth));
    const auto bids = levels.bids(static_cast<std::size_t>(depth));
    Decimal largest;
    for (const auto* side : {&asks, &bids}) {
      for (const auto& row : *side) largest = std::max(largest, row.amount);
    }
    const auto own = [&](const Decimal& price) {
      const auto orders = exchange.in_flight_orders();
      return std::any_of(orders.begin(), orders.end(), [&](const auto* o) { return o->price() == price; });
    };
    const auto level = [&](int row, const OrderBookRow& r, Colour colour) {
      const bool mine = own(r.price);
      put(row, 2, fmt::format("{:>12} {:>12} ", r.price.to_string(), r.amount.to_string()), mine ? Colour::own : colour,
          mine);
      put(row, 29, mine ? bar(r.amount, largest) + " <- own" : bar(r.amount, largest), mine ? Colour::own : colour);
    };
    for (std::size_t i = 0; i < asks.size(); ++i) level(2 + depth - 1 - static_cast<int>(i), asks[i], Colour::ask);
    const auto mid = levels.mid_price();
    put(2 + depth, 2, fmt::format("{:>12} mid", mid ? mid->normalized().to_string() : "-"), Colour::head);
    for (std::size_t i = 0; i < bids.size(); ++i) level(3 + depth + static_cast<int>(i), bids[i], Colour::bid);
  }

  int row = 2;
  put(row++, half, "own orders", Colour::head, true);
  for (const auto* order : exchange.in_flight_orders()) {
    if (row > 7) break;
    put(row++, half,
        fmt::format("{:<4} {:>11} x {:<9} {}", to_string(order->trade_type()),
                    order->price() ? order->price()->to_string() : "market", order->amount().to_string(),
                    to_string(order->state())),
        order->trade_type() == TradeType::buy ? Colour::bid : Colour::ask);
  }
  row = 9;
  put(row++, half, "balances", Colour::head, true);
  for (const auto& asset : {pair.base(), pair.quote()}) {
    put(row++, half,
        fmt::format("{:<5} {:>18} available {}", asset, exchange.balance(asset).to_string(),
                    exchange.available_balance(asset).to_string()));
  }
  ++row;
  put(row++, half, "latency                 p50      p99", Colour::head, true);
  put(row++, half, "order to created  " + percentiles(strategy.order_latency()));
  put(row++, half, "socket to book    " + percentiles(strategy.book_latency()));
  put(row++, half, fmt::format("{} book updates", strategy.book_updates()));

  const int first = LINES - log_rows;
  put(first - 1, 0, std::string(static_cast<std::size_t>(COLS), '-'), Colour::head);
  const auto& log = strategy.log();
  const std::size_t shown = std::min<std::size_t>(log.size(), static_cast<std::size_t>(log_rows));
  for (std::size_t i = 0; i < shown; ++i) {
    put(first + static_cast<int>(i), 0, plain_line(log[log.size() - shown + i]));
  }
  refresh();
  getch();  // a key press is swallowed, and a change of the window's size is noticed
}

}  // namespace calypte::cli
