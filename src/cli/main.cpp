#include <CLI/CLI.hpp>

#include "cli/command_conformance.hpp"
#include "cli/command_guard.hpp"
#include "cli/command_history.hpp"
#include "cli/command_keys.hpp"
#include "cli/command_replay.hpp"
#include "cli/command_simulate.hpp"
#include "cli/commands.hpp"

namespace {

using namespace calypte::cli;

int run(int argc, char** argv) {
  CLI::App app{"Calypte connects trading strategies to crypto venues."};
  app.require_subcommand(1);
  app.set_version_flag("--version", "calypte " CALYPTE_VERSION);
  int exit_code = 0;

  VenueOptions venue;
  auto* venue_command = app.add_subcommand("venue", "Run a simulated venue on this machine until SIGTERM");
  venue_command->add_option("name", venue.name, "Its name, for example crypto_com")->required();
  venue_command->add_option("--seed", venue.seed, "Seed of prices, keys and background trading");
  venue_command->add_option("--orders-per-second", venue.orders_per_second, "Background trading of each instrument");
  venue_command->add_option("--port", venue.port, "Port on loopback; a free one by default");
  venue_command->add_option("--ca-file", venue.ca_file, "Where to write the CA certificate for clients");
  venue_command->callback([&] { exit_code = run_venue(venue); });

  DemoOptions demo;
  auto* demo_command =
      app.add_subcommand("demo", "Trade on a simulated venue, or on a chain, and compare the books afterwards");
  demo_command->add_option("venue", demo.venue,
                           "Which simulated venue; or uniswap, on a chain of its own (needs Node.js)");
  demo_command->add_option("--pair", demo.pair, "Trading pair");
  demo_command->add_option("--seconds", demo.seconds, "How long to quote")->check(CLI::Range(1, 86'400));
  demo_command->add_option("--seed", demo.seed, "Seed of the venue; another one each time by default");
  demo_command->add_flag("--plain", demo.plain, "Plain lines instead of a live view");
  std::string chain_tools = CALYPTE_CHAIN_TOOLS;
  demo_command->add_option("--chain-tools", chain_tools, "For uniswap: the folder tools/chain of the sources");
  demo_command->callback([&] {
    const bool on_chain = demo.venue == "uniswap";
    for (const auto* option : {"--pair", "--seconds", "--seed"}) {
      if (on_chain && demo_command->count(option) > 0) throw CLI::ValidationError(option, "is for simulated venues");
    }
    exit_code = on_chain ? run_protocol_demo({.protocol = demo.venue, .chain_tools = chain_tools}) : run_demo(demo);
  });

  ReplayOptions replay;
  auto* replay_command =
      app.add_subcommand("replay", "Run recordings of real venues through the live decoders and books");
  replay_command->add_option("folder", replay.folder, "A folder of recordings")
      ->required()
      ->check(CLI::ExistingDirectory);
  replay_command->add_flag("--check", replay.check, "Fail if anything is undecoded, broken or disagrees");
  replay_command->add_flag("--json", replay.json, "Rows as JSON");
  replay_command->callback([&] { exit_code = run_replay(replay); });

  // Its options are those of the program that it starts, which explains them itself.
  auto* conformance_command =
      app.add_subcommand("conformance", "Run the conformance cases against a connector and print a table");
  conformance_command->prefix_command();
  conformance_command->set_help_flag();
  conformance_command->callback([&] { exit_code = run_conformance(conformance_command->remaining()); });

  HistoryOptions history;
  auto* history_command = app.add_subcommand("history", "Show the orders, fills, funding or events of a journal");
  history_command->add_option("where", history.where, "A journal's folder, a SQLite file, or postgresql://...")
      ->required();
  history_command->add_option("table", history.table, "orders, fills, funding or events");
  history_command->add_option("--since", history.since, "A date or time (UTC) as 2026-11-30T12:00:00, or 90m, 12h, 7d");
  history_command->add_option("--limit", history.limit, "How many, the newest")->check(CLI::Range(1, 1'000'000));
  history_command->add_flag("--csv", history.csv, "Comma-separated values instead of columns");
  history_command->callback([&] { exit_code = run_history(history); });

  SimulateOptions simulate;
  auto* simulate_command =
      app.add_subcommand("simulate",
                         "Run connectors in virtual time while everything goes wrong, and hold them to the "
                         "ledger of the venue");
  simulate_command->add_option("venue", simulate.venue, "Which simulated venue; all of them by default");
  simulate_command->add_option("--seed", simulate.seed, "The first seed");
  simulate_command->add_option("--seeds", simulate.seeds, "How many; 0: as many as fit into --seconds");
  simulate_command->add_option("--seconds", simulate.seconds, "Begin no run after this long");
  simulate_command->add_option("--virtual-minutes", simulate.virtual_minutes, "How long faults strike in each run")
      ->check(CLI::Range(1, 10'000));
  simulate_command->add_option("--jobs", simulate.jobs, "Threads")->check(CLI::Range(1, 256));
  simulate_command->add_flag("--no-deaths", simulate.no_deaths, "The process does not die");
  simulate_command->add_flag("--json", simulate.json, "The totals as JSON in the last line");
  simulate_command->callback([&] {
    if (simulate.seconds > 0 && simulate_command->count("--seeds") == 0) simulate.seeds = 0;
    exit_code = run_simulate(simulate);
  });

  KeysOptions keys;
  auto* keys_command = app.add_subcommand("keys", "Keep API keys encrypted on disk, and try them");
  keys_command->require_subcommand(1);
  keys_command->add_option("--file", keys.file, "The store; $XDG_CONFIG_HOME/calypte/keys or ~/.config/calypte/keys");
  keys_command->add_option("--password-fd", keys.password_fd, "Descriptor whose first line is the password")
      ->check(CLI::NonNegativeNumber);
  keys_command->fallthrough();  // both may also stand behind the subcommand
  keys_command->footer("The password is read from --password-fd, else from CALYPTE_KEYS_PASSWORD, else asked for.");

  KeysAddOptions keys_add;
  auto* add = keys_command->add_subcommand("add", "Add keys; makes the store if there is none");
  add->add_option("name", keys_add.name, "For example crypto_com/main")->required();
  add->add_option("--venue", keys_add.venue, "Whose keys they are; `calypte venues` lists them")->required();
  add->add_option("--api-key-fd", keys_add.api_key_fd, "Descriptor whose next line is the API key")
      ->check(CLI::NonNegativeNumber);
  add->add_option("--passphrase-fd", keys_add.passphrase_fd, "Descriptor whose next line is the passphrase")
      ->check(CLI::NonNegativeNumber);
  add->add_option("--api-secret-fd", keys_add.api_secret_fd, "Descriptor whose rest is the secret or private key")
      ->check(CLI::NonNegativeNumber);
  add->add_flag("--passphrase", keys_add.passphrase, "The venue has a passphrase: ask for it");
  add->callback([&] { exit_code = run_keys_add(keys, keys_add); });

  auto* list = keys_command->add_subcommand("list", "Names, venues, times of creation; nothing secret");
  list->callback([&] { exit_code = run_keys_list(keys); });

  KeysRemoveOptions keys_remove;
  auto* remove = keys_command->add_subcommand("remove", "Remove keys from the store");
  remove->add_option("name", keys_remove.name)->required();
  remove->add_flag("--yes", keys_remove.yes, "Do not ask");
  remove->callback([&] { exit_code = run_keys_remove(keys, keys_remove); });

  KeysTestOptions keys_test;
  auto* test = keys_command->add_subcommand("test", "Log in with the keys and ask for the balances; places no order");
  test->add_option("name", keys_test.name)->required();
  test->add_option("--environment", keys_test.environment, "live, testnet or local");
  test->add_option("--local-venue", keys_test.local_venue, "For local: a file with what `calypte venue` prints");
  test->add_option("--pair", keys_test.pair, "A trading pair of the venue");
  test->add_option("--seconds", keys_test.seconds, "How long to wait")->check(CLI::Range(1, 600));
  test->callback([&] { exit_code = run_keys_test(keys, keys_test); });

  GuardCommandOptions guard;
  KeysOptions guard_keys;
  auto* guard_command = app.add_subcommand("guard", "Watch a connector, and cancel its open orders when it is dead");
  guard_command->add_option("--journal", guard.journal, "The folder of its journal")->required();
  guard_command->add_option("--venue", guard.venue, "Its venue")->required();
  guard_command->add_option("--environment", guard.environment, "live, testnet or local");
  guard_command->add_option("--local-venue", guard.local_venue, "For local: a file with what `calypte venue` prints");
  guard_command->add_option("--keys", guard.key_name, "Name of the keys in the store")->required();
  guard_command->add_option("--keys-file", guard_keys.file, "The store, as for `calypte keys --file`");
  guard_command->add_option("--password-fd", guard_keys.password_fd, "Descriptor whose first line is the password")
      ->check(CLI::NonNegativeNumber);
  guard_command->add_option("--prefix", guard.prefix, "Of its client order ids; its heartbeat says which by default");
  guard_command->add_option("--after", guard.after_seconds, "Seconds of silence that mean death")
      ->check(CLI::Range(1, 86'400));
  guard_command->add_flag("--keep", guard.keep, "Go on watching after it has stopped or its orders were cancelled");
  guard_command->footer(
      "Exit codes: 0 nothing to do; 2 could not run; 3 it died, nothing was open; 4 it died, its "
      "orders were cancelled; 5 ended before that was certain.");
  guard_command->callback([&] { exit_code = run_guard(guard_keys, guard); });

  auto* venues_command = app.add_subcommand("venues", "List the connectors");
  venues_command->callback([&] { exit_code = run_venues(); });

  CLI11_PARSE(app, argc, argv);
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) { return run(argc, argv); }
