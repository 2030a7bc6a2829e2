#include "cli/commands.h"

#include <array>

namespace graftline::cli {
namespace {

constexpr std::array rows{
    Command{"check", "may DLI be given to one patient, how much, when next, and why", define_check},
    Command{"screen", "the same question for many patients, as table, CSV or NDJSON", define_screen},
    Command{"plan", "the next infusion and the rest of the ladder: cells, volumes, dates", define_plan},
    Command{"worklist", "who is due, overdue, or blocked by what; text or one-file HTML", define_worklist},
    Command{"when", "the answer over time: from which day to which, and what changes it", define_when},
    Command{"timeline", "one patient's record over time: every entry, or a figure with tracks",
            define_timeline},
    Command{"compare", "several protocols on one patient", define_compare},
    Command{"collect", "how much donor blood to process for a ladder of doses, or what a volume yields",
            define_collect},
    Command{"split", "what to freeze: bags for a ladder, within every limit, or the best there is",
            define_split},
    Command{"dose", "from a dose to millilitres of a product, with limits checked", define_dose},
    Command{"bags", "the stock: list, check, move, propose the bag for a dose, read a label", define_bags},
    Command{"form", "one-page forms: medical order, checklist, CIBMTR 2199 worksheet, label", define_form},
    Command{"protocol", "list, show, format, check and convert protocol files", define_protocol},
    Command{"diff", "two versions of a protocol: which rules differ, and for whom that matters", define_diff},
    Command{"export", "a protocol as JSON, ELM, CQL or FHIR PlanDefinition", define_export},
    Command{"test", "run the case files of a folder against protocols", define_test},
    Command{"verify", "a protocol checked as a program: contradictions, gaps, claims", define_verify},
    Command{"facts", "the catalogue of facts that protocols and records use", define_facts},
    Command{"import", "what an import read, mapped, ignored and refused", define_import},
    Command{"simulate", "virtual patients and trials: models, calibration, power, sample size",
            define_simulate},
    Command{"validate", "run a conformance suite: ucum, stats, designs", define_validate},
    Command{"analyze", "survival, incidence and multi-state analyses of a CSV", define_analyze},
    Command{"design", "plan a trial: sample size, power, boundaries, single arm, safety", define_design},
    Command{"randomise", "allocation lists from a sealed secret, the next patient, audit, quality",
            define_randomise},
    Command{"grade", "acute or chronic GVHD: organ stages and overall grade", define_grade},
    Command{"egfr", "kidney function by a named equation", define_egfr},
    Command{"uln", "a laboratory value as a multiple of its upper limit of normal", define_uln},
    Command{"chimerism", "donor chimerism: class over lineages, falling or not", define_chimerism},
    Command{"mrd", "measurable residual disease by a rule of samples and methods", define_mrd},
    Command{"cml-relapse", "molecular relapse of CML from BCR::ABL1 samples", define_cml_relapse},
    Command{"hct-ci", "comorbidity index before transplant", define_hct_ci},
    Command{"dri", "disease risk index before transplant", define_dri},
    Command{"graft-function", "engraftment, graft failure, poor graft function", define_graft_function},
    Command{"generate", "made-up patients for measuring and trying out", define_generate},
    Command{"serve", "the pages and the API over a store", define_serve},
    Command{"store", "create, verify, back up, restore, export, import, rebuild a store", define_store},
    Command{"account", "accounts of a store: add, list, disable, password, token", define_account},
    Command{"completion", "shell completion for bash, zsh or fish", define_completion},
};

}  // namespace

std::span<const Command> commands() { return rows; }

}  // namespace graftline::cli
