# What the scripts that write references of schema survival-golden/1 share: collecting cases, reading fits, writing the file.
suppressWarnings(suppressMessages({library(survival); library(cmprsk); library(etm); library(jsonlite)}))

cases <- list()
add <- function(id, method, input, options, expect, tol = 1e-9) {
  cases[[length(cases) + 1]] <<- list(id = id, method = method, input = input, options = options, expect = expect,
                                      rel_tol = tol)
}
# Analyses for which R itself has no answer are counted, and said on the error stream.
no_answer <- character()
unanswered <- function(what) no_answer <<- c(no_answer, what)
vec <- function(x) I(as.vector(unname(x)))
mat <- function(m) lapply(seq_len(nrow(m)), function(i) vec(m[i, ]))

curve_of <- function(fit, times) {
  s <- summary(fit, times = times, extend = TRUE)
  list(time = vec(times), n_risk = vec(s$n.risk), surv = vec(s$surv), se = vec(s$std.err), lower = vec(s$lower),
       upper = vec(s$upper), cumhaz = vec(s$cumhaz))
}

cox_of <- function(fit, zph = TRUE) {
  s <- summary(fit)
  e <- list(n = fit$n, events = fit$nevent, terms = vec(names(coef(fit))), coef = vec(coef(fit)),
            loglik_null = fit$loglik[1], loglik = fit$loglik[2], lr_chisq = unname(s$logtest[1]), score_chisq = fit$score,
            wald_chisq = unname(fit$wald.test), df = unname(s$logtest[2]),
            concordance = unname(s$concordance[1]), concordance_se = unname(s$concordance[2]),
            martingale_first5 = vec(residuals(fit, "martingale")[1:5]))
  naive <- if (is.null(fit$naive.var)) fit$var else fit$naive.var
  e$se <- vec(sqrt(diag(naive)))
  e$vcov <- mat(naive)
  if (!is.null(fit$naive.var)) {
    e$robust_se <- vec(sqrt(diag(fit$var)))
    e$robust_vcov <- mat(fit$var)
    e$robust_score_chisq <- fit$rscore
  }
  if (zph) {
    for (tr in c("km", "rank", "identity")) {
      z <- cox.zph(fit, transform = tr)$table
      e[[paste0("zph")]] <- list(transform = tr, chisq = vec(z[-nrow(z), 1]), df = vec(z[-nrow(z), 2]),
                                 global = list(chisq = z["GLOBAL", 1], df = z["GLOBAL", 2], p = z["GLOBAL", 3]))
      if (runif(1) < .5) break
    }
    sch <- as.matrix(residuals(fit, "schoenfeld"))
    e$sum_sq_schoenfeld <- vec(colSums(sch^2))
    e$sum_sq_score <- vec(colSums(as.matrix(residuals(fit, "score"))^2))
    e$sum_sq_dfbeta <- vec(colSums(as.matrix(residuals(fit, "dfbeta"))^2))
    e$deviance_first5 <- vec(residuals(fit, "deviance")[1:5])
    times <- c(3, 8, 15)
    if (is.null(attr(fit$terms, "specials")$strata)) {
      new <- data.frame(x1 = .5, x2 = 1)
      p <- summary(survfit(fit, newdata = new), times = times, extend = TRUE)
      e$predicted <- list(newdata = list(list(x1 = .5, x2 = 1)), time = vec(times), surv = list(vec(p$surv)),
                          cumhaz = list(vec(p$cumhaz)), se = list(vec(p$std.err)), lower = list(vec(p$lower)),
                          upper = list(vec(p$upper)))
      b <- basehaz(fit, centered = FALSE)
      at <- findInterval(times, b$time)
      e$baseline_cumhaz <- list(all = list(time = vec(times), hazard = vec(c(0, b$hazard)[at + 1])))
    }
  }
  e
}

write_golden <- function(dataset, source, file = NULL) {
  software <- lapply(c(survival = "survival", cmprsk = "cmprsk", etm = "etm"), function(p) as.character(packageVersion(p)))
  out <- list(schema = "survival-golden/1", dataset = dataset, source = source, file = file,
              software = c(list(R = paste(R.version$major, R.version$minor, sep = ".")), software), cases = cases)
  cat(toJSON(out, auto_unbox = TRUE, digits = NA, null = "null", na = "null"), "\n")
  if (length(no_answer) > 0)
    message("R has no answer: ", paste(sprintf("%s %d times", names(table(no_answer)), table(no_answer)), collapse = ", "))
}
