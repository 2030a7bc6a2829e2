// graftline serve
#include <fmt/format.h>

#include <csignal>

#include "cli/commands.h"
#include "cli/options.h"
#include "server/server.h"
#include "store/store.h"

namespace graftline::cli {
namespace {

struct ServeCommand {
  std::string store, site, mapping, as_of;
  std::vector<std::string> protocols, folders;
  server::ServeOptions http;
  bool is_demo = false;
  bool is_quiet = false;
};

int serve(const ServeCommand& command) {
  if (command.http.tls_certificate.empty() != command.http.tls_key.empty())
    return fail({ErrorKind::malformed_input, "--tls-cert and --tls-key: expected both or neither"});
  if (command.http.account_header.empty() != command.http.proxy_address.empty())
    return fail(
        {ErrorKind::malformed_input, "--account-header and --proxy-address: expected both or neither"});
  std::signal(SIGXFSZ, SIG_IGN);  // a full quota is an error of a write, not the end of the program
  std::signal(SIGPIPE, SIG_IGN);
  // The threads that follow inherit the mask; this one waits for the signal to stop.
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGINT);
  sigaddset(&stops, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);
  auto store = store::Store::open(command.store, store::Access::write);
  if (!store) return fail(store.error());
  service::WorkplaceOptions options;
  options.protocol_folders = protocol_folders(command.folders);
  options.protocols = command.protocols;
  options.site_file = command.site;
  options.mapping_file = command.mapping;
  options.version = GRAFTLINE_VERSION;
  options.is_demo = command.is_demo;
  auto workplace = service::Workplace::open(**store, std::move(options));
  if (!workplace) return fail(workplace.error());
  server::ServeOptions http = command.http;
  if (!command.as_of.empty()) {
    const auto day = parse_day(command.as_of);
    if (!day) return fail({ErrorKind::malformed_input, "--as-of: expected a day such as 2026-03-02"});
    http.today = *day;
  }
  http.logs = !command.is_quiet;
  auto server = server::Server::start(**workplace, http);
  if (!server) return fail(server.error());
  fmt::print("graftline serves {}://{}:{}/ until Ctrl-C\n", http.tls_certificate.empty() ? "http" : "https",
             http.bind, (*server)->port());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&stops, &signal);
  (*server)->stop();
  return done;
}

}  // namespace

void define_serve(CLI::App& app, Run& run) {
  auto command = std::make_shared<ServeCommand>();
  app.add_option("--store", command->store,
                 "the store: a file, or postgresql://...; `graftline store create` makes one")
      ->required();
  app.add_option("--port", command->http.port, "0: any that is free")
      ->capture_default_str()
      ->check(CLI::Range(0, 65535));
  app.add_option("--bind", command->http.bind, "address to listen on; the default is this machine alone")
      ->capture_default_str();
  app.add_option("--tls-cert", command->http.tls_certificate, "certificate chain, PEM");
  app.add_option("--tls-key", command->http.tls_key, "its key, PEM");
  app.add_option("-p,--protocol", command->protocols,
                 "asked when a page names none; repeat it. All when left out");
  app.add_option("--protocols", command->folders, "folders with protocols");
  app.add_option("--site", command->site, "site file (TOML): parameters, upper limits, values for bags");
  app.add_option("--mapping", command->mapping, "mapping file (TOML) for uploads");
  app.add_option("--account-header", command->http.account_header,
                 "a reverse proxy that signs people in names the account in this header; off by default");
  app.add_option("--proxy-address", command->http.proxy_address,
                 "the only address that --account-header is believed from");
  app.add_option("--as-of", command->as_of, "the day that pages ask about; today when left out");
  app.add_flag("--demo", command->is_demo, "every page says that the patients are made up");
  app.add_flag("--quiet", command->is_quiet, "no line per request on the error stream");
  app.footer(
      "Examples:\n"
      "  graftline serve --store centre.db\n"
      "  graftline serve --store centre.db --port 8443 --bind 0.0.0.0 --tls-cert cert.pem --tls-key key.pem\n"
      "  graftline serve --store \"postgresql://graftline@db/graftline\" --protocol nct07319793 --site "
      "site.toml");
  app.callback([command, &run] { run = [command] { return serve(*command); }; });
}

}  // namespace graftline::cli
