# Writes tests/golden/designs/grid_*.json: reference answers over a broad grid of designs, computed with rpact.
#   Rscript tools/make_design_goldens.R OUTPUT_DIRECTORY [FILE]
# Needs r-base-core r-cran-rpact r-cran-jsonlite r-cran-mvtnorm (Debian 12: R 4.2.2, rpact 3.3.4, mvtnorm 1.1-3). The cases are fixed: no random numbers.
suppressMessages(library(rpact))
options(warn = -1)
setLogLevel("DISABLED")
out <- commandArgs(TRUE)[1]
only <- commandArgs(TRUE)[2]  # a file name, to make that file alone
tidy <- function(x) { x <- as.numeric(x); x[!is.finite(x)] <- NA; x }
quietly <- function(expr) suppressMessages(suppressWarnings(expr))

design_args <- function(i) {
  a <- list(kMax = i$looks, alpha = i$alpha, sided = i$sided, typeOfDesign = if (is.null(i$type)) i$type_of_design else i$type)
  if (!is.null(i[["beta"]])) a$beta <- i[["beta"]]
  if (!is.null(i$power)) a$beta <- 1 - i$power
  if (!is.null(i$information_rates) && i$looks > 1) { a$informationRates <- unlist(i$information_rates); a$kMax <- NULL }
  if (!is.null(i$deltaWT)) a$deltaWT <- i$deltaWT
  if (!is.null(i$gammaA)) a$gammaA <- i$gammaA
  if (!is.null(i$gammaB)) a$gammaB <- i$gammaB
  if (!is.null(i$beta_spending)) a$typeBetaSpending <- i$beta_spending
  if (!is.null(i$futility_bounds)) a$futilityBounds <- unlist(i$futility_bounds)
  if (!is.null(i$binding)) a$bindingFutility <- i$binding
  if (i$looks == 1) { a$typeOfDesign <- NULL; a$deltaWT <- NULL; a$gammaA <- NULL }
  a
}
make_design <- function(i, f = getDesignGroupSequential) quietly(do.call(f, design_args(i)))

boundary <- function(i) {
  d <- make_design(i); ch <- quietly(getDesignCharacteristics(d))
  list(critical_values = tidy(d$criticalValues), stage_levels = tidy(d$stageLevels), alpha_spent = tidy(d$alphaSpent),
       shift = ch$shift, inflation_factor = ch$inflationFactor, n_fixed = ch$nFixed,
       rel_expected_n_H0 = tidy(ch$averageSampleNumber0), rel_expected_n_H01 = tidy(ch$averageSampleNumber01),
       rel_expected_n_H1 = tidy(ch$averageSampleNumber1), power_per_stage = tidy(ch$power),
       rejection_probs_per_stage = tidy(ch$rejectionProbabilities))
}
futility <- function(i) {
  d <- make_design(i); ch <- quietly(getDesignCharacteristics(d))
  e <- list(critical_values = tidy(d$criticalValues), futility_bounds = tidy(d$futilityBounds), alpha_spent = tidy(d$alphaSpent),
       inflation_factor = ch$inflationFactor, shift = ch$shift, rel_expected_n_H0 = tidy(ch$averageSampleNumber0),
       rel_expected_n_H1 = tidy(ch$averageSampleNumber1), futility_probs_H1 = tidy(ch$futilityProbabilities))
  if (!is.null(i$beta_spending)) e$beta_spent <- tidy(d$betaSpent)
  e
}
hazards <- function(i) {
  a <- list(hazardRatio = i$hazard_ratio, accrualTime = i$accrual_duration, allocationRatioPlanned = i$allocation_ratio,
            typeOfComputation = i$formula)
  if (is.null(i$piecewise_start)) a$lambda2 <- i$control_hazard
  else { a$piecewiseSurvivalTime <- unlist(i$piecewise_start); a$lambda2 <- unlist(i$control_hazard) }
  if (!is.null(i$dropout_rate)) { a$dropoutRate1 <- i$dropout_rate; a$dropoutRate2 <- i$dropout_rate; a$dropoutTime <- i$dropout_time }
  a
}
sample_size <- function(i) {
  d <- make_design(i)
  s <- quietly(do.call(getSampleSizeSurvival, c(list(design = d, followUpTime = i$follow_up), hazards(i))))
  hr <- if (i$sided == 2) s$criticalValuesEffectScaleUpper else s$criticalValuesEffectScale
  if (i$looks == 1) return(list(events = s$eventsFixed, subjects = s$nFixed, analysis_time = tidy(s$analysisTime), critical_hr = tidy(hr)))
  list(events = s$eventsPerStage[i$looks, 1], subjects = s$numberOfSubjects[i$looks, 1], analysis_time = tidy(s$analysisTime),
       cumulative_events = tidy(s$eventsPerStage), subjects_per_stage = tidy(s$numberOfSubjects),
       expected_events_H1 = s$expectedEventsH1, expected_subjects_H1 = tidy(s$expectedNumberOfSubjectsH1),
       study_duration_H1 = tidy(s$studyDuration), critical_hr = tidy(hr))
}
power <- function(i) {
  d <- make_design(i)
  s <- quietly(do.call(getPowerSurvival, c(list(design = d, maxNumberOfSubjects = i$subjects, maxNumberOfEvents = i$events,
                                                directionUpper = if (i$sided == 2) NA else i$direction_upper), hazards(i))))
  hr <- if (i$sided == 2) s$criticalValuesEffectScaleUpper else s$criticalValuesEffectScale
  list(power = s$overallReject, reject_per_stage = if (i$looks == 1) s$overallReject else tidy(s$rejectPerStage),
       analysis_time = tidy(s$analysisTime), expected_events = s$expectedNumberOfEvents,
       study_duration = if (i$looks == 1) tidy(s$analysisTime) else tidy(s$studyDuration), critical_hr = tidy(hr))
}
interim <- function(i) {
  d <- make_design(i, if (i$combination == "inverse_normal") getDesignInverseNormal else getDesignGroupSequential)
  events <- unlist(i$cumulative_events); z <- unlist(i$cumulative_logrank_z)
  data <- quietly(getDataset(cumulativeEvents = events, cumulativeLogRanks = z,
                             cumulativeAllocationRatios = rep(i$allocation_ratio, length(events))))
  left <- i$looks - length(events)
  args <- list(design = d, dataInput = data, directionUpper = i$direction_upper)
  if (left > 0) args <- c(args, list(nPlanned = rep(i$planned_events_per_remaining_stage, left), thetaH1 = i$assumed_hr,
                                     allocationRatioPlanned = i$allocation_ratio))
  a <- quietly(do.call(getAnalysisResults, args))
  cp <- a$conditionalPower; if (is.null(cp) || length(cp) == 0) cp <- a$.conditionalPowerResults$conditionalPower
  # rpact 3.3.4 corrects the repeated interval for binding futility always towards higher hazard ratios (4.x does not), and
  # doubles no two-sided p-value of a trial that stopped at the first look: neither is asked for here.
  answer <- list(test_actions = as.character(na.omit(a$testActions)), conditional_rejection_probability = tidy(a$conditionalRejectionProbabilities),
       conditional_power = tidy(cp), repeated_ci_lower = tidy(a$repeatedConfidenceIntervalLowerBounds),
       repeated_ci_upper = tidy(a$repeatedConfidenceIntervalUpperBounds), repeated_p = tidy(a$repeatedPValues),
       final_stage = tidy(a$finalStage), final_p = tidy(a$finalPValues), final_ci_lower = tidy(a$finalConfidenceIntervalLowerBounds),
       final_ci_upper = tidy(a$finalConfidenceIntervalUpperBounds), median_unbiased = tidy(a$medianUnbiasedEstimates))
  if (isTRUE(i$binding) && !i$direction_upper) answer$repeated_ci_lower <- answer$repeated_ci_upper <- NULL
  answer
}

write_cases <- function(file, method, answer, inputs, abs_tol) {
  if (!is.na(only) && only != file) return(invisible())
  cases <- list(); failed <- 0
  for (n in seq_along(inputs)) {
    i <- inputs[[n]]
    e <- try(answer(i), silent = TRUE)
    if (inherits(e, "try-error")) { failed <- failed + 1; cat("no answer:", jsonlite::toJSON(i, auto_unbox = TRUE), substr(e, 1, 160), "\n"); next }
    cases[[length(cases) + 1]] <- list(id = sprintf("%s_%03d", sub("\\.json$", "", file), n), method = method, input = i, expect = e,
                                       abs_tol = if (is.function(abs_tol)) abs_tol(i) else abs_tol)
  }
  doc <- list(schema = "design-golden/1", software = list(R = paste(R.version$major, R.version$minor, sep = "."),
              rpact = as.character(packageVersion("rpact")), mvtnorm = as.character(packageVersion("mvtnorm"))), script = "tools/make_design_goldens.R", cases = cases)
  json <- jsonlite::toJSON(doc, auto_unbox = TRUE, digits = NA, null = "null", na = "null", pretty = FALSE)
  writeLines(gsub('\\},\\{"id"', '},\n{"id"', json), file.path(out, file))
  cat(file, length(cases), "cases,", failed, "without an answer\n")
}
l <- function(...) list(...)

# ---- boundaries
fractions <- list(c(0.5, 1), c(0.15, 1), c(0.9, 1), c(0.25, 0.6, 1), c(0.6, 0.65, 1), c(0.12, 0.2, 1), c(0.1, 0.4, 0.45, 1),
                  (1:6) / 6, c(0.05, 0.3, 0.5, 0.52, 0.9, 1), (1:10) / 10)
shapes <- list(l(type = "OF"), l(type = "P"), l(type = "WT", deltaWT = 0.1), l(type = "WT", deltaWT = 0.4), l(type = "WT", deltaWT = 0.6), l(type = "HP"),
               l(type = "asOF"), l(type = "asP"), l(type = "asHSD", gammaA = -8), l(type = "asHSD", gammaA = -1.5), l(type = "asHSD", gammaA = 0),
               l(type = "asHSD", gammaA = 3), l(type = "asKD", gammaA = 0.7), l(type = "asKD", gammaA = 1), l(type = "asKD", gammaA = 3.5))
inputs <- list(); n <- 0
for (t in fractions) for (s in shapes) {
  n <- n + 1
  sided <- 1 + n %% 2; alpha <- c(0.025, 0.05, 0.01, 0.1, 0.005)[1 + n %% 5]; beta <- c(0.1, 0.2, 0.05, 0.15)[1 + n %% 4]
  inputs[[n]] <- c(l(looks = length(t), alpha = alpha, sided = sided), s, l(information_rates = as.list(t), beta = beta))
}
# rpact integrates on 91 points between the bounds, too few when two looks lie close together: its own error is then
# up to about 4e-3 in the shift (exact_boundaries.json has such designs without that error).
close <- function(i) { t <- unlist(i$information_rates); length(t) >= 10 || any(diff(t) / t[-1] < 0.12) }
write_cases("grid_boundaries.json", "gs_boundary", boundary, inputs, function(i) if (close(i)) 5e-03 else 5e-06)

# ---- boundaries without quadrature: two and three looks from the bivariate and trivariate normal distribution (mvtnorm)
exact <- function(i) {
  suppressMessages(library(mvtnorm))
  t <- unlist(i$information_rates); K <- length(t); S <- outer(t, t, function(a, b) sqrt(pmin(a, b) / pmax(a, b)))
  beyond <- function(z, mean = rep(0, length(z)))  # P(some look exceeds)
    if (length(z) == 1) pnorm(z, mean, lower.tail = FALSE) else
      1 - as.numeric(pmvnorm(upper = z, mean = mean, sigma = S[seq_along(z), seq_along(z)], algorithm = TVPACK(1e-14)))
  root <- function(f, lower, upper) uniroot(f, c(lower, upper), tol = 1e-13)$root
  z <- c()
  if (i$type == "WT") {
    scale <- root(function(c) beyond(c * t^(i$deltaWT - 0.5)) - i$alpha, 0.5, 8); z <- scale * t^(i$deltaWT - 0.5)
  } else for (k in 1:K) {
    target <- if (i$type == "asKD") i$alpha * t[k]^i$gammaA else 2 * pnorm(qnorm(1 - i$alpha / 2) / sqrt(t[k]), lower.tail = FALSE)
    z <- c(z, root(function(c) beyond(c(z, c)) - target, 0, 9))
  }
  spent <- sapply(1:K, function(k) beyond(z[1:k]))
  shift <- root(function(d) beyond(z, d * sqrt(t)) - (1 - i$beta), 0.1, 9)^2
  list(critical_values = z, alpha_spent = spent, shift = shift, n_fixed = (qnorm(1 - i$alpha) + qnorm(1 - i$beta))^2)
}
inputs <- list(); n <- 0
for (t in list(c(0.5, 1), c(0.97, 1), c(0.25, 1), c(0.6, 0.62, 1), c(1 / 3, 2 / 3, 1), c(0.2, 0.98, 1), c(0.45, 0.9, 1)))
  for (s in list(l(type = "WT", deltaWT = 0), l(type = "WT", deltaWT = 0.5), l(type = "asOF"), l(type = "asKD", gammaA = 2))) {
    n <- n + 1
    inputs[[n]] <- c(l(looks = length(t), alpha = c(0.025, 0.05, 0.01)[1 + n %% 3], sided = 1), s, l(information_rates = as.list(t), beta = c(0.1, 0.2)[1 + n %% 2]))
  }
write_cases("exact_boundaries.json", "gs_boundary", exact, inputs, 1e-11)

# ---- futility
alphas <- list(l(type = "asOF"), l(type = "asP"), l(type = "asHSD", gammaA = -4), l(type = "asHSD", gammaA = 1), l(type = "asKD", gammaA = 2))
betas <- list(l(beta_spending = "bsOF"), l(beta_spending = "bsP"), l(beta_spending = "bsHSD", gammaB = -4), l(beta_spending = "bsHSD", gammaB = 1.5),
              l(beta_spending = "bsKD", gammaB = 1), l(beta_spending = "bsKD", gammaB = 3))
fractions <- list(c(0.5, 1), c(0.3, 0.6, 1), c(0.4, 0.7, 0.8, 1), (1:5) / 5, c(0.1, 0.5, 1))
inputs <- list(); n <- 0
for (a in alphas) for (b in betas) for (binding in c(FALSE, TRUE)) {
  n <- n + 1; t <- fractions[[1 + n %% 5]]
  inputs[[n]] <- c(l(looks = length(t), alpha = c(0.025, 0.05, 0.01)[1 + n %% 3], beta = c(0.2, 0.1, 0.15, 0.05)[1 + n %% 4], sided = 1), a, b,
                   l(information_rates = as.list(t), binding = binding))
}
fixed <- list(c(0, 0.5), c(-1, 0.8), c(-6, 0.3), c(0.5, -6), c(-0.25, 1.2))
for (f in fixed) for (s in list(l(type = "OF"), l(type = "P"), l(type = "WT", deltaWT = 0.3), l(type = "HP"), l(type = "asOF"), l(type = "asKD", gammaA = 2))) for (binding in c(FALSE, TRUE)) {
  n <- n + 1
  inputs[[n]] <- c(l(looks = 3, alpha = c(0.025, 0.05)[1 + n %% 2], beta = c(0.2, 0.1)[1 + n %% 2], sided = 1), s,
                   l(futility_bounds = as.list(f), information_rates = as.list(c(0.35, 0.7, 1)), binding = binding))
}
for (a in alphas[c(1, 3, 5)]) for (b in betas[c(1, 4, 6)]) for (binding in c(FALSE, TRUE)) {
  n <- n + 1; t <- fractions[[1 + n %% 4]]
  inputs[[n]] <- c(l(looks = length(t), alpha = 0.05, beta = c(0.2, 0.1)[1 + n %% 2], sided = 2), a, b, l(information_rates = as.list(t), binding = binding))
}
write_cases("grid_futility.json", "gs_futility", futility, inputs, 2e-05)

# ---- log-rank sample size
monitored <- list(l(looks = 1, type_of_design = "OF"), l(looks = 2, type_of_design = "asOF"), l(looks = 3, type_of_design = "P"),
                  l(looks = 4, type_of_design = "asKD", gammaA = 3), l(looks = 3, type_of_design = "asHSD", gammaA = -2, beta_spending = "bsOF"))
inputs <- list(); n <- 0
for (m in monitored) for (f in c("Schoenfeld", "Freedman", "HsiehFreedman")) for (hr in c(0.5, 0.8, 1.6)) {
  n <- n + 1
  base <- c(l(alpha = c(0.025, 0.05)[1 + n %% 2], sided = if (is.null(m$beta_spending)) 1 + (n %/% 2) %% 2 else 1, power = c(0.8, 0.9, 0.85)[1 + n %% 3]), m,
            l(formula = f, hazard_ratio = hr, accrual_duration = c(12, 30, 20)[1 + n %% 3], follow_up = c(6, 24, 1)[1 + n %% 3],
              allocation_ratio = c(1, 2, 0.5, 3)[1 + n %% 4]))
  if (n %% 3 == 0) base <- c(base, l(piecewise_start = as.list(c(0, 2, 5, 11)), control_hazard = as.list(c(0.12, 0.06, 0.03, 0.005))))
  else base <- c(base, l(control_hazard = log(2) / c(9, 20)[1 + n %% 2]))
  base <- c(base, l(dropout_rate = c(0, 0.1, 0.3)[1 + (n %/% 3) %% 3], dropout_time = c(12, 24)[1 + n %% 2]))
  inputs[[n]] <- base
}
write_cases("grid_survival_sample_size.json", "survival_sample_size", sample_size, inputs, 5e-03)  # rpact finds times to 1e-6, thousands of patients

# ---- log-rank power
inputs <- list(); n <- 0
for (m in monitored) for (f in c("Schoenfeld", "Freedman", "HsiehFreedman")) for (hr in c(0.6, 1, 1.3)) {
  n <- n + 1
  inputs[[n]] <- c(l(alpha = c(0.025, 0.05)[1 + n %% 2], sided = if (is.null(m$beta_spending)) 1 + (n %/% 2) %% 2 else 1), m,
                   l(formula = f, hazard_ratio = hr, direction_upper = hr > 1, accrual_duration = c(12, 30)[1 + n %% 2], allocation_ratio = c(1, 2, 0.5)[1 + n %% 3],
                     control_hazard = log(2) / c(9, 20)[1 + n %% 2], subjects = c(150, 300, 500)[1 + n %% 3], events = c(60, 130, 210)[1 + n %% 3],
                     dropout_rate = c(0, 0.1)[1 + (n %/% 3) %% 2], dropout_time = 12))
}
write_cases("grid_survival_power.json", "survival_power", power, inputs, 1e-05)

# ---- interim analysis
monitored <- list(l(looks = 3, type = "asOF"), l(looks = 3, type = "P"), l(looks = 4, type = "asHSD", gammaA = -3), l(looks = 3, type = "OF"), l(looks = 3, type = "WT", deltaWT = 0.2),
                  l(looks = 3, type = "HP"), l(looks = 3, type = "asKD", gammaA = 2, information_rates = l(0.2, 0.7, 1)),
                  l(looks = 3, type = "asOF", futility_bounds = l(0, 0.8), binding = FALSE), l(looks = 3, type = "asOF", futility_bounds = l(0, 0.8), binding = TRUE))
seen <- list(l(e = c(30), z = c(1.1)), l(e = c(40, 75), z = c(1.3, 2.7)), l(e = c(25, 60), z = c(-0.3, 0.6)), l(e = c(30, 70), z = c(4.1, 4.4)),
             l(e = c(35, 80, 110), z = c(0.9, 1.6, 2.4)), l(e = c(30, 60, 100), z = c(0.2, 0.9, 1.1)), l(e = c(41, 77, 130), z = c(1, 1.2, -0.4)))
inputs <- list(); n <- 0
for (m in monitored) for (s in seen) {
  n <- n + 1
  inputs[[n]] <- c(l(alpha = c(0.025, 0.05)[1 + n %% 2], sided = 1), m,
                   l(cumulative_events = as.list(s$e), cumulative_logrank_z = as.list(if (n %% 3 == 0) -s$z else s$z), allocation_ratio = c(1, 2)[1 + (n %/% 2) %% 2],
                     combination = c("group_sequential", "inverse_normal")[1 + (n %/% 3) %% 2], direction_upper = n %% 3 != 0,
                     planned_events_per_remaining_stage = c(35, 60)[1 + n %% 2], assumed_hr = if (n %% 3 == 0) 0.6 else 1.4))
}
write_cases("grid_interim.json", "interim_analysis", interim, inputs, 1e-04)
