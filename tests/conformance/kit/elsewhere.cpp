#include "kit/elsewhere.hpp"

#include <array>

namespace calypte::conformance {

namespace {

constexpr std::string_view kEngine = "the same for every connector: unit_engine";
constexpr std::string_view kCore = "the same for every connector: unit_core";
constexpr std::string_view kJournal = "journal: unit_journal";

constexpr std::array kElsewhere = {
    Elsewhere{"CT IF", "order tracker, orders in flight", kEngine},
    Elsewhere{"OB BM OT DS", "order books, their messages, their sources", kEngine},
    Elsewhere{"US UT", "user stream source and tracker", kEngine},
    Elsewhere{"TH TS CU NC", "request throttle, clock, client order ids", kEngine},
    Elsewhere{"CB PT", "available balance, state of positions", kEngine},
    Elsewhere{"BC PB TF EV LO", "budget checker, fees, events, order values", kCore},
    Elsewhere{"RA WA WD", "requests and streams over sockets", "the same for every connector: unit_transport"},
    Elsewhere{"H-01 to H-04, H-09 to H-12", "whatever the order in which facts about an order come", kEngine},
    Elsewhere{"H-20, H-21, H-25 to H-28", "snapshots and diffs, whatever their order", kEngine},
    Elsewhere{"MR", "history of orders, fills and funding", kJournal},
    Elsewhere{"H-34 H-35", "lossless storage, keys of funding payments", kJournal},
    Elsewhere{"GB-04", "the state of a swap that is tracked", kEngine},
    Elsewhere{"GB-12", "registration", "a protocol is a row of connector/registry.cpp: unit_connector"},
    Elsewhere{"H-57", "pending range transactions", "needs a protocol that offers ranges of liquidity; none does yet"},
};

}  // namespace

std::span<const Elsewhere> cases_elsewhere() noexcept { return kElsewhere; }

}  // namespace calypte::conformance
