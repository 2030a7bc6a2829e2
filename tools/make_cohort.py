#!/usr/bin/env python3
"""Writes examples/cohort: one FHIR R4 bundle per synthetic patient.

Needed only to change the cohort; the bundles are committed, and building, testing and the demo do not run this.
Every patient is invented. Each is asked about on 2026-03-02, and the first line of each block below says what
should come out on that day.

    python3 tools/make_cohort.py
"""
import datetime
import json
import pathlib

OWN = "urn:graftline:codes"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
UCUM = "http://unitsofmeasure.org"
COHORT = pathlib.Path(__file__).resolve().parent.parent / "examples" / "cohort"


def next_day(day):
    return (datetime.date.fromisoformat(day) + datetime.timedelta(days=1)).isoformat()


class Patient:
    """One bundle, built line by line; ids count up within it, so that a file changes only where its patient does."""

    def __init__(self, name, story, sex, birth):
        self.name, self.story, self.entries, self.counts = name, story, [], {}
        self.add("Patient", {"id": name, "gender": sex, "birthDate": birth, "active": True})

    def add(self, kind, body):
        if "id" not in body:
            self.counts[kind] = self.counts.get(kind, 0) + 1
            body = {"id": f"{self.name}-{kind.lower()}-{self.counts[kind]}", **body}
        self.entries.append({"fullUrl": f"http://example.org/fhir/{kind}/{body['id']}",
                             "resource": {"resourceType": kind, **body}})
        return self

    @property
    def subject(self):
        return {"reference": f"Patient/{self.name}"}

    def observation(self, code, day, value, system=OWN, issued=None, end=None, high=None, components=None, status="final"):
        body = {"status": status, "code": {"coding": [{"system": system, "code": code}]}, "subject": self.subject}
        body |= {"effectivePeriod": {"start": day, "end": end}} if end else {"effectiveDateTime": day}
        if issued:
            body["issued"] = issued
        body |= value
        if high:
            body["referenceRange"] = [{"high": high}]
        if components:
            body["component"] = components
        return self.add("Observation", body)

    # Statements, and what is documented not to be there.
    def says(self, fact, day, answer=True, end=None):
        return self.observation(fact, day, {"valueBoolean": answer}, end=end)

    def level(self, fact, day, word, **more):
        return self.observation(fact, day, {"valueCodeableConcept": {"text": word}}, **more)

    def number(self, code, day, value, unit, system=LOINC, comparator=None, high=None, **more):
        quantity = {"value": value}
        if comparator:
            quantity["comparator"] = comparator
        if unit:
            quantity |= {"unit": unit, "system": UCUM, "code": unit}
        limit = {"value": high, "unit": unit, "system": UCUM, "code": unit} if high else None
        return self.observation(code, day, {"valueQuantity": quantity}, system=system, high=limit, **more)

    def weight(self, day, kg):
        return self.number("29463-7", day, kg, "kg")

    def liver_and_kidney(self, day, alt=31, ast=27, bilirubin=11, creatinine=66, bilirubin_high=21):
        self.number("1742-6", day, alt, "U/L", high=40)
        self.number("1920-8", day, ast, "U/L", high=40)
        self.number("14631-6", day, bilirubin, "umol/L", high=bilirubin_high)
        return self.number("14682-9", day, creatinine, "umol/L", high=104)

    def diagnosis(self, code, onset, text):
        return self.add("Condition", {
            "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
                                           "code": "active"}]},
            "verificationStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status",
                                               "code": "confirmed"}]},
            "code": {"coding": [{"system": SNOMED, "code": code}], "text": text},
            "subject": self.subject, "onsetDateTime": onset})

    def transplant(self, day, donor, manipulation="unmanipulated"):
        self.add("Procedure", {"status": "completed", "subject": self.subject, "performedDateTime": day,
                               "code": {"coding": [{"system": SNOMED, "code": "234336002"}],
                                        "text": "Allogeneic haematopoietic stem cell transplant"}})
        return self.level("donor_type", day, donor).level("graft_manipulation", day, manipulation)

    def dli(self, day, value, unit, intent, status="completed"):
        dose = {"value": value, "unit": f"{unit} CD3+ cells", "system": UCUM, "code": unit}
        return self.add("Procedure", {
            "status": status, "subject": self.subject, "performedDateTime": day,
            "code": {"coding": [{"system": OWN, "code": "dli"},
                                {"system": "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl", "code": "C16145",
                                 "display": "Donor Lymphocyte Infusion"}]},
            "extension": [
                {"url": "http://example.org/fhir/StructureDefinition/dli-intent", "valueCode": intent},
                {"url": "http://example.org/fhir/StructureDefinition/cd3-dose-infused", "valueQuantity": dose}]})

    def drug(self, code, text, start, end=None, route="by mouth"):
        period = {"start": start} | ({"end": end} if end else {})
        return self.add("MedicationStatement", {
            "status": "completed" if end else "active", "subject": self.subject, "effectivePeriod": period,
            "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": code}], "text": text},
            "dosage": [{"route": {"text": route}}]})

    def off_immunosuppression(self, stopped, seen):
        """Ciclosporin to this day, and none of any sort documented from the day after to the last visit."""
        self.drug("3008", "ciclosporin", "2025-07-01" if stopped < "2026-02" else "2025-11-01", stopped)
        return self.says("systemic_immunosuppression", next_day(stopped), False, end=seen)

    def consent(self, day):
        return self.add("Consent", {
            "status": "active", "patient": self.subject, "dateTime": day,
            "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "research"}]},
            "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentcategorycodes",
                                      "code": "research"}]}]})

    def enrolled(self, day, arm):
        return self.add("ResearchSubject", {
            "status": "on-study", "individual": self.subject, "period": {"start": day},
            "study": {"display": "NCT07319793"}, "assignedArm": arm})

    def mrd(self, day, result, method="multiparameter flow cytometry", issued=None):
        text = lambda code, words: {"code": {"coding": [{"system": OWN, "code": code}]},
                                    "valueCodeableConcept": {"text": words}}
        return self.level("mrd", day, result, issued=issued,
                          components=[text("method", method), text("specimen", "bone marrow")])

    def chimerism(self, day, percent, lineage):
        return self.number("chimerism-donor", day, percent, "%", system=OWN,
                           components=[{"code": {"coding": [{"system": OWN, "code": "lineage"}]},
                                        "valueCodeableConcept": {"text": lineage}}])

    # A visit at which the trial's questions were answered with no, and the heart was looked at.
    def trial_visit(self, day, lvef=(61, "%", None), spo2=(98, None), nyha="I", skip=()):
        for fact in ("severe_infection", "cirrhosis", "portal_hypertension", "active_liver_disease", "dialysis",
                     "coronary_event", "arrhythmia", "long_term_oxygen", "other_drug_trial",
                     "unsuitable_per_investigator"):
            if fact not in skip:
                self.says(fact, day, False)
        self.level("88020-3", day, nyha, system=LOINC)
        if lvef:
            self.number("10230-1", day, lvef[0], lvef[1], comparator=lvef[2])
        return self.number("59408-5", day, spo2[0], "%", comparator=spo2[1])

    # AML in remission after a transplant in active disease, as the trial asks for.
    def trial_patient(self, day_zero, screened, disease=("91861009", "Acute myeloid leukaemia"), blasts=14, salvage="2025-12-20",
                      remission="2026-02-04", gvhd_seen="2026-03-02", day_30="2026-02-09"):
        self.diagnosis(disease[0], "2025-06-03", disease[1])
        self.says("philadelphia", "2025-06-05", False)
        self.number("blasts_before_conditioning", salvage, blasts, "%", system=OWN)
        self.says("remission", remission)
        self.mrd(remission, "negative")
        self.says("relapse", day_30, False)
        self.says("death", gvhd_seen, False)
        self.says("high_risk_disease", day_zero)
        self.says("uncontrolled_gvhd", day_30, False, end=gvhd_seen)
        self.says("active_gvhd", day_30, False, end=gvhd_seen)
        self.says("uncontrolled_infection", gvhd_seen, False)
        self.chimerism(day_30, 98, "whole blood").chimerism(screened, 99, "whole blood")
        return self.consent(screened)

    # Somebody outside the trial, in remission, no GVHD, no infection.
    def clinic_visit(self, day, high_risk=True, gvhd=False, mrd="negative", relapse=False, chemotherapy=False,
                     blasts_at_transplant=2, chimerism=(99, 99)):
        if blasts_at_transplant is not None:
            self.number("blasts_before_conditioning", "2025-02-10", blasts_at_transplant, "%", system=OWN)
        if chimerism:
            self.chimerism("2026-01-13", chimerism[0], "whole blood").chimerism(day, chimerism[1], "whole blood")
        self.says("high_risk_disease", day, high_risk)
        if gvhd is False:
            self.says("active_gvhd", "2025-12-20", False, end=day)
        self.says("uncontrolled_infection", day, False)
        if mrd:
            self.mrd(day, mrd)
        if relapse is False:
            self.says("relapse", day, False)
        if chemotherapy is False:
            self.says("chemotherapy", day, False)
        return self

    def write(self):
        bundle = {"resourceType": "Bundle", "id": self.name, "type": "collection",
                  "meta": {"tag": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}]},
                  "entry": self.entries}
        path = COHORT / f"{self.name.lower()}-{self.story}.json"
        path.write_text(json.dumps(bundle, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def cohort():
    # Trial: give. Day +51 of a window from day +45 to day +60, nothing against it.
    yield (Patient("R-1001", "prophylactic-arm-due", "female", "1991-08-14")
           .transplant("2026-01-10", "haploidentical").trial_patient("2026-01-10", "2026-02-20")
           .trial_visit("2026-02-26").liver_and_kidney("2026-02-27").weight("2026-02-27", 58)
           .enrolled("2026-03-01", "prophylactic").drug("3008", "ciclosporin", "2026-01-09"))
    # Handbook: give, overdue. First dose 10 weeks ago, the second was recommended within 8.
    yield (Patient("R-1002", "second-dose-overdue", "male", "1968-02-02")
           .transplant("2025-09-02", "matched_sibling").diagnosis("91861009", "2025-03-10", "Acute myeloid leukaemia")
           .off_immunosuppression("2025-11-20", "2026-02-24").clinic_visit("2026-02-24").weight("2026-02-24", 81.5)
           .dli("2025-12-22", 0.1, "10*6/kg", "prophylactic").chimerism("2026-02-24", 100, "CD3"))
    # Handbook: wait. First dose 16 days ago, at least 4 weeks between two.
    yield (Patient("R-1003", "second-dose-waits", "female", "1975-11-30")
           .transplant("2025-08-05", "matched_unrelated").diagnosis("91861009", "2025-01-15", "Acute myeloid leukaemia")
           .off_immunosuppression("2025-12-15", "2026-03-01").clinic_visit("2026-03-01").weight("2026-03-01", 64)
           .dli("2026-02-14", 1, "10*6/kg", "prophylactic"))
    # Handbook: hold. Ciclosporin is still given.
    yield (Patient("R-1004", "still-on-ciclosporin", "male", "1959-05-21")
           .transplant("2025-11-10", "matched_sibling").diagnosis("91861009", "2025-04-01", "Acute myeloid leukaemia")
           .drug("3008", "ciclosporin", "2025-11-09").clinic_visit("2026-02-27").weight("2026-02-27", 92))
    # Handbook: hold. Acute GVHD of the skin and the gut, from organ stages alone.
    yield (Patient("R-1005", "acute-gvhd", "female", "1983-07-07")
           .transplant("2025-10-20", "matched_unrelated").diagnosis("109995007", "2024-12-12", "Myelodysplastic syndrome")
           .off_immunosuppression("2026-01-05", "2026-02-20").clinic_visit("2026-02-20", gvhd=None)
           .level("agvhd-stage-skin", "2026-02-26", "2").level("agvhd-stage-liver", "2026-02-26", "0")
           .level("agvhd-stage-upper-gi", "2026-02-26", "0").level("agvhd-stage-lower-gi", "2026-02-26", "1")
           .weight("2026-02-26", 70.5))
    # Trial: need data. No echocardiogram.
    yield (Patient("R-1006", "no-echocardiogram", "male", "1987-03-25")
           .transplant("2026-01-12", "matched_sibling").trial_patient("2026-01-12", "2026-02-22")
           .trial_visit("2026-02-27", lvef=None).liver_and_kidney("2026-02-27", creatinine=81).weight("2026-02-27", 77)
           .enrolled("2026-03-01", "prophylactic"))
    # Trial: need data. The ejection fraction has no unit, bilirubin no upper limit: neither is guessed.
    yield (Patient("R-1007", "no-unit-no-upper-limit", "female", "1979-12-01")
           .transplant("2026-01-08", "matched_unrelated").trial_patient("2026-01-08", "2026-02-20")
           .trial_visit("2026-02-25", lvef=(58, None, None))
           .liver_and_kidney("2026-02-26", bilirubin=19, bilirubin_high=None).weight("2026-02-26", 66)
           .enrolled("2026-02-27", "prophylactic"))
    # Trial: need data. Everything measured; whether the patient is unsuitable for another reason, a person has to say.
    yield (Patient("R-1008", "investigator-has-to-say", "male", "1994-10-10")
           .transplant("2026-01-09", "haploidentical").trial_patient("2026-01-09", "2026-02-21")
           .trial_visit("2026-02-27", skip=("unsuitable_per_investigator",)).liver_and_kidney("2026-02-27")
           .weight("2026-02-27", 71).enrolled("2026-03-01", "prophylactic"))
    # Trial: not eligible for four reasons at once.
    yield (Patient("R-1009", "not-eligible", "male", "1961-01-19")
           .transplant("2026-01-14", "haploidentical").trial_patient("2026-01-14", "2026-02-24")
           .trial_visit("2026-02-27", lvef=(41, "%", None), nyha="III", spo2=(90, None))
           .liver_and_kidney("2026-02-27", alt=188, ast=96, creatinine=92).weight("2026-02-27", 84)
           .enrolled("2026-03-01", "prophylactic"))
    # Trial: outside. Eligible, but day +66 is after the window.
    yield (Patient("R-1010", "window-has-closed", "female", "1990-04-04")
           .transplant("2025-12-26", "matched_sibling")
           .trial_patient("2025-12-26", "2026-02-09", salvage="2025-12-08", remission="2026-01-22", day_30="2026-01-25")
           .trial_visit("2026-02-23").liver_and_kidney("2026-02-23").weight("2026-02-23", 55.5)
           .enrolled("2026-02-24", "prophylactic"))
    # Handbook: stop. Three prophylactic doses were given, and the table has no fourth.
    yield (Patient("R-1011", "series-complete", "male", "1972-09-16")
           .transplant("2025-03-04", "matched_sibling").diagnosis("91861009", "2024-09-09", "Acute myeloid leukaemia")
           .off_immunosuppression("2025-07-20", "2026-02-27").clinic_visit("2026-02-27").weight("2026-02-27", 79)
           .dli("2025-09-08", 1, "10*6/kg", "prophylactic").dli("2025-10-20", 5, "10*6/kg", "prophylactic")
           .dli("2025-12-08", 2, "10*7/kg", "prophylactic"))
    # Handbook: wait. The first dose was given elsewhere, "in February 2026": counted from the last day it may have been.
    yield (Patient("R-1012", "infused-some-day-in-february", "female", "1966")
           .transplant("2025-08-05", "matched_unrelated").diagnosis("91861009", "2025-01", "Acute myeloid leukaemia")
           .off_immunosuppression("2025-12-10", "2026-03-01").clinic_visit("2026-03-01").weight("2026-03-01", 61)
           .dli("2026-02", 1, "10*6/kg", "prophylactic"))
    # Trial: not eligible. "<50 %" is below 50 %, although it is no number.
    yield (Patient("R-1013", "comparator-values", "male", "1980-06-30")
           .transplant("2026-01-13", "haploidentical").trial_patient("2026-01-13", "2026-02-23")
           .trial_visit("2026-02-26", lvef=(50, "%", "<"), spo2=(97, ">="))
           .liver_and_kidney("2026-02-26").weight("2026-02-26", 88).enrolled("2026-02-28", "prophylactic"))
    # Handbook: give as prophylaxis on 2 March; preemptive from 5 March, when the marrow of 24 February is reported positive.
    yield (Patient("R-1014", "result-arrives-later", "female", "1985-02-11")
           .transplant("2025-08-12", "matched_sibling").diagnosis("91861009", "2025-01-20", "Acute myeloid leukaemia")
           .off_immunosuppression("2025-12-01", "2026-02-24").clinic_visit("2026-01-27").chimerism("2026-02-24", 99, "whole blood").says("active_gvhd", "2026-01-28", False, end="2026-02-24")
           .says("uncontrolled_infection", "2026-02-24", False).weight("2026-02-24", 68)
           .mrd("2026-02-24", "positive", issued="2026-03-05T11:20:00+01:00"))
    # Handbook: preemptive. Two transplants: the lymphocytes given after the first do not count for the second.
    yield (Patient("R-1015", "two-transplants", "male", "1970-08-08")
           .transplant("2022-04-06", "matched_sibling").dli("2023-01-16", 10, "10*6/kg", "therapeutic")
           .transplant("2025-08-26", "haploidentical").diagnosis("91861009", "2021-11-11", "Acute myeloid leukaemia")
           .off_immunosuppression("2025-12-28", "2026-02-25").clinic_visit("2026-02-25", mrd="positive", blasts_at_transplant=None).weight("2026-02-25", 73))
    # Handbook: preemptive, a child with falling donor chimerism.
    yield (Patient("R-1016", "child-falling-chimerism", "female", "2017-05-29")
           .transplant("2025-08-20", "matched_sibling").diagnosis("277571004", "2024-10-02", "B-cell acute lymphoblastic leukaemia")
           .off_immunosuppression("2025-11-30", "2026-02-26").clinic_visit("2026-02-26", chimerism=(92, 81)).weight("2026-02-26", 27.4)
           .chimerism("2025-12-10", 99, "whole blood"))
    # Both: CML is neither protocol's disease; the handbook's table says so and gives no number blindly.
    yield (Patient("R-1017", "cml-molecular-relapse", "male", "1977-03-03")
           .transplant("2023-05-16", "matched_sibling").diagnosis("92818009", "2022-08-01", "Chronic myeloid leukaemia")
           .says("philadelphia", "2022-08-02", True).off_immunosuppression("2025-09-30", "2026-02-20")
           .clinic_visit("2026-02-20", high_risk=False, mrd="positive").weight("2026-02-20", 86)
           .number("69380-4", "2025-12-01", 0.031, "%").number("69380-4", "2026-01-05", 0.064, "%")
           .number("69380-4", "2026-02-09", 0.12, "%"))
    # Handbook: ask. The fourth preemptive dose would be 1 x 10^9 per kg; no cap is stated for this series.
    yield (Patient("R-1018", "fourth-dose-without-a-cap", "female", "1964-12-24")
           .transplant("2024-11-19", "matched_sibling").diagnosis("91861009", "2024-05-06", "Acute myeloid leukaemia")
           .off_immunosuppression("2025-04-15", "2026-02-26").clinic_visit("2026-02-26", mrd="positive").weight("2026-02-26", 59)
           .dli("2025-07-14", 1, "10*6/kg", "preemptive").dli("2025-09-22", 10, "10*6/kg", "preemptive")
           .dli("2025-12-15", 100, "10*6/kg", "preemptive"))
    # Handbook: give for relapse, after chemotherapy; HLA loss has not been looked for.
    yield (Patient("R-1019", "relapse-after-chemotherapy", "male", "1988-07-17")
           .transplant("2025-05-06", "haploidentical").diagnosis("91861009", "2024-11-25", "Acute myeloid leukaemia")
           .off_immunosuppression("2025-09-10", "2026-02-27").clinic_visit("2026-02-27", mrd="positive", relapse=None, chemotherapy=None)
           .says("hematological_relapse", "2026-01-20").drug("1251", "azacitidine", "2026-01-26", "2026-02-01", "subcutaneous")
           .weight("2026-02-27", 76))
    # Trial: hold. Preemptive arm, MRD negative so far.
    yield (Patient("R-1020", "preemptive-arm-mrd-negative", "female", "1982-01-28")
           .transplant("2026-01-06", "matched_unrelated").trial_patient("2026-01-06", "2026-02-19")
           .trial_visit("2026-02-24").liver_and_kidney("2026-02-25").weight("2026-02-25", 62)
           .enrolled("2026-02-26", "preemptive"))


def main():
    COHORT.mkdir(parents=True, exist_ok=True)
    for patient in cohort():
        patient.write()


main()
