#pragma once
// The rows of the catalogue, one file per part of the story. Internal to record: others read facts().
// A new fact is a new row in one of these files; docs/facts.md is made from the rows and a test compares the
// two.

#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "record/facts.h"

namespace graftline::record {

std::vector<Fact> patient_facts();     // catalogue_patient.cpp: who it is, consent, trial, performance
std::vector<Fact> transplant_facts();  // catalogue_transplant.cpp: graft, donor, infusions, graft function
std::vector<Fact> disease_facts();     // catalogue_disease.cpp: disease, remission, relapse, MRD
std::vector<Fact> chimerism_facts();   // catalogue_chimerism.cpp
std::vector<Fact> gvhd_facts();        // catalogue_gvhd.cpp
std::vector<Fact> organ_facts();       // catalogue_organs.cpp: heart, lung, liver, kidney, blood
std::vector<Fact> treatment_facts();   // catalogue_treatment.cpp: drugs, infection

// Keeps the codes of a row for as long as the program runs, so that a row can list them in place.
std::span<const Coding> codes(std::initializer_list<Coding> list);

}  // namespace graftline::record
