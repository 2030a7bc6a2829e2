#pragma once
// The two older overall grades of acute GVHD. Trials before 2016 report them, and the same patient may grade
// differently: gut stage 4 is grade III after Keystone and IV after MAGIC.
//
// source  structure [F44]: NCBI Bookshelf NBK12966, table 69-3; the grade tables are [recall]: verify against
// the papers
//         (Glucksberg 1974, Transplantation 18:295; Przepiorka 1995, Bone Marrow Transplant 15:825) before
//         relying on them
// [conv]  organ cut points are those of MAGIC, except where a header below says otherwise; stool episodes are
// not used

#include "clinical/acute_gvhd.h"

namespace graftline::clinical {

// Stages 0 to 4. Absent: not assessed.
struct OlderGvhdStages {
  std::optional<ScoreRange> skin;
  std::optional<ScoreRange> liver;
  std::optional<ScoreRange> gut;
};

// Keystone consensus (Przepiorka), adults and children: performance status is not used, persistent nausea
// with a positive biopsy is gut stage 1, and a liver or gut finding that has another documented cause counts
// one stage less [F44].
struct KeystoneFindings {
  AcuteGvhdFindings findings;
  Truth upper_gi_biopsy_positive = Truth::unknown;
  bool liver_has_other_cause = false;
  bool diarrhea_has_other_cause = false;
};
Result<OlderGvhdStages> keystone_stages(const KeystoneFindings& findings);

// I: skin 1-2. II: skin 3, liver 1 or gut 1. III: liver 2-3 or gut 2-4. IV: skin 4 or liver 4. [recall]
ScoreRange keystone_grade(const OlderGvhdStages& stages);

// Glucksberg: no upper GI. Liver stage 2 begins at 3 mg/dL and stage 3 at 6 mg/dL (printed 3-6 and 6-15),
// where MAGIC puts 3 and 6 themselves one stage lower.
Result<OlderGvhdStages> glucksberg_stages(const AcuteGvhdFindings& findings);

enum class PerformanceDrop : unsigned char { none, mild, marked, extreme };

// I: skin 1-2. II: skin 3, liver 1 or gut 1. III: liver 2-3 or gut 2-3. IV: any organ 4, or an extreme drop
// of the performance status with any organ involved. A mild or marked drop alone does not change the grade
// [recall, conv]. Without the performance status the grade is a lower bound.
ScoreRange glucksberg_grade(const OlderGvhdStages& stages, std::optional<PerformanceDrop> performance);

std::vector<std::string> organs_left_open(const OlderGvhdStages& stages);

}  // namespace graftline::clinical
