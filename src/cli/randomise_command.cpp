// graftline randomise
#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <memory>

#include "cli/options.h"
#include "service/randomisation.h"

namespace graftline::cli {
namespace {

struct RandomiseOptions {
  service::RuleRequest rule;
  std::string secret_file, so_far, seal, format = "text";
  std::vector<std::string> levels;
  int patients = 0;
  int replicates = 1000;
  std::uint64_t seed = 1;
};
using Options = std::shared_ptr<RandomiseOptions>;

Result<std::string> file_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{ErrorKind::not_found, fmt::format("{}: cannot be read", path)};
  return std::string(std::istreambuf_iterator<char>(in), {});
}

// The first line; a secret on the command line would be seen by everybody on the machine.
Result<std::string> secret_of(const RandomiseOptions& options) {
  auto text = file_text(options.secret_file);
  if (!text)
    return Error{
        ErrorKind::not_found,
        fmt::format("{}: cannot be read; its first line is to be the secret, 16 characters or more that "
                    "nobody can guess, as from: head -c 32 /dev/urandom | base64 > {}",
                    options.secret_file, options.secret_file)};
  return text->substr(0, text->find_first_of("\r\n"));
}

int print(const Result<service::DesignSheet>& sheet, const std::string& format) {
  if (!sheet) return fail(sheet.error());
  fmt::print("{}", printed(*sheet, format == "json"  ? service::SheetFormat::json
                                   : format == "csv" ? service::SheetFormat::csv
                                                     : service::SheetFormat::text));
  return done;
}

int list(const RandomiseOptions& o) {
  const auto secret = secret_of(o);
  return secret ? print(service::randomise_list(o.rule, *secret, o.patients), o.format)
                : fail(secret.error());
}

int seal(const RandomiseOptions& o) {
  const auto secret = secret_of(o);
  return secret ? print(service::randomise_seal(*secret), o.format) : fail(secret.error());
}

int next(const RandomiseOptions& o) {
  const auto secret = secret_of(o);
  if (!secret) return fail(secret.error());
  const auto so_far = o.so_far.empty() ? Result<std::string>(std::string()) : file_text(o.so_far);
  if (!so_far) return fail(so_far.error());
  return print(service::randomise_next(o.rule, *secret, *so_far, o.levels), o.format);
}

int verify(const RandomiseOptions& o) {
  const auto secret = secret_of(o);
  if (!secret) return fail(secret.error());
  const auto so_far = file_text(o.so_far);
  if (!so_far) return fail(so_far.error());
  const auto audit = service::randomise_verify(o.rule, *secret, o.seal, *so_far);
  if (!audit) return fail(audit.error());
  print(audit->sheet, o.format);
  return audit->ok ? done : found_failures;
}

int quality(const RandomiseOptions& o) {
  return print(service::randomise_quality(o.rule, o.patients, o.replicates, o.seed), o.format);
}

void rule_options(CLI::App& app, RandomiseOptions& o) {
  app.add_option("--rule", o.rule.rule, "blocks (default), coin, minimisation");
  app.add_option("--arms", o.rule.arms, "names: control,treated (A,B)")->delimiter(',');
  app.add_option("--ratio", o.rule.ratio, "a share per arm, in that order: 1:2 (1:1)");
  app.add_option("--factor", o.rule.factors, "a factor to stratify by or to balance: HLA=matched,mismatched");
  app.add_option("--blocks", o.rule.block_sizes, "block sizes, drawn by lot (2,4,6)")->delimiter(',');
  app.add_option("--probability", o.rule.probability, "towards balance: coin (2/3), minimisation (0.8)");
  app.add_option("--limit", o.rule.limit, "coin: certain from that imbalance on (never)");
  app.add_option("--measure", o.rule.measure, "minimisation: range (default) or variance");
  app.add_option("--weights", o.rule.weights, "minimisation: one per factor")->delimiter(',');
}

CLI::App* task(CLI::App& app, Run& run, const Options& o, const char* name, const char* summary,
               int (*does)(const RandomiseOptions&), const std::string& example) {
  CLI::App* command = app.add_subcommand(name, summary);
  command->footer("Example:\n" + example);
  command->add_option("--format", o->format, "text, json or csv")
      ->check(CLI::IsMember({"text", "json", "csv"}));
  command->callback([o, does, &run] { run = [o, does] { return does(*o); }; });
  return command;
}

void secret_option(CLI::App& app, RandomiseOptions& o) {
  app.add_option("--secret-file", o.secret_file, "its first line is the secret, 16 characters or more")
      ->required();
}

}  // namespace

void define_randomise(CLI::App& app, Run& run) {
  app.require_subcommand(1);
  const auto o = std::make_shared<RandomiseOptions>();
  CLI::App* sealing = task(app, run, o, "seal", "digits to publish before the first patient", seal,
                           "  head -c 32 /dev/urandom | base64 > secret.txt\n"
                           "  graftline randomise seal --secret-file secret.txt");
  secret_option(*sealing, *o);
  CLI::App* listing = task(app, run, o, "list", "an allocation list for every stratum", list,
                           "  graftline randomise list --secret-file secret.txt --arms control,dli --factor "
                           "HLA=matched,mismatched --patients 20 --format csv");
  secret_option(*listing, *o);
  rule_options(*listing, *o);
  listing->add_option("--patients", o->patients, "in each stratum")->required();
  CLI::App* following =
      task(app, run, o, "next", "the arm of the next patient", next,
           "  graftline randomise next --secret-file secret.txt --rule minimisation --factor "
           "HLA=matched,mismatched --factor centre=1,2,3 --so-far allocations.csv --levels "
           "matched,2");
  secret_option(*following, *o);
  rule_options(*following, *o);
  following->add_option("--so-far", o->so_far,
                        "CSV of all allocations in order: a column per factor, and arm");
  following->add_option("--levels", o->levels, "of the patient, one per --factor: matched,centre 2")
      ->delimiter(',');
  CLI::App* auditing =
      task(app, run, o, "verify", "run a sequence again: does it follow from the sealed secret?", verify,
           "  graftline randomise verify --secret-file secret.txt --seal 0f3a... --so-far allocations.csv "
           "--factor "
           "HLA=matched,mismatched");
  secret_option(*auditing, *o);
  rule_options(*auditing, *o);
  auditing->add_option("--seal", o->seal, "as published")->required();
  auditing->add_option("--so-far", o->so_far, "CSV of the allocations, in order")->required();
  CLI::App* measuring = task(app, run, o, "quality", "balance and predictability of a rule, by simulation",
                             quality, "  graftline randomise quality --rule coin --patients 100");
  rule_options(*measuring, *o);
  measuring->add_option("--patients", o->patients, "in each simulated trial")->required();
  measuring->add_option("--replicates", o->replicates, "trials (1000)");
  measuring->add_option("--seed", o->seed, "of the simulation (1)");
  app.footer(
      "Allocation that adapts to outcomes is not offered.\n"
      "Examples:\n"
      "  head -c 32 /dev/urandom | base64 > secret.txt\n"
      "  graftline randomise seal --secret-file secret.txt\n"
      "  graftline randomise list --secret-file secret.txt --arms control,dli --factor "
      "HLA=matched,mismatched "
      "--patients 20 --format csv\n"
      "  graftline randomise next --secret-file secret.txt --rule minimisation --factor "
      "HLA=matched,mismatched "
      "--factor centre=1,2,3 --so-far allocations.csv --levels matched,2\n"
      "  graftline randomise verify --secret-file secret.txt --seal 0f3a... --so-far allocations.csv "
      "--factor HLA=matched,mismatched\n"
      "  graftline randomise quality --rule coin --patients 100");
}

}  // namespace graftline::cli
