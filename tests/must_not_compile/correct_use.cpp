// The right way for each mistake of this folder: it must compile, or the others prove nothing.
#include <fmt/format.h>
#include <ostream>
#include <sstream>

#include "calypte/credentials.hpp"
#include "calypte/decimal.hpp"
#include "calypte/result.hpp"
#include "calypte/types.hpp"

using namespace calypte;

void log_a_secret(const Secret& secret, std::ostream& out) {
  out << secret.reveal().size();
  (void)fmt::format("{}", secret.empty());
}
Secret copy_of(const Secret& secret) { return secret.clone(); }
Secret moved(Secret secret) { return secret; }
Decimal price() { return "0.1"_dec; }
Decimal whole(unsigned long long n) { return n; }
bool is_dear(const Decimal& price) { return price > 100; }
void ask(const Symbol&);
void ask_for(const Symbol& symbol) { ask(symbol); }
void remember(ExchangeOrderId& id, const ExchangeOrderId& other) { id = other; }
Status act();
bool heed() { return act().ok(); }
TradeType side() { return TradeType::buy; }
