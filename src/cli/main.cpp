#include <CLI/CLI.hpp>

#include "cli/command_replay.hpp"
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
  auto* demo_command = app.add_subcommand("demo", "Quote a simulated venue and compare the books afterwards");
  demo_command->add_option("venue", demo.venue, "Which simulated venue");
  demo_command->add_option("--pair", demo.pair, "Trading pair");
  demo_command->add_option("--seconds", demo.seconds, "How long to quote")->check(CLI::Range(1, 86'400));
  demo_command->add_option("--seed", demo.seed, "Seed of the venue; another one each time by default");
  demo_command->add_flag("--plain", demo.plain, "Plain lines instead of a live view");
  demo_command->callback([&] { exit_code = run_demo(demo); });

  ReplayOptions replay;
  auto* replay_command =
      app.add_subcommand("replay", "Run recordings of real venues through the live decoders and books");
  replay_command->add_option("folder", replay.folder, "A folder of recordings")
      ->required()
      ->check(CLI::ExistingDirectory);
  replay_command->add_flag("--check", replay.check, "Fail if anything is undecoded, broken or disagrees");
  replay_command->add_flag("--json", replay.json, "Rows as JSON");
  replay_command->callback([&] { exit_code = run_replay(replay); });

  auto* venues_command = app.add_subcommand("venues", "List the connectors");
  venues_command->callback([&] { exit_code = run_venues(); });

  CLI11_PARSE(app, argc, argv);
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) { return run(argc, argv); }
