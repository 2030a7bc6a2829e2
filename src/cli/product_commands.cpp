// graftline collect, graftline split, graftline dose
#include "cli/product_options.h"

namespace graftline::cli {
namespace {

// Options of the command and what it passes on; they live as long as the command.
template <class Request> struct WithRequest : ProductOptions { Request request; };

// Fills in what the commands share and answers.
template <class Request>
void answers(CLI::App& app, Run& run, const std::shared_ptr<WithRequest<Request>>& command,
             Result<service::Printed> (*answer)(const Request&, bool)) {
  app.callback([=, &run] {
    run = [=]() -> int {
      auto ladder = command->ladder();
      if (!ladder) return fail(ladder.error());
      command->request.ladder = std::move(*ladder);
      command->request.site_file = command->site;
      command->request.values = command->values;
      return print(answer(command->request, command->format == "json"));
    };
  });
}

}  // namespace

void define_collect(CLI::App& app, Run& run) {
  const auto command = std::make_shared<WithRequest<service::CollectRequest>>();
  command->add_to(app, true);
  auto& r = command->request;
  app.add_option("--wbc", r.wbc, "white cells of the donor's blood, 10^3/uL unless a unit follows");
  app.add_option("--lymphocytes", r.lymphocytes, "percent of the white cells");
  app.add_option("--cd3", r.cd3, "CD3+ cells, percent of the lymphocytes");
  app.add_option("--cd3-count", r.cd3_count, "CD3+ cells per uL of blood, instead of the three above");
  app.add_option("--mnc", r.mnc, "mononuclear cells, percent of the white cells");
  app.add_option("--mnc-count", r.mnc_count, "mononuclear cells per uL of blood");
  app.add_option("--efficiency", r.efficiency, "collection efficiency CE2, percent");
  app.add_option("--recovery", r.recovery,
                 "percent of the cells that live after thawing, when they will be frozen");
  app.add_option("--donor-weight", r.donor_weight, "\"80 kg\": for sessions and blood volumes");
  app.add_option("--donor-blood-volume", r.donor_blood_volume, "mL, instead of the donor's weight");
  app.add_option("--volume", r.volume, "mL of blood: what will it yield, and which doses does that cover?");
  app.add_option("--collected", r.collected,
                 "\"4.2e9 CD3\": the CE2 reached, with --volume and a blood count");
  app.footer(
      "What is not given and has a published or conventional default is used and listed under 'Assumed'.\n"
      "Examples:\n"
      "  graftline collect --dose \"50e6 CD3/kg\" --weight \"70 kg\" --wbc 6.0 --lymphocytes 30 --cd3 70 "
      "--efficiency 50\n"
      "  graftline collect --protocol thalassemia-mixed-chimerism --weight \"18 kg\" --cd3-count 1476\n"
      "  graftline collect --protocol nct07319793 --patient examples/cohort/r-1001-prophylactic-arm-due.json "
      "\\\n"
      "      --as-of 2026-03-02 --cd3-count 1500 --mnc-count 2500 --donor-weight \"60 kg\"\n"
      "  graftline collect --volume 7000 --cd3-count 1200 --collected \"4.2e9 CD3\"");
  answers(app, run, command, service::collect);
}

void define_split(CLI::App& app, Run& run) {
  const auto command = std::make_shared<WithRequest<service::SplitOptions>>();
  command->add_to(app, true);
  auto& r = command->request;
  app.add_option("--product", r.product,
                 "the product as counted: \"CD3 5e7/mL viable, TNC 1.5e8/mL total, 100 mL\" or\n"
                 "\"TNC 2.4e8/mL, CD3 40 %, viability 80 %, total, 120 mL\"");
  app.add_option("--cells", r.kind, "the cells that bags are filled by, when doses have several (CD3)");
  app.add_option("--recovery", r.recovery, "percent of the cells that live after thawing");
  app.add_option("--freeze-at", r.freeze_at, "viable cells per mL in the bag, cryoprotectant included: 5e7");
  app.add_option("--dmso", r.dmso, "percent by volume in the bag");
  app.add_option("--age", r.age, "hours from collection to freezing");
  app.add_option("--fills", r.fills, "the only volumes bags are filled to, mL: 10,20,50,100");
  app.add_option("--reserve", r.reserve, "extra bags for each dose: 1, or one number per dose: 1,1,0");
  app.add_flag("--upper", r.upper_ends, "plan for the upper ends of dose ranges");
  app.add_flag("--fewest-thaws", r.fewest_thaws_first,
               "fewest bags first, then least waste (else the other way round)");
  app.footer(
      "Examples:\n"
      "  graftline split --weight \"64 kg\" --dose \"5e5 CD3/kg\" --dose \"5e6 CD3/kg\" --recovery 70\n"
      "  graftline split --weight \"72 kg\" --dose \"1e5 CD3/kg\" --dose \"1e6 CD3/kg\" --dose \"1e7 "
      "CD3/kg\" --recovery 76 \\\n"
      "      --product \"CD3 5e7/mL viable, TNC 1.2e8/mL total, 100 mL\" --dmso 10 --age 20 --reserve 1\n"
      "  graftline split --protocol thalassemia-mixed-chimerism --weight \"18 kg\" --product \"CD3 2e7/mL "
      "viable, 60 mL\"");
  answers(app, run, command, service::split);
}

void define_dose(CLI::App& app, Run& run) {
  const auto command = std::make_shared<WithRequest<service::DoseOptions>>();
  command->add_to(app, false);
  auto& r = command->request;
  app.add_option("--product", r.product,
                 "the product as counted: \"MNC 9.0e7/mL viable, CD3 2.6e7/mL viable, 160 mL\" or\n"
                 "\"TNC 2.4e8/mL, CD3 40 %, viability 80 %, total\"");
  app.add_option("--governing", r.governing, "which of several targets decides the volume: CD3 or MNC");
  app.add_option("--frozen", r.frozen, "whether the product was frozen: yes, no, unknown");
  app.add_option("--dmso", r.dmso, "percent by volume");
  app.add_option("--age", r.age, "hours from collection to infusion");
  app.add_option("--collected", r.collected, "instead of --age: end of collection, 2026-03-01T08:30 ...");
  app.add_option("--infused", r.infused, "... and the planned infusion");
  app.add_option("--thawed-minutes", r.thawed_minutes, "minutes from thaw to infusion");
  app.add_option("--red-cells", r.red_cells, "mL of red cells per mL of product");
  app.add_option("--abo", r.abo, "ABO mismatch: none, minor, major, bidirectional");
  app.add_option("--prepared-weight", r.prepared_weight, "the weight the product was prepared for");
  app.footer(
      "Examples:\n"
      "  graftline dose --dose \"5e5 CD3/kg\" --weight \"52 kg\" --product \"TNC 2.4e8/mL, CD3 40 %, "
      "viability 80 %, total\"\n"
      "  graftline dose --dose \"3.0e7 CD3/kg and 1.0e8 MNC/kg\" --weight \"58 kg\" --governing CD3 --frozen "
      "no --age 20 \\\n"
      "      --abo none --product \"MNC 9.0e7/mL viable, CD3 2.6e7/mL viable, 160 mL\"\n"
      "  graftline dose --protocol nct07319793 --patient examples/cohort/r-1001-prophylactic-arm-due.json "
      "--as-of 2026-03-02 \\\n"
      "      --product \"MNC 9.0e7/mL viable, CD3 2.6e7/mL viable, 160 mL\"");
  answers(app, run, command, service::dose_to_volume);
}

}  // namespace graftline::cli
