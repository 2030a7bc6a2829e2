# Writes tests/golden/survival_r/random.json: analyses of random data with heavy ties, tiny groups and one-sided censoring
# by R's packages, in schema survival-golden/1. Versions go into the file.
#   usage   Rscript tools/make_survival_golden.R [seed [data sets]] > tests/golden/survival_r/random.json
#   needs   r-base-core r-cran-survival r-cran-cmprsk r-cran-etm r-cran-jsonlite (Debian)
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "survival_golden.R"))
args <- commandArgs(TRUE)
seed <- if (length(args) > 0) as.integer(args[1]) else 20261120L
sets <- if (length(args) > 1) as.integer(args[2]) else 12L
set.seed(seed)

# Whole days with many ties; delayed entry; weights in quarters; a few clusters; censoring late, early or none.
draw <- function(n, kind) {
  d <- data.frame(time = pmax(1, ceiling(rexp(n, 1 / 12))))
  d$cause <- sample(0:2, n, replace = TRUE, prob = switch(kind, ties = c(.3, .4, .3), late = c(.25, .45, .3),
                                                          none = c(0, .6, .4), tiny = c(.3, .4, .3)))
  if (kind == "late") d$cause[d$time <= median(d$time)] <- sample(1:2, sum(d$time <= median(d$time)), TRUE)
  d$status <- as.integer(d$cause == 1)
  d$entry <- pmax(0, d$time - sample(1:15, n, replace = TRUE))
  d$weights <- sample(1:8, n, replace = TRUE) / 4
  d$counts <- sample(1:3, n, replace = TRUE)
  d$group <- if (kind == "tiny") c(1, 2, 2, rep(3, n - 3)) else sample(1:3, n, replace = TRUE)
  d$arm <- rep(0:1, length.out = n)
  d$strata <- sample(1:2, n, replace = TRUE)
  d$cluster <- sample(1:max(4, n %/% 3), n, replace = TRUE)
  d$x1 <- round(rnorm(n), 2)
  d$x2 <- rbinom(n, 1, .5)
  d
}
inline <- function(d, roles, covariates = NULL) {
  input <- list()
  for (role in names(roles)) input[[paste0(role, "_values")]] <- vec(d[[roles[[role]]]])
  if (!is.null(covariates)) {
    input$covariates <- paste(covariates, collapse = " + ")
    input$covariates_values <- setNames(lapply(covariates, function(v) vec(d[[v]])), covariates)
  }
  input
}
bands <- c(plain = "plain", log = "log", `log-log` = "log-log", logit = "logit", arcsin = "arcsin")

km <- function(id, d) {
  times <- unique(pmin(c(2, 5, 9, 14, 20), max(d$time)))
  for (b in names(bands)) {
    fit <- survfit(Surv(time, status) ~ 1, d, conf.type = bands[[b]], conf.int = .9)
    q <- quantile(fit, c(.25, .5, .75))
    e <- c(list(n = fit$n, events = sum(fit$n.event)), curve_of(fit, times))
    e <- c(e, list(quantile_p = vec(c(.25, .5, .75)), quantile = vec(q$quantile), quantile_lower = vec(q$lower),
                   quantile_upper = vec(q$upper)))
    add(paste0(id, ".km.", b), "kaplan_meier", inline(d, c(time = "time", status = "status")),
        list(conf_type = b, conf_level = .9, variance = "greenwood"), e)
  }
  e <- curve_of(survfit(Surv(time, status) ~ 1, d, weights = counts), times)
  add(paste0(id, ".km.counts"), "kaplan_meier", inline(d, c(time = "time", status = "status", weights = "counts")),
      list(conf_type = "log", variance = "greenwood"), e)
  e <- curve_of(survfit(Surv(time, status) ~ 1, d, weights = weights, robust = TRUE), times)
  add(paste0(id, ".km.robust"), "kaplan_meier", inline(d, c(time = "time", status = "status", weights = "weights")),
      list(conf_type = "log", variance = "robust"), e)
  e <- curve_of(survfit(Surv(time, status) ~ 1, d, cluster = cluster), times)
  add(paste0(id, ".km.cluster"), "kaplan_meier", inline(d, c(time = "time", status = "status", cluster = "cluster")),
      list(conf_type = "log-log", variance = "robust"),
      within(e, {
        f <- summary(survfit(Surv(time, status) ~ 1, d, cluster = cluster, conf.type = "log-log"), times, extend = TRUE)
        lower <- vec(f$lower); upper <- vec(f$upper); rm(f)
      }))
  e <- curve_of(survfit(Surv(entry, time, status) ~ 1, d), times)
  e$n_risk <- NULL
  add(paste0(id, ".km.entry"), "kaplan_meier", inline(d, c(time = "time", status = "status", entry = "entry")),
      list(conf_type = "log", variance = "greenwood"), e)
  e <- curve_of(survfit(Surv(entry, time, status) ~ 1, d, weights = weights, cluster = cluster, robust = TRUE), times)
  e$n_risk <- NULL
  add(paste0(id, ".km.entry.weights.cluster"), "kaplan_meier",
      inline(d, c(time = "time", status = "status", entry = "entry", weights = "weights", cluster = "cluster")),
      list(conf_type = "log", variance = "robust"), e)
  fit <- survfit(Surv(time, status) ~ 1, d)
  at <- findInterval(times, fit$time)
  na <- function(x) vec(c(0, x)[at + 1])
  add(paste0(id, ".na"), "nelson_aalen", inline(d, c(time = "time", status = "status")), list(variance = "aalen"),
      list(time = vec(times), cumhaz = na(fit$cumhaz), se_cumhaz = na(fit$std.chaz)))
  fit <- survfit(Surv(time, status) ~ 1, d, ctype = 2)
  add(paste0(id, ".na.fh"), "nelson_aalen", inline(d, c(time = "time", status = "status")), list(ctype = 2),
      list(time = vec(times), cumhaz = na(fit$cumhaz), se_cumhaz = na(fit$std.chaz)))
  for (robust in c(FALSE, TRUE)) {
    fit <- survfit(Surv(time, status) ~ 1, d, weights = weights, stype = 2, ctype = 2, robust = robust)
    add(paste0(id, ".km.fh2.", robust), "kaplan_meier", inline(d, c(time = "time", status = "status", weights = "weights")),
        list(conf_type = "log", stype = 2, ctype = 2, robust = robust), curve_of(fit, times))
  }
  fit <- survfit(Surv(time, status == 0) ~ 1, d)
  add(paste0(id, ".reverse"), "reverse_kaplan_meier", inline(d, c(time = "time", status = "status")),
      list(conf_type = "log"), list(time = vec(times), surv = vec(summary(fit, times, extend = TRUE)$surv),
                                    median = unname(quantile(fit, .5, conf.int = FALSE))))
}

tests <- function(id, d) {
  # Where the covariance is singular but not quite, survdiff stops or divides by rounding errors: no reference.
  answered <- function(fit, observed, expected) {
    if (inherits(fit, "try-error")) return(FALSE)
    v <- fit$var[expected > 0, expected > 0, drop = FALSE]
    nrow(v) < 2 || rcond(v[-1, -1, drop = FALSE]) > 1e-10
  }
  for (rho in c(0, 1, .5)) {
    fit <- try(survdiff(Surv(time, status) ~ group, d, rho = rho), silent = TRUE)
    if (answered(fit, fit$obs, fit$exp))
      add(paste0(id, ".logrank.", rho), "logrank", inline(d, c(time = "time", status = "status", group = "group")),
          list(rho = rho), list(n = vec(fit$n), observed = vec(fit$obs), expected = vec(fit$exp), variance = mat(fit$var),
                                chisq = fit$chisq, df = sum(fit$exp > 0) - 1,
                                p = pchisq(fit$chisq, sum(fit$exp > 0) - 1, lower.tail = FALSE)))
    else unanswered("survdiff")
    fit <- try(survdiff(Surv(time, status) ~ group + strata(strata), d, rho = rho), silent = TRUE)
    if (inherits(fit, "try-error") || !answered(fit, rowSums(fit$obs), rowSums(fit$exp))) {
      unanswered("survdiff")
    } else {
      o <- rowSums(fit$obs); e <- rowSums(fit$exp)
      add(paste0(id, ".logrank.strata.", rho), "logrank",
          inline(d, c(time = "time", status = "status", group = "group", strata = "strata")), list(rho = rho),
          list(observed = vec(o), expected = vec(e), variance = mat(fit$var), chisq = fit$chisq))
    }
    fit <- try(cuminc(d$time, d$cause, d$group, d$strata, rho = rho), silent = TRUE)
    if (!inherits(fit, "try-error") && !is.null(fit$Tests) && all(is.finite(fit$Tests))) {
      t <- fit$Tests
      add(paste0(id, ".gray.", rho), "gray_test",
          inline(d, c(time = "time", status = "cause", group = "group", strata = "strata")), list(rho = rho),
          list(cause = vec(as.integer(rownames(t))), statistic = vec(t[, "stat"]), p = vec(t[, "pv"]), df = vec(t[, "df"])),
          1e-8)
    }
  }
}

aj <- function(id, d) {
  times <- unique(pmin(c(2, 5, 9, 14, 20), max(d$time)))
  if (!all(1:2 %in% d$cause)) return(unanswered("cuminc, a cause without events"))
  d$ev <- factor(d$cause, 0:2)
  one <- function(what, fit, input, etm_fit = NULL, cmprsk_fit = NULL, weighted = FALSE) {
    s <- summary(fit, times = times, extend = TRUE)
    col <- function(m) list(`1` = vec(m[, 2]), `2` = vec(m[, 3]))
    e <- list(time = vec(times), event_free = vec(s$pstate[, 1]), event_free_se_ij = vec(s$std.err[, 1]), cif = col(s$pstate),
              se_infinitesimal_jackknife = col(s$std.err), ci_log_lower = col(s$lower), ci_log_upper = col(s$upper))
    if (!is.null(cmprsk_fit)) {
      t <- timepoints(cmprsk_fit, times)
      e$se_aalen_cmprsk <- list(`1` = vec(sqrt(t$var["1 1", ])), `2` = vec(sqrt(t$var["1 2", ])))
    }
    add(paste0(id, ".aj", what), "aalen_johansen", c(input, list(causes = 1:2)), list(conf_type = "log", conf_level = .95), e)
  }
  one("", survfit(Surv(time, ev) ~ 1, d), inline(d, c(time = "time", status = "cause")), NULL, cuminc(d$time, d$cause))
  one(".weights", survfit(Surv(time, ev) ~ 1, d, weights = weights),
      inline(d, c(time = "time", status = "cause", weights = "weights")))
  # survfit 3.5-3 takes no notice of `cluster` in a multi-state curve: the influences are summed here instead.
  fit <- survfit(Surv(time, ev) ~ 1, d, influence = TRUE)
  u <- fit$influence.pstate
  at <- findInterval(times, fit$time)
  # influence.pstate holds time 0 first when it has one more column than there are times.
  shift <- dim(u)[2] - length(fit$time)
  se <- function(j) vec(ifelse(at == 0, 0, sqrt(apply(rowsum(matrix(u[, pmax(at, 1) + shift, j], nrow(d)), d$cluster)^2, 2, sum))))
  add(paste0(id, ".aj.cluster"), "aalen_johansen",
      c(inline(d, c(time = "time", status = "cause", cluster = "cluster")), list(causes = 1:2)), list(conf_type = "log"),
      list(time = vec(times), event_free_se_ij = se(1), se_infinitesimal_jackknife = list(`1` = se(2), `2` = se(3))))
  d$id <- seq_len(nrow(d))
  one(".entry", survfit(Surv(entry, time, ev) ~ 1, d, id = id),
      inline(d, c(time = "time", status = "cause", entry = "entry")))
}

cox <- function(id, d) {
  ctl <- coxph.control(eps = 1e-11, iter.max = 60)
  fine <- function(fit) !inherits(fit, "try-error") && all(abs(coef(fit)) < 8) && all(is.finite(coef(fit)))
  put <- function(what, fit, input, options, zph = TRUE)
    if (fine(fit)) {
      e <- try(suppressWarnings(cox_of(fit, zph)), silent = TRUE)
      if (inherits(e, "try-error")) unanswered("coxph") else add(paste0(id, ".cox.", what), "cox", input, options, e, 1e-7)
    }
  roles <- c(time = "time", status = "status")
  xs <- c("x1", "x2")
  for (ties in c("efron", "breslow")) {
    ff <- function(...) try(suppressWarnings(coxph(..., data = d, ties = ties, control = ctl)), silent = TRUE)
    put(ties, ff(Surv(time, status) ~ x1 + x2), inline(d, roles, xs), list(ties = ties))
    put(paste0(ties, ".strata"), ff(Surv(time, status) ~ x1 + x2 + strata(strata)), inline(d, c(roles, strata = "strata"), xs),
        list(ties = ties))
    put(paste0(ties, ".entry"), ff(Surv(entry, time, status) ~ x1 + x2), inline(d, c(roles, entry = "entry"), xs),
        list(ties = ties))
    put(paste0(ties, ".weights"), ff(Surv(time, status) ~ x1 + x2, weights = weights, robust = FALSE),
        inline(d, c(roles, weights = "weights"), xs), list(ties = ties), FALSE)
    put(paste0(ties, ".weights.cluster"), ff(Surv(time, status) ~ x1 + x2, weights = weights, cluster = cluster),
        inline(d, c(roles, weights = "weights", cluster = "cluster"), xs), list(ties = ties), FALSE)
    put(paste0(ties, ".entry.strata.cluster"), ff(Surv(entry, time, status) ~ x1 + x2 + strata(strata), cluster = cluster),
        inline(d, c(roles, entry = "entry", strata = "strata", cluster = "cluster"), xs), list(ties = ties), FALSE)
  }
  exact <- function(fit, input, what) if (fine(fit)) {
    add(paste0(id, ".cox.", what), "cox", input, list(ties = "exact"),
        list(coef = vec(coef(fit)), se = vec(sqrt(diag(fit$var))), vcov = mat(fit$var), loglik_null = fit$loglik[1],
             loglik = fit$loglik[2], score_chisq = fit$score, lr_chisq = 2 * diff(fit$loglik), wald_chisq = unname(fit$wald.test)),
        1e-6)
  }
  exact(try(suppressWarnings(coxph(Surv(time, status) ~ x1 + x2, d, ties = "exact", control = ctl)), silent = TRUE),
        inline(d, roles, xs), "exact")
  exact(try(suppressWarnings(coxph(Surv(entry, time, status) ~ x1 + x2 + strata(strata), d, ties = "exact", control = ctl)),
            silent = TRUE), inline(d, c(roles, entry = "entry", strata = "strata"), xs), "exact.entry.strata")
}

fg <- function(id, d) {
  xs <- c("x1", "x2")
  roles <- c(time = "time", status = "cause")
  d$ev <- factor(d$cause, 0:2)
  d$id <- seq_len(nrow(d))
  put_crr <- function(what, fit, input) if (!inherits(fit, "try-error") && fit$converged && isTRUE(all(abs(fit$coef) < 8))) {
    times <- c(3, 8, 15)
    p <- predict(fit, cov1 = rbind(c(.5, 1), c(0, 0)))
    at <- findInterval(times, p[, 1])
    add(paste0(id, ".fg.crr", what), "fine_gray", c(input, list(cause = 1)), list(program = "cmprsk::crr", ties = "breslow"),
        list(n = nrow(d), coef = vec(fit$coef), se = vec(sqrt(diag(fit$var))), vcov = mat(fit$var), loglik = fit$loglik,
             loglik_null = fit$loglik.null, converged = TRUE,
             predicted_cif = list(newdata = list(list(x1 = .5, x2 = 1), list(x1 = 0, x2 = 0)), time = vec(times),
                                  cif = list(vec(c(0, p[, 2])[at + 1]), vec(c(0, p[, 3])[at + 1])))), 1e-6)
  }
  put_crr("", try(crr(d$time, d$cause, as.matrix(d[xs])), silent = TRUE), inline(d, roles, xs))
  put_crr(".strata", try(crr(d$time, d$cause, as.matrix(d[xs]), cengroup = d$strata), silent = TRUE),
          inline(d, c(roles, censoring_strata = "strata"), xs))
  ctl <- coxph.control(eps = 1e-11, iter.max = 60)
  # strata: of the censoring distribution; base: of the baseline. finegray() 3.5-3 gives rows of a stratum the case weights
  # of other rows: they are multiplied in here instead.
  for (ties in c("breslow", "efron")) for (what in c("", ".strata", ".weights", ".strata.weights", ".entry", ".entry.strata",
                                                     ".base", ".base.strata.cluster", ".base.entry.weights")) {
    has <- function(part) grepl(part, what, fixed = TRUE)
    # finegray() 3.5-3 forgets the rows of a stratum in which nobody has the event.
    if (has(".strata") && any(tapply(d$cause == 1, d$strata, sum) == 0)) next
    entry <- has(".entry")
    f <- as.formula(paste(if (entry) "Surv(entry, time, ev) ~ ." else "Surv(time, ev) ~ .", if (has(".strata")) "+ strata(strata)"))
    keep <- c("time", "ev", "x1", "x2", "id", "strata", "arm", "cluster", "weights", if (entry) "entry")
    e <- try(if (entry) finegray(f, d[keep], etype = "1", id = id) else finegray(f, d[keep], etype = "1"), silent = TRUE)
    if (inherits(e, "try-error")) next
    e$weight <- if (has(".weights")) e$fgwt * e$weights else e$fgwt
    e$who <- if (has(".cluster")) e$cluster else e$id
    f <- as.formula(paste("Surv(fgstart, fgstop, fgstatus) ~ x1 + x2", if (has(".base")) "+ strata(arm)"))
    fit <- try(suppressWarnings(coxph(f, e, weights = weight, cluster = who, ties = ties, control = ctl)), silent = TRUE)
    if (inherits(fit, "try-error") || !isTRUE(all(abs(coef(fit)) < 8))) next
    if (!all(is.finite(e$fgwt))) next
    r <- c(roles, if (has(".strata")) c(censoring_strata = "strata"), if (has(".weights")) c(weights = "weights"),
           if (entry) c(entry = "entry"), if (has(".base")) c(strata = "arm"), if (has(".cluster")) c(cluster = "cluster"))
    add(paste0(id, ".fg.finegray.", ties, what), "fine_gray", c(inline(d, r, xs), list(cause = 1)),
        list(program = "survival::finegray + coxph", ties = ties),
        list(n = nrow(d), coef = vec(coef(fit)), robust_se = vec(sqrt(diag(fit$var))), naive_se = vec(sqrt(diag(fit$naive.var))),
             loglik = fit$loglik[2], loglik_null = fit$loglik[1], expanded_rows = nrow(e), sum_weights = sum(e$weight)), 1e-7)
  }
}

# Illness and death, by etm (Greenwood covariance) and by survfit (jackknife).
states <- function(id, n) {
  ill <- ceiling(rexp(n, 1 / 8)); dead <- ceiling(rexp(n, 1 / 14)); out <- ceiling(runif(n, 2, 30))
  long <- do.call(rbind, lapply(seq_len(n), function(i) {
    end <- min(dead[i], out[i])
    died <- dead[i] <= out[i]
    if (ill[i] < end) rbind(data.frame(id = i, from = 1, to = 2, entry = 0, time = ill[i]),
                            data.frame(id = i, from = 2, to = if (died) 3 else NA, entry = ill[i], time = end))
    else data.frame(id = i, from = 1, to = if (died) 3 else NA, entry = 0, time = end)
  }))
  times <- c(3, 7, 12)
  tra <- matrix(FALSE, 3, 3); tra[1, 2] <- tra[1, 3] <- tra[2, 3] <- TRUE
  el <- data.frame(id = long$id, from = long$from, to = ifelse(is.na(long$to), "cens", long$to), entry = long$entry,
                   exit = long$time)
  input <- list(states = c("well", "ill", "dead"), transitions = list(c(1, 2), c(1, 3), c(2, 3)),
                id_values = vec(long$id), from_values = vec(long$from), to_values = vec(long$to), entry_values = vec(long$entry),
                time_values = vec(long$time))
  for (s in c(0, 4)) {
    fit <- etm(el, as.character(1:3), tra, "cens", s = s)
    tt <- times[times > s]
    at <- findInterval(tt, fit$time)
    P <- lapply(1:3, function(h) lapply(1:3, function(j) vec(ifelse(at == 0, as.numeric(h == j), fit$est[h, j, pmax(at, 1)]))))
    cov <- fit$cov
    se <- lapply(1:3, function(h) lapply(1:3, function(j) {
      k <- paste(h, j)
      vec(ifelse(at == 0, 0, sqrt(pmax(0, cov[k, k, pmax(at, 1)]))))
    }))
    add(paste0(id, ".P_", s), "transition_probabilities", c(input, list(from_time = s)), list(variance = "greenwood"),
        list(time = vec(tt), P = P, se = se), 1e-8)
  }
  ev <- factor(ifelse(is.na(long$to), 0, long$to), 0:3, c("cens", "well", "ill", "dead"))
  long$istate <- factor(c("well", "ill")[long$from], c("well", "ill", "dead"))
  fit <- survfit(Surv(entry, time, ev) ~ 1, long, id = id, istate = istate)
  su <- summary(fit, times = times, extend = TRUE)
  k <- match(c("well", "ill", "dead"), fit$states)
  add(paste0(id, ".occupancy"), "state_occupancy", input, list(conf_type = "log"),
      list(time = vec(times), pstate = lapply(k, function(j) vec(su$pstate[, j])), se = lapply(k, function(j) vec(su$std.err[, j]))))
}

recurrent <- function(id, n) {
  rows <- do.call(rbind, lapply(seq_len(n), function(i) {
    out <- sample(5:30, 1)
    ev <- sort(unique(ceiling(runif(rpois(1, 2), 0, out - 1))))
    data.frame(id = i, entry = c(0, ev), time = c(ev, out), status = c(rep(1, length(ev)), 0))
  }))
  fit <- survfit(Surv(entry, time, status) ~ 1, rows, id = id, cluster = id)
  times <- c(3, 8, 15, 25)
  at <- findInterval(times, fit$time)
  add(paste0(id, ".mcf"), "mean_cumulative_function",
      list(time_values = vec(rows$time), status_values = vec(rows$status), entry_values = vec(rows$entry), cluster_values = vec(rows$id)),
      list(variance = "robust"), list(time = vec(times), mcf = vec(c(0, fit$cumhaz)[at + 1]), se = vec(c(0, fit$std.chaz)[at + 1])))
}

kinds <- c("ties", "late", "none", "tiny")
for (k in seq_len(sets)) {
  kind <- kinds[(k - 1) %% 4 + 1]
  d <- draw(sample(c(12, 25, 40, 80), 1), kind)
  d$cluster0 <- seq_len(nrow(d))
  id <- sprintf("random%02d.%s", k, kind)
  km(id, d); tests(id, d); aj(id, d); cox(id, d); fg(id, d); states(id, sample(c(8, 20, 40), 1)); recurrent(id, sample(4:20, 1))
}
write_golden("random", paste("tools/make_survival_golden.R", seed, sets))
