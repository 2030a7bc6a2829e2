# Writes tests/golden/survival/DATA_options.json: R's answers about the data sets of tests/golden/survival under many
# combinations of options: entry, weights, subset, strata, cluster, censoring strata, rho, ties, kinds of limits.
#   usage   Rscript tools/make_survival_options_golden.R bmt137|mgus2|heart|ebmt3 > tests/golden/survival/DATA_options.json
#   needs   r-base-core r-cran-survival r-cran-cmprsk r-cran-etm r-cran-jsonlite (Debian)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "survival_golden.R"))
name <- commandArgs(TRUE)[1]
data <- read.csv(file.path(here, "..", "tests", "golden", "survival", paste0(name, ".csv")))

# A case's rows: those of the subset, and without a missing value in the columns used.
rows <- function(input) {
  d <- data
  if (!is.null(input$subset)) d <- d[with(d, eval(parse(text = input$subset))) %in% TRUE, ]
  d
}
surv_of <- function(input) {
  left <- if (is.null(input$entry)) input$time else paste0(input$entry, ", ", input$time)
  paste0("Surv(", left, ", ", input$status, ")")
}
call_with <- function(f, input, rhs, d, ...) {
  args <- list(as.formula(paste(surv_of(input), "~", rhs)), data = d, ...)
  for (role in c("weights", "cluster")) if (!is.null(input[[role]])) args[[role]] <- d[[input[[role]]]]
  do.call(f, args)
}

km <- function(id, input, times, options) {
  d <- rows(input)
  fit <- call_with(survfit, input, "1", d, conf.type = options$conf_type, conf.int = options$conf_level)
  q <- quantile(fit, c(.25, .5, .75))
  e <- curve_of(fit, times)
  if (!is.null(input$entry)) e$n_risk <- NULL
  e <- c(list(n = fit$n, events = sum(fit$n.event)), e,
         list(quantile_p = vec(c(.25, .5, .75)), quantile = vec(q$quantile), quantile_lower = vec(q$lower),
              quantile_upper = vec(q$upper)))
  # As survfit: weights that are whole numbers are counts.
  counts <- is.null(input$weights) || all(d[[input$weights]] %% 1 == 0)
  options$variance <- if (counts && is.null(input$cluster)) "greenwood" else "robust"
  add(id, "kaplan_meier", input, options, e)
}
kms <- function(id, input, times) for (band in c("plain", "log", "log-log", "logit", "arcsin"))
  km(paste(id, "km", band, sep = "."), input, times, list(conf_type = band, conf_level = if (band == "log") .95 else .9))

logranks <- function(id, input) for (rho in c(0, .5, 1)) {
  d <- rows(input)
  rhs <- paste0(input$group, if (!is.null(input$strata)) paste0(" + strata(", input$strata, ")"))
  fit <- survdiff(as.formula(paste(surv_of(input), "~", rhs)), d, rho = rho)
  sums <- function(x) vec(if (is.matrix(x)) rowSums(x) else x)
  add(paste(id, "logrank", rho, sep = "."), "logrank", input, list(rho = rho),
      list(observed = sums(fit$obs), expected = sums(fit$exp), variance = mat(fit$var), chisq = fit$chisq,
           df = length(fit$n) - 1, p = pchisq(fit$chisq, length(fit$n) - 1, lower.tail = FALSE)))
}

coxes <- function(id, input, exact = FALSE) for (ties in c("efron", "breslow", if (exact) "exact")) {
  d <- rows(input)
  rhs <- paste0(input$covariates, if (!is.null(input$strata)) paste0(" + strata(", input$strata, ")"))
  fit <- call_with(coxph, input, rhs, d, ties = ties, control = coxph.control(eps = 1e-11, iter.max = 60))
  e <- if (ties == "exact") list(coef = vec(coef(fit)), se = vec(sqrt(diag(fit$var))), loglik = fit$loglik[2],
                                 score_chisq = fit$score)
       else cox_of(fit, zph = FALSE)
  add(paste(id, "cox", ties, sep = "."), "cox", input, list(ties = ties), e, if (ties == "exact") 1e-6 else 1e-7)
  if (ties == "exact" || !is.null(input$weights)) next
  for (transform in c("km", "rank", "identity", "log")) {
    if (transform == "log" && any(fit$y[, ncol(fit$y) - 1] <= 0)) next
    z <- cox.zph(fit, transform = if (transform == "log") base::log else transform)$table
    terms <- z[-nrow(z), , drop = FALSE]
    add(paste(id, "zph", ties, transform, sep = "."), "cox_zph", input, list(ties = ties, transform = transform),
        list(terms = vec(rownames(terms)), chisq = vec(terms[, 1]), df = vec(terms[, 2]), p = vec(terms[, 3]),
             global = list(chisq = z["GLOBAL", 1], df = z["GLOBAL", 2], p = z["GLOBAL", 3])), 1e-6)
  }
}

ajs <- function(id, input, times) {
  d <- rows(input)
  d <- d[complete.cases(d[unlist(input[c("time", "status", "entry", "weights")])]), ]
  d$event_ <- factor(d[[input$status]])
  d$row_ <- seq_len(nrow(d))
  left <- if (is.null(input$entry)) input$time else paste0(input$entry, ", ", input$time)
  args <- list(as.formula(paste0("Surv(", left, ", event_) ~ 1")), data = d, id = d$row_)
  if (!is.null(input$weights)) args$weights <- d[[input$weights]]
  s <- summary(do.call(survfit, args), times = times, extend = TRUE)
  col <- function(m) setNames(lapply(2:ncol(m), function(j) vec(m[, j])), seq_len(ncol(m) - 1))
  add(paste(id, "aj", sep = "."), "aalen_johansen", c(input, list(causes = seq_len(ncol(s$pstate) - 1))),
      list(conf_type = "log", conf_level = .95),
      list(time = vec(times), event_free = vec(s$pstate[, 1]), event_free_se_ij = vec(s$std.err[, 1]), cif = col(s$pstate),
           se_infinitesimal_jackknife = col(s$std.err), ci_log_lower = col(s$lower), ci_log_upper = col(s$upper)))
}

grays <- function(id, input) for (rho in c(0, .5, 1)) {
  d <- rows(input)
  strata <- if (is.null(input$strata)) rep(1, nrow(d)) else d[[input$strata]]
  t <- cuminc(d[[input$time]], d[[input$status]], d[[input$group]], strata, rho = rho)$Tests
  add(paste(id, "gray", rho, sep = "."), "gray_test", c(input, list(causes = 1:2)), list(rho = rho),
      list(cause = vec(1:2), statistic = vec(t[, "stat"]), p = vec(t[, "pv"]), df = vec(t[, "df"])), 1e-8)
}

fine_grays <- function(id, input, cause = 1) {
  d <- rows(input)
  xs <- strsplit(input$covariates, " \\+ ")[[1]]
  d <- d[complete.cases(d[c(unlist(input[c("time", "status", "entry", "weights", "cluster", "censoring_strata")]), xs)]), ]
  if (is.null(input$entry) && is.null(input$weights) && is.null(input$cluster)) {
    group <- if (is.null(input$censoring_strata)) rep(1, nrow(d)) else d[[input$censoring_strata]]
    fit <- crr(d[[input$time]], d[[input$status]], as.matrix(d[xs]), cengroup = group, failcode = cause)
    add(paste(id, "crr", cause, sep = "."), "fine_gray", c(input, list(cause = cause)),
        list(program = "cmprsk::crr", ties = "breslow"),
        list(n = nrow(d), terms = vec(xs), coef = vec(fit$coef), se = vec(sqrt(diag(fit$var))), vcov = mat(fit$var),
             loglik = fit$loglik, loglik_null = fit$loglik.null, converged = TRUE), 1e-6)
  }
  d$event_ <- factor(d[[input$status]])
  d$row_ <- seq_len(nrow(d))
  left <- if (is.null(input$entry)) input$time else paste0(input$entry, ", ", input$time)
  f <- as.formula(paste0("Surv(", left, ", event_) ~ .", if (!is.null(input$censoring_strata))
    paste0(" + strata(", input$censoring_strata, ")")))
  args <- list(f, data = d, etype = as.character(cause), id = d$row_)
  if (!is.null(input$weights)) args$weights <- d[[input$weights]]
  e <- do.call(finegray, args)
  for (ties in c("breslow", "efron")) {
    fit <- coxph(as.formula(paste("Surv(fgstart, fgstop, fgstatus) ~", input$covariates)), e, weights = fgwt, ties = ties,
                 cluster = e[[if (is.null(input$cluster)) "row_" else input$cluster]],
                 control = coxph.control(eps = 1e-11, iter.max = 60))
    add(paste(id, "finegray", ties, cause, sep = "."), "fine_gray", c(input, list(cause = cause)),
        list(program = "survival::finegray + coxph", ties = ties),
        list(n = nrow(d), terms = vec(xs), coef = vec(coef(fit)), robust_se = vec(sqrt(diag(fit$var))),
             naive_se = vec(sqrt(diag(fit$naive.var))), loglik = fit$loglik[2], loglik_null = fit$loglik[1],
             expanded_rows = nrow(e), sum_weights = sum(e$fgwt)), 1e-7)
  }
}

if (name == "bmt137") {
  t <- c(50, 100, 365, 1000, 2000)
  kms("os", list(time = "t1", status = "d1"), t)
  kms("dfs.subset", list(time = "t2", status = "d3", subset = "group == 2 & z3 == 1"), t)
  kms("dfs.weights", list(time = "t2", status = "d3", weights = "z9"), t)
  kms("dfs.cluster", list(time = "t2", status = "d3", cluster = "z9"), t)
  logranks("os", list(time = "t1", status = "d1", group = "group", strata = "z9"))
  logranks("dfs.subset", list(time = "t2", status = "d3", group = "group", subset = "z10 == 0 | group != 1"))
  coxes("dfs.exact", list(time = "t2", status = "d3", covariates = "group2 + group3 + z8"), exact = TRUE)
  coxes("dfs.factor", list(time = "t2", status = "d3", covariates = "factor(group) + z1c * z2c"))
  coxes("dfs.strata", list(time = "t2", status = "d3", covariates = "z8 + z1", strata = "z9", cluster = "z9"))
  coxes("dfs.weights", list(time = "t2", status = "d3", covariates = "z8 + z1", weights = "z9", cluster = "group"))
  ajs("cause", list(time = "t2", status = "cause"), t)
  ajs("cause.weights", list(time = "t2", status = "cause", weights = "z9"), t)
  grays("group", list(time = "t2", status = "cause", group = "group"))
  grays("group.strata", list(time = "t2", status = "cause", group = "group", strata = "z3"))
  for (k in 1:2) fine_grays("cause", list(time = "t2", status = "cause", covariates = "z1 + z8"), k)
  fine_grays("cause.strata", list(time = "t2", status = "cause", covariates = "z1 + z8", censoring_strata = "z3"))
  fine_grays("cause.weights", list(time = "t2", status = "cause", covariates = "z1 + z8", weights = "z9"))
  fine_grays("cause.cluster", list(time = "t2", status = "cause", covariates = "z1 + z8", cluster = "z9"))
} else if (name == "mgus2") {
  t <- c(12, 60, 120, 240)
  a <- c(700, 800, 900, 1000)
  kms("death", list(time = "futime", status = "death"), t)
  kms("death.age", list(time = "fage_out", status = "death", entry = "age_in", subset = "futime > 0"), a)
  logranks("death", list(time = "futime", status = "death", group = "sex", strata = "agegrp"))
  logranks("death.agegrp", list(time = "futime", status = "death", group = "agegrp"))
  coxes("death", list(time = "futime", status = "death", covariates = "age + male + hgb + creat"))
  coxes("death.strata", list(time = "futime", status = "death", covariates = "age + male", strata = "agegrp"))
  coxes("death.age", list(time = "fage_out", status = "death", covariates = "male + hgb", entry = "age_in", subset = "futime > 0"))
  coxes("death.age.strata", list(time = "fage_out", status = "death", covariates = "hgb + mspike", entry = "age_in",
                                 strata = "sex", cluster = "agegrp", subset = "futime > 0"))
  ajs("event", list(time = "etime", status = "event"), t)
  ajs("event.age", list(time = "age_out", status = "event", entry = "age_in", subset = "etime > 0"), a)
  grays("agegrp", list(time = "etime", status = "event", group = "agegrp"))
  grays("agegrp.strata", list(time = "etime", status = "event", group = "agegrp", strata = "sex"))
  for (k in 1:2) fine_grays("event.strata", list(time = "etime", status = "event", covariates = "age + hgb",
                                                 censoring_strata = "sex"), k)
  fine_grays("event.age", list(time = "age_out", status = "event", covariates = "male + hgb", entry = "age_in",
                               subset = "etime > 0"))
  fine_grays("event.age.strata", list(time = "age_out", status = "event", covariates = "hgb", entry = "age_in",
                                      censoring_strata = "sex", subset = "etime > 0"))
} else if (name == "heart") {
  t <- c(30, 100, 300, 800)
  kms("start", list(time = "stop", status = "event", entry = "start"), t)
  coxes("exact", list(time = "stop", status = "event", covariates = "age + surgery + transplant", entry = "start"), exact = TRUE)
  coxes("factor", list(time = "stop", status = "event", covariates = "age + factor(surgery) * transplant", entry = "start",
                       cluster = "id"))
  coxes("subset", list(time = "stop", status = "event", covariates = "age + year", entry = "start", strata = "surgery",
                       cluster = "id", subset = "transplant == 1"))
} else if (name == "ebmt3") {
  t <- c(30, 100, 365, 1500)
  kms("rfs", list(time = "rfstime", status = "rfsstat", subset = "age == '>40'"), t)
  logranks("rfs", list(time = "rfstime", status = "rfsstat", group = "dissub", strata = "tcd"))
  coxes("rfs", list(time = "rfstime", status = "rfsstat", covariates = "dissub + age + drmatch + tcd"))
  coxes("rfs.strata", list(time = "rfstime", status = "rfsstat", covariates = "age * drmatch", strata = "dissub"))
} else stop("no such data: ", name)
write_golden(name, paste("tools/make_survival_options_golden.R", name), paste0(name, ".csv"))
