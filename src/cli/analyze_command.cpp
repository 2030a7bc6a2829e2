// graftline analyze KIND DATA FORMULA: one subcommand for each kind of analysis, with the options that it
// reads.
#include <fmt/format.h>

#include <memory>

#include "cli/options.h"
#include "service/analysis.h"
#include "service/whole_file.h"

namespace graftline::cli {
namespace {

struct AnalyzeOptions {
  std::string data;
  std::vector<std::string> exposures, states;
  std::string format = "text";
  std::string output, report;
  std::string width = "single";
  bool no_bands = false;
  bool no_censor_ticks = false;
  service::AnalysisTask task;
};
using Options = std::shared_ptr<AnalyzeOptions>;

// "NAME=DAY_COLUMN"
std::optional<Error> read_exposures(AnalyzeOptions& options) {
  for (const std::string& text : options.exposures) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
      return Error{ErrorKind::malformed_input,
                   fmt::format("--exposure '{}': expected NAME=DAY_COLUMN", text)};
    options.task.request.exposures.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  return std::nullopt;
}

// "PR=prtime:prstat"
std::optional<Error> read_states(AnalyzeOptions& options) {
  for (const std::string& text : options.states) {
    const std::size_t equals = text.find('=');
    const std::size_t colon = text.find(':', equals == std::string::npos ? 0 : equals);
    if (equals == std::string::npos || colon == std::string::npos || equals == 0)
      return Error{ErrorKind::malformed_input,
                   fmt::format("--state '{}': expected NAME=TIME_COLUMN:STATUS_COLUMN", text)};
    options.task.request.states.push_back(
        {text.substr(0, equals), text.substr(equals + 1, colon - equals - 1), text.substr(colon + 1)});
  }
  return std::nullopt;
}

// What was given on the command line, for the report: every option but the data and the outputs.
void remember_options(const CLI::App& app, AnalyzeOptions& options) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0 || option->get_positional()) continue;
    const std::string name = option->get_single_name();
    if (name == "help" || name == "output" || name == "figure" || name == "report" || name == "format" ||
        name == "adtte")
      continue;
    std::string value = fmt::format("{}", fmt::join(option->results(), ", "));
    options.task.options.emplace_back(name, option->get_type_size() == 0 ? "yes" : value);
  }
}

int analyze(AnalyzeOptions options) {
  for (const auto& problem : {read_exposures(options), read_states(options)})
    if (problem) return fail(*problem);
  options.task.format = options.format == "json"  ? service::AnalysisFormat::json
                        : options.format == "csv" ? service::AnalysisFormat::csv
                                                  : service::AnalysisFormat::text;
  options.task.made_at = to_text(today()) + "T00:00:00";
  options.task.report = !options.report.empty();
  options.task.figure.two_columns = options.width == "double";
  options.task.figure.bands = !options.no_bands;
  options.task.figure.censor_ticks = !options.no_censor_ticks;
  const auto data = service::read_data_file(options.data, service::columns_of(options.task));
  if (!data) {
    fail(data.error());
    return unreadable_input;
  }
  const auto output = service::run_analysis(options.task, *data);
  if (!output) {
    fail(output.error());
    return output.error().kind == ErrorKind::out_of_range ? unreadable_input : wrong_usage;
  }
  for (const auto& [path, content] : {std::pair{&options.task.figure.file, &output->svg},
                                      {&options.report, &output->html},
                                      {&options.task.adtte, &output->adtte}}) {
    if (path->empty()) continue;
    service::WholeFile file(*path);
    file.write(*content);
    if (const auto problem = file.finish()) return fail(*problem);
  }
  service::WholeFile file(options.output);
  file.write(output->printed);
  if (const auto problem = file.finish()) return fail(*problem);
  return done;
}

void common_options(CLI::App& app, const Options& options) {
  auto& request = options->task.request;
  app.add_option("data", options->data,
                 "CSV (also .gz), or Dataset-JSON: one row per patient, or per interval")
      ->required();
  app.add_option("formula", request.formula, "\"Surv(time, status) ~ group\"; table1: \"arm ~ age + sex\"");
  app.add_option("--subset", request.subset, "only rows for which this holds, as \"age > 60 & sex == 'F'\"");
  app.add_option("--times", request.times, "times to report, separated by commas")->delimiter(',');
  app.add_option("--conf-level", request.conf_level, "confidence level (0.95)");
  app.add_option("--origin", request.origin, "what time 0 is, for labels: \"randomisation\", \"first DLI\"");
  app.add_option("--time-unit", request.time_unit, "unit of the times, for labels (days)");
  app.add_option("--param", options->task.parameter,
                 "of an ADTTE table: which PARAMCD; the formula may then be left out");
  app.add_option("--competing-cnsr", options->task.competing_cnsr,
                 "of an ADTTE table: values of CNSR that compete")
      ->delimiter(',');
  app.add_option("--format", options->format, "text, json or csv")
      ->check(CLI::IsMember({"text", "json", "csv"}));
  app.add_option("--table", options->task.table, "with --format csv: which table");
  app.add_option("-o,--output", options->output, "write to this file instead of standard output");
  app.add_option("--figure", options->task.figure.file, "write the curves to this SVG file");
  app.add_option("--width", options->width, "of the figure: single (85 mm, default) or double (175 mm)")
      ->check(CLI::IsMember({"single", "double"}));
  app.add_option("--ticks", options->task.figure.ticks, "times on the axis and in the table under it")
      ->delimiter(',');
  app.add_option("--min-at-risk", options->task.figure.few_at_risk,
                 "curves are thin where fewer are at risk (10)");
  app.add_flag("--no-bands", options->no_bands, "no confidence bands");
  app.add_flag("--no-censor-ticks", options->no_censor_ticks, "no ticks where subjects are censored");
  app.add_option("--report", options->report, "write one self-contained HTML page: methods, figure, tables");
  app.add_option("--lang", options->task.language, "language of figure and page headings: en or zh")
      ->check(CLI::IsMember({"en", "zh"}));
  app.add_option("--cut-off", options->task.cut_off, "date of the data cut, for the report");
}

void survival_options(CLI::App& app, const Options& options) {
  auto& request = options->task.request;
  app.add_option("--event", request.event, "what the event is called (death, relapse, ...)");
  app.add_option("--entry", request.entry, "column: time of coming under observation (left truncation)");
  app.add_option("--weights", request.weights, "column of case weights");
  app.add_option("--strata", request.strata, "columns of strata, as strata() in the formula")->delimiter(',');
  app.add_option("--cluster", request.cluster, "columns whose rows belong together (robust variance)")
      ->delimiter(',');
  app.add_option("--id", request.id, "column that says which rows are of one patient");
  app.add_option(
      "--adtte", options->task.adtte,
      "also write the analysed rows as ADTTE: FILE.csv, or Dataset-JSON as FILE.json or FILE.ndjson");
  app.add_option("--censored", request.censored, "which word of a text status means censored");
  app.add_option("--causes", request.causes, "codes of the status and their names: 1=relapse,2=NRM")
      ->delimiter(',');
  app.add_option("--exposure", options->exposures,
                 "NAME=DAY_COLUMN: something that begins after time 0; empty where it never did");
  app.add_option("--landmark", request.landmark, "follow only those still at risk at this time, from there");
  app.add_flag("--time-dependent", request.time_dependent, "exposed only from the day of the exposure on");
  app.add_option("--known-at-start", request.known_at_start,
                 "columns fixed at time 0, whatever their names say")
      ->delimiter(',');
  app.add_flag("--every-time", request.every_time, "every time of the data instead of --times");
}

using AddOptions = void (*)(CLI::App& app, analysis::Request& request);

struct Subcommand {
  const char* name;
  bool survival;  // takes the options of survival data
  AddOptions add;
  const char* examples;
};

void limits_options(CLI::App& app, analysis::Request& request) {
  app.add_option("--conf-type", request.conf_type,
                 "scale of limits: plain, log, log-log (default), logit, arcsin, none");
}
void predict_option(CLI::App& app, analysis::Request& request) {
  app.add_option("--predict", request.predict,
                 "\"age=60, arm=B\": the curve predicted for such a patient; may be given again")
      ->expected(1)
      ->take_all();
}
void km_options(CLI::App& app, analysis::Request& request) {
  limits_options(app, request);
  app.add_option("--quantiles", request.quantiles, "of the time to event (0.25,0.5,0.75)")->delimiter(',');
  app.add_option("--rho", request.rho, "weight S(t-)^rho of the log-rank test (0)");
  app.add_option("--estimate", request.estimate, "kaplan-meier (default) or nelson-aalen");
  app.add_option("--variance", request.variance, "greenwood (default) or robust");
}
void cif_options(CLI::App& app, analysis::Request& request) {
  limits_options(app, request);
  app.add_option("--rho", request.rho, "weight (1 - F(t-))^rho of Gray's test (0)");
  app.add_option("--variance", request.variance, "jackknife (default), greenwood or aalen");
}
void logrank_options(CLI::App& app, analysis::Request& request) {
  app.add_option("--rho", request.rho, "weight S(t-)^rho: 0 log-rank, 1 Peto-Wilcoxon");
  app.add_flag("--trend", request.trend, "also test for trend over the groups");
  app.add_option("--scores", request.scores, "scores of the groups for the trend")->delimiter(',');
  app.add_option("--cause", request.cause, "cause whose hazards are compared, where there are several");
}
void gray_options(CLI::App& app, analysis::Request& request) {
  app.add_option("--rho", request.rho, "weight (1 - F(t-))^rho (0)");
  app.add_option("--cause", request.cause, "only this cause");
}
void rmst_options(CLI::App& app, analysis::Request& request) {
  app.add_option("--tau", request.tau, "horizon (the largest that every group's follow-up allows)");
}
void cox_options(CLI::App& app, analysis::Request& request) {
  app.add_option("--ties", request.ties, "efron (default), breslow or exact");
  app.add_option("--cause", request.cause, "cause whose hazard is modelled, where there are several");
  app.add_flag("--robust", request.robust, "robust variance also without clusters");
  app.add_flag("--firth", request.firth,
               "Firth's penalty: finite estimates where a term separates who has the event");
  app.add_option("--zph", request.zph,
                 "time transform of the proportional-hazards test: km, rank, identity, log, none");
  limits_options(app, request);
  predict_option(app, request);
}
void finegray_options(CLI::App& app, analysis::Request& request) {
  app.add_option("--cause", request.cause, "cause whose incidence is modelled (the first)");
  app.add_option("--variance", request.variance,
                 "crr (sandwich, default) or finegray (weighted form, robust)");
  app.add_option("--ties", request.ties, "of the weighted form: efron (default) or breslow");
  app.add_option("--censoring-strata", request.censoring_strata,
                 "columns within which censoring is estimated")
      ->delimiter(',');
  predict_option(app, request);
}
void winratio_options(CLI::App& app, analysis::Request& request) {
  app.add_option("--treatment", request.treated, "which value of the group is the treatment (the second)");
  app.add_option("--censored", request.censored, "which word of a text status means censored");
  app.add_option("--known-at-start", request.known_at_start,
                 "columns fixed at time 0, whatever their names say")
      ->delimiter(',');
}
void mcf_options(CLI::App&, analysis::Request&) {}
void table1_options(CLI::App&, analysis::Request&) {}

constexpr Subcommand subcommands[] = {
    {"km", true, km_options,
     "  graftline analyze km trial.csv \"Surv(days, death) ~ arm\" --times 365,730 --origin randomisation\n"
     "  graftline analyze km trial.csv \"Surv(days, status != 0) ~ dli\" --exposure dli=dli_day --landmark "
     "100"},
    {"cif", true, cif_options,
     "  graftline analyze cif trial.csv \"Surv(days, status) ~ arm\" --causes 1=relapse,2=NRM --times "
     "365,730"},
    {"logrank", true, logrank_options,
     "  graftline analyze logrank trial.csv \"Surv(days, death) ~ arm + strata(center)\""},
    {"gray", true, gray_options, "  graftline analyze gray trial.csv \"Surv(days, status) ~ arm\""},
    {"rmst", true, rmst_options, "  graftline analyze rmst trial.csv \"Surv(days, death) ~ arm\" --tau 730"},
    {"cox", true, cox_options,
     "  graftline analyze cox trial.csv \"Surv(days, death) ~ arm + age + strata(center)\"\n"
     "  graftline analyze cox heart.csv \"Surv(start, stop, event) ~ age + transplant + cluster(id)\"\n"
     "  graftline analyze cox trial.csv \"Surv(days, death) ~ dli\" --exposure dli=dli_day --time-dependent\n"
     "  graftline analyze cox trial.csv \"Surv(days, death) ~ arm + age\" --predict \"arm=A, age=50\" "
     "--predict "
     "\"arm=B, age=50\""},
    {"finegray", true, finegray_options,
     "  graftline analyze finegray trial.csv \"Surv(days, status) ~ arm + age\" --cause 1"},
    {"mcf", true, mcf_options,
     "  graftline analyze mcf infections.csv \"Surv(start, stop, infection) ~ arm\" --id patient"},
    {"winratio", false, winratio_options,
     "  graftline analyze winratio trial.csv \"Surv(days, death) + Surv(relapse_days, relapse) ~ arm\" "
     "--treatment B"},
    {"table1", false, table1_options, "  graftline analyze table1 trial.csv \"arm ~ age + sex + disease\""},
};

void add_multistate(CLI::App& app, const Options& options) {
  auto& request = options->task.request;
  limits_options(app, request);
  app.add_option("--id", request.id, "column that says which rows are of one patient");
  app.add_option("--from", request.from_state, "column with the state at the start of a row");
  app.add_option("--censored", request.censored, "which word of the event means that no state was entered");
  app.add_option("--causes", request.causes, "codes of the event and the states they stand for")
      ->delimiter(',');
  app.add_option("--state", options->states,
                 "NAME=TIME:STATUS, one for each state of a table with one row per patient, in order");
  app.add_option("--start", request.start_state, "name of the state everybody starts in (start)");
  app.add_option("--transition", request.transitions, "FROM>TO, one for each that is possible");
  app.add_option("--from-time", request.from_time, "time from which transition probabilities count (0)");
  app.add_option("--tau", request.tau, "horizon of the length of stay (the last time)");
  app.add_option("--current", request.good_states, "states that count as current survival")->delimiter(',');
  app.add_option(
      "--clock", request.clock,
      "of the regressions by transition: forward (since the origin, default) or reset (since entering "
      "the state)");
  app.add_option("--ties", request.ties, "of the regressions: efron (default), breslow or exact");
}

void finish(CLI::App* sub, const Options& options, const std::string& kind, const std::string& examples,
            Run& run) {
  options->task.kind = kind;
  options->task.version = GRAFTLINE_VERSION;
  sub->footer("Examples:\n" + examples);
  sub->callback([sub, options, &run] {
    remember_options(*sub, *options);
    run = [options] { return analyze(*options); };
  });
}

}  // namespace

void define_analyze(CLI::App& app, Run& run) {
  app.require_subcommand(1);
  const auto kinds = service::analysis_kinds();
  const auto summary = [&kinds](const std::string& name) {
    for (const auto& [kind, text] : kinds)
      if (kind == name) return text;
    return std::string();
  };
  for (const Subcommand& row : subcommands) {
    const auto options = std::make_shared<AnalyzeOptions>();
    CLI::App* sub = app.add_subcommand(row.name, summary(row.name));
    common_options(*sub, options);
    if (row.survival) survival_options(*sub, options);
    row.add(*sub, options->task.request);
    finish(sub, options, row.name, row.examples, run);
  }
  const auto options = std::make_shared<AnalyzeOptions>();
  CLI::App* sub = app.add_subcommand("multistate", summary("multistate"));
  common_options(*sub, options);
  add_multistate(*sub, options);
  finish(sub, options, "multistate",
         "  graftline analyze multistate ebmt3.csv --state PR=prtime:prstat --state RelDeath=rfstime:rfsstat "
         "\\\n"
         "    --start Tx --transition \"Tx>PR\" --transition \"Tx>RelDeath\" --transition \"PR>RelDeath\"\n"
         "  graftline analyze multistate ebmt3.csv \"~ age + dissub\" --clock reset --state PR=prtime:prstat "
         "\\\n"
         "    --state RelDeath=rfstime:rfsstat --start Tx\n"
         "  graftline analyze multistate long.csv \"Surv(start, stop, event) ~ 1\" --id patient \\\n"
         "    --start remission --current remission           current leukaemia-free survival\n"
         "  graftline analyze multistate long.csv \"Surv(start, stop, event) ~ 1\" --id patient \\\n"
         "    --start well --current well,mild                GVHD-free, relapse-free survival that can be "
         "regained",
         run);
  define_endpoints(*app.add_subcommand("endpoints", "relapse, NRM, GRFS and others from records, as ADTTE"),
                   run);
  app.footer(
      "Examples:\n"
      "  graftline analyze km trial.csv \"Surv(days, death) ~ arm\" --times 365,730\n"
      "  graftline analyze cif trial.csv \"Surv(days, status) ~ arm\" --causes 1=relapse,2=NRM\n"
      "Kaplan-Meier of relapse, NRM or GVHD, and groups formed by what happened later, are refused with the "
      "reason.");
}

}  // namespace graftline::cli
