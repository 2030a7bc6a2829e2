# Called by run.sh: the same analyses in R, their seconds (processor time of this process), and whether the numbers agree.
suppressWarnings(suppressMessages({library(survival); library(cmprsk); library(prodlim)}))
args <- commandArgs(TRUE)
folder <- args[1]
n <- args[2]
data.table::setDTthreads(1)
ours <- function(file) {
  parts <- strsplit(readLines(file.path(folder, file)), "\t")
  setNames(lapply(parts, function(p) list(seconds = as.numeric(p[2]), exponent = p[3], memory = p[4],
                                          values = as.numeric(p[-(1:4)]))), sapply(parts, `[`, 1))
}
large <- ours("large.tsv")
small <- ours("small.tsv")
d <- as.data.frame(data.table::fread(file.path(folder, "large.csv")))
s <- read.csv(file.path(folder, "small.csv"))
failed <- FALSE
at <- c(100, 400, 1000)
timed <- function(expression) {
  gc()
  seconds <- system.time(value <- expression)
  list(seconds = unname(seconds[1] + seconds[2]), value = value)
}
line <- function(what, mine, program, r, values, tolerance) {
  mine_values <- mine$values[seq_along(values)]
  difference <- max(abs(mine_values - values) / pmax(abs(values), 1e-3))
  agrees <- is.finite(difference) && difference < tolerance
  if (!agrees) failed <<- TRUE
  cat(sprintf("| %s | %.4g | %s | %s | %s | %.3g | %.0f x | %.1e %s |\n", what, mine$seconds, mine$exponent, mine$memory, program,
              r$seconds, r$seconds / mine$seconds, difference, if (agrees) "" else "DISAGREES"))
}
both <- function(fit, i) as.vector(rbind(fit$surv[i], fit$surv[i] * fit$std.err[i]))
cat(sprintf("R %s, survival %s, cmprsk %s, prodlim %s; n = %s\n\n", getRversion(), packageVersion("survival"),
            packageVersion("cmprsk"), packageVersion("prodlim"), n))
cat("| | graftline, s | exponent | memory | R | R, s | ratio | largest difference |\n|---|---|---|---|---|---|---|---|\n")
fit <- timed(survfit(Surv(time, status) ~ 1, d))
line("Kaplan-Meier", large$kaplan_meier, "survfit", fit, both(fit$value, findInterval(at, fit$value$time)), 1e-9)
fit <- timed(prodlim(Hist(time, status) ~ 1, d))
i <- findInterval(at, fit$value$time)
line("", large$kaplan_meier, "prodlim", fit, as.vector(rbind(fit$value$surv[i], fit$value$se.surv[i])), 1e-9)
fit <- timed(prodlim(Hist(time, cause) ~ 1, d))
i <- findInterval(at, fit$value$time)
line("Aalen-Johansen", large$aalen_johansen, "prodlim", fit,
     as.vector(rbind(fit$value$cuminc[[1]][i], fit$value$se.cuminc[[1]][i])), 1e-4)
fit <- timed(survdiff(Surv(time, status) ~ group, d))
line("log-rank", large$logrank, "survdiff", fit, fit$value$chisq, 1e-9)
fit <- timed(cuminc(d$time, d$cause, d$group))
line("Gray", large$gray, "cuminc", fit, fit$value$Tests["1", "stat"], 1e-8)
cox_values <- function(fit) c(coef(fit), sqrt(diag(vcov(fit))), fit$loglik[2])
fit <- timed(coxph(Surv(time, status) ~ x1 + x2 + x3 + x4 + x5, d, ties = "efron"))
line("Cox, 5 covariates, Efron", large$cox, "coxph", fit, cox_values(fit$value), 1e-6)
fit <- timed(coxph(Surv(entry, time, status) ~ x1 + x2 + x3 + x4 + x5, d, ties = "efron"))
line("Cox, delayed entry", large$cox_start_stop, "coxph", fit, cox_values(fit$value), 1e-6)
fit <- timed(crr(s$time, s$cause, as.matrix(s[paste0("x", 1:5)])))
line("Fine-Gray, n = 2000", small$fine_gray, "crr", fit, c(fit$value$coef, sqrt(diag(fit$value$var))), 1e-6)
e <- NULL
fit <- timed({
  s$event <- factor(s$cause)
  e <- finegray(Surv(time, event) ~ ., s, etype = "1")
  coxph(Surv(fgstart, fgstop, fgstatus) ~ x1 + x2 + x3 + x4 + x5, e, weights = fgwt, ties = "breslow")
})
line("Fine-Gray, n = 2000", small$fine_gray, "finegray + coxph", fit, coef(fit$value), 0.05)
cat(sprintf("\nFine-Gray, n = %s: %.3g s, exponent %s, memory %s\n", n, large$fine_gray$seconds, large$fine_gray$exponent,
            large$fine_gray$memory))
cat(sprintf("One trial of 200 patients, Kaplan-Meier + log-rank + cumulative incidence + Gray: %.1f us\n",
            1e6 * large$trial_of_200$seconds))
if (failed) quit(status = 1)
